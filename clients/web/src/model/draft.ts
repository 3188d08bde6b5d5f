/** An exercise that is being done. Kept on this phone at every change, and ended there. */

import type { Answer, Answers, Done } from './attempts.ts'
import { filled } from './attempts.ts'
import type { Exercise, Field } from './exercises.ts'
import type { Stopwatch } from './stopwatch.ts'
import { spentAt, stopped } from './stopwatch.ts'

export interface Draft extends Omit<Done, 'exercise' | 'finished_at'> {
  exercise: string
  /** 0: the number before. Then the steps, the number after, and the end. */
  page: number
  /** Of timers, by field. */
  watches: Readonly<Record<string, Stopwatch>>
}

/** `now`: the server's time in milliseconds. */
export function begin(exercise: Exercise, id: string, assignment: string | null, now: number): Draft {
  return {
    id,
    exercise: exercise.exercise,
    version: exercise.version,
    assignment,
    started_at: new Date(now).toISOString(),
    page: 0,
    before: null,
    after: null,
    answers: {},
    watches: {},
  }
}

/** Pages with a number: the end has that of the page before it. */
export function pages(exercise: Exercise): number {
  return exercise.steps.length + 2
}

export function withAnswer(draft: Draft, field: Field, answer: Answer): Draft {
  return { ...draft, answers: { ...draft.answers, [field.id]: answer } }
}

export function withWatch(draft: Draft, field: Field, watch: Stopwatch): Draft {
  return { ...draft, watches: { ...draft.watches, [field.id]: watch } }
}

/** Another page. Timers of the one before stop. */
export function turned(exercise: Exercise, draft: Draft, page: number, clock: number): Draft {
  const timers = exercise.steps[draft.page - 1]?.fields?.filter((field) => draft.watches[field.id]) ?? []
  const still = timers.map((field) => [field.id, stopped(draft.watches[field.id]!, clock, mostOf(field))] as const)
  return { ...draft, page, watches: { ...draft.watches, ...Object.fromEntries(still) } }
}

/** `clock`: this phone's time, by which its stopwatches run; `now`: the server's. */
export function finished(exercise: Exercise, draft: Draft, clock: number, now: number): Done {
  const { page: _, watches, ...done } = draft
  const timers = exercise.steps.flatMap((step) => step.fields ?? []).filter((field) => field.type === 'timer')
  const spent = timers.flatMap((field) => {
    const watch = watches[field.id]
    const seconds = watch ? spentAt(watch, clock, mostOf(field)) : 0
    return seconds > 0 ? [[field.id, seconds] as const] : []
  })
  const answers: Answers = { ...done.answers, ...Object.fromEntries(spent) }
  return { ...done, finished_at: new Date(now).toISOString(), answers: filled(answers) }
}

/** A timer stops by itself after this many seconds. */
export function mostOf(field: Field): number {
  return field.seconds ?? 0
}
