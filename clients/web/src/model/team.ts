/** Whom a person can call in their programme. */

import type { EntryOf } from 'handrail'
import { dutyAt } from '../screens/help/duty.ts'

/** A number, and until when staff are there: "20:00"; null for a line that is always open. */
export interface TeamLine {
  number: string
  until: string | null
}

/** The front desk while staff are there, else the programme's own line. */
export function lineNow(programme: EntryOf<'programme'>['doc'], now: number): TeamLine | null {
  const duty = dutyAt(new Date(now), programme.staffed_hours, programme.time_zone)
  if (duty?.here) return { number: programme.contacts.front_desk.number, until: duty.until }
  const line = programme.helplines.find(({ kind }) => kind === 'programme')
  return line ? { number: line.number, until: null } : null
}
