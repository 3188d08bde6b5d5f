/** Hours of care in a week, as the record counts them. */

import type { EntryOf } from 'handrail'
import type { Day } from './days.ts'
import { type Session, coming } from './sessions.ts'

export interface Week {
  /** In hours; a half is possible. */
  done: number
  target: number
  /** Sessions that still come in this week. */
  left: number
}

export type Weeks = readonly EntryOf<'week_of_hours'>[]

/** Null if no hours were agreed for this week. */
export function weekAt(today: Day, weeks: Weeks, sessions: readonly Session[], now: number): Week | null {
  const week = weeks.find(({ doc }) => doc.week_start <= today && today <= doc.week_end)?.doc
  if (!week || week.minutes_target <= 0) return null
  const left = coming(sessions, now).filter(({ day, cancelled }) => !cancelled && day <= week.week_end)
  return { done: hours(week.minutes_done), target: hours(week.minutes_target), left: left.length }
}

/** To half an hour, as people say it. */
export function hours(minutes: number): number {
  return Math.floor(minutes / 30) / 2
}
