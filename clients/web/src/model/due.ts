/** What Today makes of the check-ins: which one is due, and whether the last days were hard. */

import type { EntryOf } from 'handrail'
import type { Asked, Own, Slot } from './check_in.ts'
import { DAY_MS } from './days.ts'

const EVENING_FROM = 15
const LAPSE_MS = 3 * DAY_MS

/** Which check-in is due at this hour. */
export function slotAt(asked: Asked, hour: number): Slot {
  const wanted = hour < EVENING_FROM ? 'morning' : 'evening'
  if (asked.slots.includes(wanted) && asked.slots.length > 1) return wanted
  return asked.slots.includes('day') ? 'day' : (asked.slots[0] ?? 'day')
}

/** Whether an answer of the last 72 hours spoke of use. */
export function isAfterLapse(checkIns: readonly EntryOf<'check_in'>[], own: readonly Own[], now: number): boolean {
  const spoken = [
    ...checkIns.filter(({ doc }) => doc.used).map(({ doc }) => Date.parse(doc.recorded_at)),
    ...own.filter(({ answers }) => answers.used).map(({ at }) => at),
  ]
  return spoken.some((at) => now - LAPSE_MS < at)
}
