import { signal } from '@preact/signals'

const MINUTE = 60_000

/** The time on this phone, for what a page shows. It moves on each minute, and when the app is
 *  looked at again. */
export const now = signal(new Date())

function move(): void {
  now.value = new Date()
}

export function startClock(): void {
  setInterval(move, MINUTE)
  document.addEventListener('visibilitychange', move)
}
