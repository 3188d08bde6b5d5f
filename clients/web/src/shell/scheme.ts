import { effect, signal } from '@preact/signals'
import { recall, remember } from './settings.ts'

export const SCHEMES = ['system', 'light', 'dark'] as const
export type Scheme = (typeof SCHEMES)[number]

export const scheme = signal<Scheme>(SCHEMES.find((name) => name === recall('scheme')) ?? 'system')

effect(() => {
  if (scheme.value === 'system') delete document.documentElement.dataset.scheme
  else document.documentElement.dataset.scheme = scheme.value
})

export function choose(chosen: Scheme): void {
  remember('scheme', chosen)
  scheme.value = chosen
}
