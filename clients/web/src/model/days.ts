/** Days on the calendar of a time zone. Times are milliseconds since 1970. */

/** YYYY-MM-DD */
export type Day = string

export const DAY_MS = 86_400_000

/** The zone that this phone is set to. */
export function phoneZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

const walls = new Map<string, Intl.DateTimeFormat>()
const NUMERIC = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const

/** What a clock on the wall of the zone shows: `['2026-11-19', '18:00']`. Without one, that of this phone. */
export function wallTime(at: number, zone?: string): [Day, string] {
  if (zone === undefined) {
    // A page asks this many times, and no format is made or asked for it.
    const here = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString()
    return [here.slice(0, 10), here.slice(11, 16)]
  }
  const wall = walls.get(zone) ?? new Intl.DateTimeFormat('en-US', { ...NUMERIC, hourCycle: 'h23', timeZone: zone })
  walls.set(zone, wall)
  const [month, day, year, hour, minute] = wall.format(at).match(/\d+/g)!
  return [`${year}-${month}-${day}`, `${hour}:${minute}`]
}

export function dayOf(at: number, zone?: string): Day {
  return wallTime(at, zone)[0]
}

export function hourOf(at: number, zone?: string): number {
  return Number(wallTime(at, zone)[1].slice(0, 2))
}

/** What stands in an address need not be one. */
export function isDay(text: string): text is Day {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(noonOf(text)) && later(text, 0) === text
}

/** The day as a moment, to be shown in UTC: no zone then moves it to the next day. */
export function noonOf(day: Day): number {
  return Date.parse(`${day}T12:00:00Z`)
}

export function later(day: Day, days: number): Day {
  return new Date(noonOf(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** From `first` to `last`; below 0 if `last` is the earlier one. */
export function daysBetween(first: Day, last: Day): number {
  return Math.round((noonOf(last) - noonOf(first)) / DAY_MS)
}
