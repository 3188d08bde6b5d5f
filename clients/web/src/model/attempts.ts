/** What a person has done with an exercise: shared with the care team, or kept on this phone. */

import type { Documents, EntryOf, Fate, Inputs, Mutation } from 'handrail'
import type { Exercise, Field } from './exercises.ts'
import { idOf } from './ids.ts'

export type Answer = string | number | readonly string[]
/** By the id of the exercise's field. */
export type Answers = Readonly<Record<string, Answer>>

/** As this phone keeps it: the input of the action, without the record. */
export interface Done {
  id: string
  /** Null: the library had not come yet. */
  exercise: string | null
  version: number | null
  assignment: string | null
  started_at: string
  finished_at: string | null
  before: number | null
  after: number | null
  answers: Answers
}

export interface Attempt extends Done {
  /** `kept`: it has not left this phone, and nobody else can read it. */
  fate: 'kept' | Fate
  sent_at: string | null
  /** The care record's id. */
  record: string | null
  /** The act that waits, or was refused. */
  mutation: string | null
}

type Assignments = readonly EntryOf<'assignment'>[]
export type Review = Documents['attempt_review']

/** Everything that this person has done, the newest first. `refused`: what could not be sent.
 *  `fateOf`: what became of an act. */
export function allAttempts(
  entries: readonly EntryOf<'attempt'>[],
  kept: readonly Done[],
  refused: readonly Mutation[],
  fateOf: (mutation: string) => Fate | null,
): Attempt[] {
  const shared = entries.map(
    ({ id, scope, doc, pending }): Attempt => ({
      ...theDone(id, doc),
      fate: pending === null ? 'sent' : (fateOf(pending) ?? 'saved'),
      sent_at: doc.received_at,
      record: idOf(scope),
      mutation: pending,
    }),
  )
  const stopped = refused.filter(({ action }) => action === 'practice.record_attempt').map(
    ({ args, uuid }): Attempt => ({
      ...theDone(String(args.id), args as Partial<Documents['attempt']>),
      fate: 'not sent',
      sent_at: null,
      record: String(args.record),
      mutation: uuid,
    }),
  )
  // It stays kept until its act is stored: for a moment, or after a crash, there are both.
  const known = new Set([...shared, ...stopped].map(({ id }) => id))
  const alone = kept
    .filter(({ id }) => !known.has(id))
    .map((done): Attempt => ({ ...done, fate: 'kept', sent_at: null, record: null, mutation: null }))
  return [...shared, ...stopped, ...alone].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at))
}

/** Only what a phone keeps itself, of a document or of an act's input. */
function theDone(id: string, from: Partial<Documents['attempt']>): Done {
  const { exercise = null, version = null, assignment = null, finished_at = null } = from
  const { before = null, after = null, answers = {}, started_at = '' } = from
  return { id, exercise, version, assignment, started_at, finished_at, before, after, answers }
}

/** The attempt without what became of it. */
export function doneOf({ fate: _, sent_at: _at, record: _record, mutation: _act, ...done }: Attempt): Done {
  return done
}

/** What the care team will read of it. */
export function shareInput(done: Done, record: string): Inputs['practice.record_attempt'] {
  const { exercise, version, ...rest } = done
  return { ...rest, record, ...(exercise !== null && { exercise }), ...(version !== null && { version }) }
}

/** Without what was left empty. */
export function filled(answers: Answers): Answers {
  const said = Object.entries(answers).map(([id, answer]) => [id, trimmed(answer)] as const)
  return Object.fromEntries(said.filter(([, answer]) => typeof answer === 'number' || answer.length > 0))
}

function trimmed(answer: Answer): Answer {
  if (typeof answer === 'number') return answer
  if (typeof answer === 'string') return answer.trim()
  return answer.map((line) => line.trim()).filter(Boolean)
}

/** Questions and answers in the order of the exercise, choices by their words. */
export function answered(exercise: Exercise | undefined, answers: Answers): { field: Field | null; answer: Answer }[] {
  const fields = exercise?.steps.flatMap((step) => step.fields ?? []) ?? []
  const known = fields.flatMap((field) => {
    const answer = answers[field.id]
    return answer === undefined ? [] : [{ field, answer: inWords(field, answer) }]
  })
  const ids = new Set(fields.map((field) => field.id))
  const others = Object.entries(answers).filter(([id]) => !ids.has(id))
  return [...known, ...others.map(([, answer]) => ({ field: null, answer }))]
}

function inWords(field: Field, answer: Answer): Answer {
  if (!field.options) return answer
  const label = (id: string) => field.options!.find((option) => option.id === id)?.label ?? id
  if (typeof answer === 'string') return label(answer)
  return typeof answer === 'number' ? answer : answer.map(label)
}

/** What was asked for and is still to do, what is planned first on top. */
export function open(assignments: Assignments, attempts: readonly Attempt[]): Assignments {
  const done = new Set(attempts.map((attempt) => attempt.assignment))
  return assignments
    .filter(({ id, doc }) => doc.withdrawn_at === null && !done.has(id))
    .sort((a, b) => when(a).localeCompare(when(b)))
}

function when({ doc }: EntryOf<'assignment'>): string {
  return `${doc.due_on ?? '9999'} ${doc.assigned_at}`
}
