/** Dates for pages that look far back. */

import { formatter, type When } from './text.ts'

/** A day without its name, with the year if it is not this one: "November 2". Written as YYYY-MM-DD,
 *  or a moment. */
export function date(at: When | string): string {
  const when = typeof at === 'string' ? Date.parse(`${at}T12:00:00Z`) : +at
  const isOther = new Date(when).getFullYear() !== new Date().getFullYear()
  const year = isOther ? { year: 'numeric' as const } : {}
  const zone = typeof at === 'string' ? { timeZone: 'UTC' } : {}
  return formatter({ month: 'long', day: 'numeric', ...year, ...zone }).format(when)
}

/** "Nov 9 – 15". Both are YYYY-MM-DD. */
export function days(from: string, to: string): string {
  const [start, end] = [from, to].map((each) => new Date(`${each}T12:00:00Z`)) as [Date, Date]
  return formatter({ month: 'short', day: 'numeric', timeZone: 'UTC' }).formatRange(start, end)
}
