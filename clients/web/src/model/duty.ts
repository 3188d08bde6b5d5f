import type { Documents } from 'handrail'
import { noonOf, wallTime } from './days.ts'

type Hours = Documents['programme']['staffed_hours']

/** Whether the team is there, in the programme's own time. */
export type Duty =
  /** `until` is "18:00", or null where it is more than a day away. */
  | { here: true; until: string | null }
  /** `in`: days from today. `weekday`: 0 is Sunday. `at` is "08:00". */
  | { here: false; in: number; weekday: number; at: string }

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const DAY = 24 * 60
const WEEK = 7 * DAY

/** In minutes of the week, which begins on Sunday. It may run past the end of the week. */
interface Span {
  from: number
  length: number
}

/** Null where the programme has no hours. */
export function dutyAt(now: number, hours: Hours, timeZone: string): Duty | null {
  const minute = minuteOfWeek(now, timeZone)
  const spans = hours.flatMap(({ days, from, to }) =>
    days.map((day) => ({
      from: DAYS.indexOf(day) * DAY + minutes(from),
      length: ahead(minutes(from), minutes(to), DAY),
    })),
  )
  const left = minutesLeft(minute, spans)
  if (left > 0) return { here: true, until: left < DAY ? clock(minute + left) : null }
  if (spans.length === 0) return null
  const next = minute + Math.min(...spans.map(({ from }) => ahead(minute, from, WEEK)))
  return {
    here: false,
    in: Math.floor(next / DAY) - Math.floor(minute / DAY),
    weekday: Math.floor(next / DAY) % 7,
    at: clock(next),
  }
}

/** How long the team is there without a break. One span may take over from another. */
function minutesLeft(minute: number, spans: readonly Span[]): number {
  let left = 0
  for (const _ of spans) {
    const more = spans.map(({ from, length }) => length - ahead(from, minute + left, WEEK))
    left += Math.max(0, ...more)
  }
  return left
}

/** How far it is from one point of a circle to another. */
function ahead(from: number, to: number, circle: number): number {
  return (((to - from) % circle) + circle) % circle
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}

function clock(minute: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`
}

function minuteOfWeek(now: number, timeZone: string): number {
  const [day, time] = wallTime(now, timeZone)
  return new Date(noonOf(day)).getUTCDay() * DAY + minutes(time)
}
