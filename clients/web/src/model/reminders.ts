/** How a person wants to be reminded of sessions. */

import type { EntryOf, Inputs } from 'handrail'

type Programme = Pick<EntryOf<'programme'>['doc'], 'time_zone' | 'quiet_hours' | 'reminders'>
type Preferences = EntryOf<'reminder_preferences'>

export interface Wishes {
  zone: string
  /** `['21:30', '07:30']`, on a clock in that zone. */
  quiet: readonly [string, string] | null
  /** Minutes before a session, the longest first. */
  leads: readonly number[]
}

/** As many as the server takes. */
const MOST = 5
const USUAL = [1440, 120, 60, 15]

/** Who has set nothing has the programme's times. What waits to be sent may have only some fields. */
export function wishesOf(preferences: Preferences | undefined, programme: Programme | undefined): Wishes | null {
  const doc: Partial<Preferences['doc']> = preferences?.doc ?? {}
  const zone = doc.time_zone ?? programme?.time_zone
  const leads = doc.lead_minutes ?? programme?.reminders.lead_minutes
  if (zone === undefined || leads === undefined) return null
  const { quiet_start: start, quiet_end: end } = doc
  const usual = programme ? ([programme.quiet_hours.from, programme.quiet_hours.to] as const) : null
  const quiet = start === undefined ? usual : start && end ? ([start.slice(0, 5), end.slice(0, 5)] as const) : null
  return { zone, quiet, leads: [...leads].sort((one, other) => other - one) }
}

/** What can be chosen: those that are set, and the usual times while there is room for another. */
export function choicesOf(leads: readonly number[]): number[] {
  return [...new Set([...leads, ...(isFull(leads) ? [] : USUAL)])].sort((one, other) => other - one)
}

export function toggled(leads: readonly number[], lead: number, on: boolean): number[] {
  const others = leads.filter((each) => each !== lead)
  return (on ? [...others, lead] : others).sort((one, other) => other - one)
}

export function isFull(leads: readonly number[]): boolean {
  return leads.length >= MOST
}

/** Every half hour, and the times that are set. */
export function halfHours(set: readonly string[]): string[] {
  const all = Array.from({ length: 48 }, (_, n) => `${String(n >> 1).padStart(2, '0')}:${n % 2 ? '30' : '00'}`)
  return [...new Set([...all, ...set])].sort()
}

/** Those that are still to come, the next first. */
export function comingReminders(reminders: readonly EntryOf<'reminder'>[], now: number): EntryOf<'reminder'>['doc'][] {
  return reminders
    .map(({ doc }) => doc)
    .filter(({ due_at }) => Date.parse(due_at) > now)
    .sort((one, other) => one.due_at.localeCompare(other.due_at))
}

type Change = Inputs['care.set_reminder_preferences']

/** What the person wanted, where it differs from what holds now: names of the fields. */
export function differing(mine: Change, now: Wishes): ('zone' | 'quiet' | 'leads')[] {
  const wanted = withChange(now, mine)
  return (['zone', 'quiet', 'leads'] as const).filter((field) => String(wanted[field]) !== String(now[field]))
}

export function withChange(now: Wishes, change: Change): Wishes {
  const { time_zone, quiet_start: start, quiet_end: end, lead_minutes } = change
  const quiet = start === undefined ? now.quiet : start && end ? ([start.slice(0, 5), end.slice(0, 5)] as const) : null
  const leads = lead_minutes ? [...lead_minutes].sort((one, other) => other - one) : now.leads
  return { zone: time_zone ?? now.zone, quiet, leads }
}
