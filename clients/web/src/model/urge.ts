/** The urge tool: a number, breaths, reasons, a wait, and the number again. */

import type { Answers, Done } from './attempts.ts'
import type { Exercise } from './exercises.ts'
import type { Stopwatch } from './stopwatch.ts'
import { spentAt, UNUSED } from './stopwatch.ts'

/** The options of the field `choice` of the exercise. */
export type Way = 'move' | 'call' | 'leave' | 'tool'
export type UrgeStep = 'number' | 'breathe' | 'reasons' | 'wait' | 'again'

export const URGE_STEPS: readonly UrgeStep[] = ['number', 'breathe', 'reasons', 'wait', 'again']
export const WAIT_SECONDS = 15 * 60
/** The breathing stops by itself. */
export const BREATHE_SECONDS = 10 * 60

export interface Urge {
  id: string
  started_at: string
  step: UrgeStep
  before: number | null
  after: number | null
  breaths: Stopwatch
  wait: Stopwatch
  way: Way | null
}

/** `now`: the server's time in milliseconds. `before`: the number, where it goes on once more. */
export function beginUrge(id: string, now: number, before: number | null = null): Urge {
  const step = before === null ? 'number' : 'breathe'
  const started_at = new Date(now).toISOString()
  return { id, started_at, step, before, after: null, breaths: UNUSED, wait: UNUSED, way: null }
}

const ONE_URGE_MS = 6 * 3_600_000

/** Left in the middle so long ago that this is another urge. */
export function isOver(urge: Urge, now: number): boolean {
  return now - Date.parse(urge.started_at) > ONE_URGE_MS
}

/** An attempt at the exercise whose steps these are. Reasons stay on this phone. */
export function urgeDone(
  urge: Urge,
  exercise: Exercise | undefined,
  assignment: string | null,
  clock: number,
  now: number | null,
): Done {
  const { id, started_at, before, after, way } = urge
  const breaths = spentAt(urge.breaths, clock, BREATHE_SECONDS)
  const answers: Answers = { ...(breaths > 0 && { breaths }), ...(way && { choice: way }) }
  return {
    id,
    exercise: exercise?.exercise ?? null,
    version: exercise?.version ?? null,
    assignment,
    started_at,
    finished_at: now === null ? null : new Date(now).toISOString(),
    before,
    after,
    answers,
  }
}

/** Minutes that were waited, as people say them: at least one. */
export function minutesWaited(urge: Urge, clock: number): number {
  return Math.max(1, Math.round(spentAt(urge.wait, clock, WAIT_SECONDS) / 60))
}
