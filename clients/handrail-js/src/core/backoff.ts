/** Exponential backoff with full jitter, so that phones do not all come back at once. */

const FIRST = 0.5
const LONGEST = 60

/** Seconds to wait before retry number `attempt`, counted from 1. What the server asks for is added
 *  to the jitter, and never replaces it. `random` gives a number from 0 to 1. */
export function wait(attempt: number, random: () => number, atLeast: number | null = null): number {
  return (atLeast ?? 0) + random() * Math.min(LONGEST, FIRST * 2 ** attempt)
}
