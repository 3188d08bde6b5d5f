/** The sessions of a week and its hours, for the page that shows them one by one. */

import type { EntryOf } from 'handrail'
import type { Day } from './days.ts'
import type { Session } from './sessions.ts'
import type { Weeks } from './week.ts'

/** `open`: over, and not confirmed yet. */
export type Went = 'present' | 'absent' | 'excused' | 'open' | 'now' | 'coming'

export interface Planned {
  id: string
  title: string
  starts: number
  zone: string
  place: string
  went: Went
  minutes: number
  /** Null: it is no longer on the timetable of this phone. */
  session: Session | null
}

/** The sessions of a week in order of time: what was attended, and what still comes. `zone`: of the
 *  programme, for sessions that have left the timetable. */
export function plannedIn(
  week: { week_start: Day; week_end: Day },
  attendance: readonly EntryOf<'attendance'>[],
  sessions: readonly Session[],
  now: number,
  zone: string,
): Planned[] {
  const attended = attendance
    .filter(({ doc }) => doc.week_start === week.week_start)
    .map(({ doc }): Planned => {
      const session = sessions.find(({ id }) => id === doc.appointment_id) ?? null
      const { title, status, credited_minutes: minutes } = doc
      const place = { zone: session?.zone ?? zone, place: '' }
      return { id: doc.appointment_id, title, starts: Date.parse(doc.starts_at), ...place, went: status, minutes, session }
    })
  const known = new Set(attended.map(({ id }) => id))
  const others = sessions
    .filter(({ id, day, cancelled }) => !known.has(id) && !cancelled && week.week_start <= day && day <= week.week_end)
    .map((session): Planned => {
      const { id, title, starts, ends, zone: own, place } = session
      const went = ends <= now ? 'open' : starts <= now ? 'now' : 'coming'
      return { id, title, starts, zone: own, place, went, minutes: Math.round((ends - starts) / 60_000), session }
    })
  return [...attended, ...others].sort((one, other) => one.starts - other.starts)
}

/** Weeks that are over and had hours agreed, the newest first. */
export function weeksBefore(today: Day, weeks: Weeks): EntryOf<'week_of_hours'>['doc'][] {
  return weeks
    .map(({ doc }) => doc)
    .filter((week) => week.week_end < today && week.minutes_target > 0)
    .sort((one, other) => other.week_start.localeCompare(one.week_start))
}

/** The session that brings the hours to what was agreed, if all that come are attended. */
export function enoughWith(minutesLeft: number, planned: readonly Planned[]): Planned | null {
  let left = minutesLeft
  if (left <= 0) return null
  for (const each of planned) {
    if (each.went !== 'coming' && each.went !== 'now') continue
    left -= each.minutes
    if (left <= 0) return each
  }
  return null
}
