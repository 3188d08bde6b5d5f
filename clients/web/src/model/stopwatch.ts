/** Time that goes on while the app is closed: only its start is kept. */
export interface Stopwatch {
  /** Seconds before `since`. */
  spent: number
  /** Running since then, in milliseconds; null while it stands. */
  since: number | null
}

export const UNUSED: Stopwatch = { spent: 0, since: null }

/** Seconds, at most `most`: it stops by itself. A clock that was turned back takes none away. */
export function spentAt({ spent, since }: Stopwatch, now: number, most: number): number {
  const running = since === null ? 0 : Math.max(0, now - since) / 1000
  return Math.min(most, Math.floor(spent + running))
}

export function started(watch: Stopwatch, now: number): Stopwatch {
  return watch.since === null ? { ...watch, since: now } : watch
}

export function stopped(watch: Stopwatch, now: number, most: number): Stopwatch {
  return { spent: spentAt(watch, now, most), since: null }
}
