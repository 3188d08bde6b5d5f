import { language } from './text.ts'

/** "120 KB", "1.2 MB" */
export function size(bytes: number): string {
  const [value, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1000)), 'KB'] : [bytes / 1e6, 'MB']
  const format = new Intl.NumberFormat(`${language.value}-US`, { maximumFractionDigits: 1 })
  return `${format.format(value)}\u00a0${unit}`
}
