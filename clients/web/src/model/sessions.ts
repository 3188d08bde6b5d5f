/** Sessions of the timetable: what comes next, what has changed, whether one can say "I'm here". */

import type { EntryOf } from 'handrail'
import { type Day, dayOf, later, wallTime } from './days.ts'

export interface Session {
  id: string
  scope: string
  series: string
  slot: number
  kind: EntryOf<'appointment'>['doc']['kind']
  title: string
  starts: number
  ends: number
  zone: string
  /** The day that the timetable has it on. It stays when the session is moved. */
  day: Day
  place: string
  video: string
  cancelled: boolean
  /** In the words of the staff; empty if they gave none. */
  reason: string
  /** It has another room than the other sessions of its series. */
  otherPlace: boolean
  /** The time it was planned for, if it has been moved: `['2026-11-19', '18:00']`. */
  movedFrom: [Day, string] | null
}

const HOUR = 3_600_000
/** How long before a session one can say that one is there. */
const EARLY = HOUR
/** A session this near has a card on Today, whatever else there is. */
export const SOON = 24 * HOUR

/** In order of time, those that end after `from`. What was withdrawn from the timetable is left out. */
export function sessionsOf(
  appointments: readonly EntryOf<'appointment'>[],
  series: readonly EntryOf<'session_series'>[],
  from = 0,
): Session[] {
  const rules = new Map(series.map((each) => [each.id, each.doc]))
  const sessions = appointments
    .filter(({ doc }) => doc.status !== 'withdrawn' && Date.parse(doc.ends_at) > from)
    .map(({ id, scope, doc }): Session => {
      const { slot, kind, title, place, reason } = doc
      const starts = Date.parse(doc.starts_at)
      const times = { starts, ends: Date.parse(doc.ends_at), zone: doc.time_zone, day: doc.local_date }
      const state = { cancelled: doc.status === 'cancelled', reason, otherPlace: false, movedFrom: null }
      return { id, scope, series: doc.series, slot, kind, title, place, video: doc.video_link, ...times, ...state }
    })
    .sort((one, other) => one.starts - other.starts)
  const same = new Map<string, Session[]>()
  for (const session of sessions) {
    const others = same.get(alike(session))
    if (others) others.push(session)
    else same.set(alike(session), [session])
  }
  return sessions.map((session) => marked(session, rules.get(session.series), neighbour(session, same.get(alike(session))!)))
}

function alike({ series, slot }: Session): string {
  return `${series} ${slot}`
}

/** A series may change from a later day on. So what the session beside it has too is no change. */
function marked(session: Session, rule: EntryOf<'session_series'>['doc'] | undefined, beside: Session | undefined): Session {
  if (!rule) return session
  const planned = rule.times[rule.slots.indexOf(session.slot)]
  const [day, time] = wallTime(session.starts, session.zone)
  const moved = planned !== undefined && (day !== session.day || time !== planned)
  const besideHasIt = moved && beside && wallTime(beside.starts, beside.zone).join() === [beside.day, time].join()
  return {
    ...session,
    otherPlace: session.place !== rule.place && session.place !== beside?.place,
    movedFrom: moved && !(besideHasIt && day === session.day) ? [session.day, planned] : null,
  }
}

/** The session after it in its series, or the one before it. */
function neighbour(session: Session, same: readonly Session[]): Session | undefined {
  const at = same.indexOf(session)
  return same[at + 1] ?? same[at - 1]
}

/** Those that are not over yet. */
export function coming(sessions: readonly Session[], now: number): Session[] {
  return sessions.filter((session) => session.ends > now)
}

/** The next session that takes place, and one before it that was cancelled: people may be on their
 *  way to that one. */
export function nextOf(sessions: readonly Session[], now: number): { next: Session | null; off: Session | null } {
  const ahead = coming(sessions, now)
  const next = ahead.find((session) => !session.cancelled) ?? null
  const off = ahead.find((session) => session.cancelled && session.starts < now + SOON) ?? null
  return { next, off: off && (!next || off.starts < next.starts) ? off : null }
}

/** `closed`: too early or over. `said`: on its way, or not yet confirmed. */
export type Arrival = 'closed' | 'open' | 'said' | 'confirmed' | 'declined'

/** `queued`: ids of the appointments for which "I'm here" waits on this phone. */
export function arrivalAt(
  session: Session,
  reports: readonly EntryOf<'arrival_report'>[],
  queued: readonly string[],
  now: number,
): Arrival {
  const report = reports.find(({ doc }) => doc.appointment_id === session.id)?.doc
  if (report && report.state !== 'waiting') return report.state
  if (report || queued.includes(session.id)) return 'said'
  const open = !session.cancelled && session.starts - EARLY <= now && now <= session.ends
  return open ? 'open' : 'closed'
}

/** A session of yesterday that staff have marked as missed. Excused ones are not asked about. */
export function missedYesterday(attendance: readonly EntryOf<'attendance'>[], now: number, zone?: string): EntryOf<'attendance'> | null {
  const yesterday = later(dayOf(now, zone), -1)
  return attendance.find(({ doc }) => doc.status === 'absent' && dayOf(Date.parse(doc.starts_at), zone) === yesterday) ?? null
}
