// Paths on a grid of 24, stroke 1.75. The console draws the same ones.
import PATHS from './icons.json'

export type IconName = keyof typeof PATHS

/** Always beside words, so screen readers skip it. `end`: at the end of a button or a row. */
export function Icon({ name, end }: { name: IconName; end?: boolean }) {
  return (
    <svg class={end ? 'icon end' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The rail: stairs with a line beside them. The one drawing of empty pages. */
export function RailDrawing() {
  return (
    <svg class="drawing" viewBox="0 0 96 72" aria-hidden="true">
      <path d="M6 66h15V56h15V46h15V36h15V26h15V16h9M28 56V36M58 36V16M12 47 76 4" />
    </svg>
  )
}
