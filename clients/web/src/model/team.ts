/** Whom a person can call in their programme. */

import type { EntryOf } from 'handrail'
import { dutyAt } from './duty.ts'

/** The hours of a line that is always open. */
export const ALL_DAY = '24/7'

/** A number, and when it is answered: until "20:00" today, or in the programme's own words. */
export type TeamLine = { number: string } & ({ until: string } | { hours: string })

/** The front desk while staff are there, else the programme's own line. */
export function lineNow(programme: EntryOf<'programme'>['doc'], now: number): TeamLine | null {
  const duty = dutyAt(now, programme.staffed_hours, programme.time_zone)
  if (duty?.here) {
    const { number } = programme.contacts.front_desk
    return duty.until === null ? { number, hours: ALL_DAY } : { number, until: duty.until }
  }
  const line = programme.helplines.find(({ kind }) => kind === 'programme')
  return line ? { number: line.number, hours: line.hours } : null
}
