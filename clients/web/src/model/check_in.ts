/** The check-in: what is asked, what is kept and sent, and what it ends with. */

import type { EntryOf, Inputs } from 'handrail'
import { type Day, daysBetween } from './days.ts'

type Doc = EntryOf<'check_in'>['doc']
export type Asked = EntryOf<'programme'>['doc']['check_in']
export type Slot = Doc['slot']

/** One screen each. `gap`: what the silence of the last days was about. `last`: the plan, and who
 *  may read it all. */
export const STEPS = [
  'success',
  'mood',
  'craving_now',
  'craving_worst',
  'sleep',
  'halt',
  'medication',
  'used',
  'gap',
  'last',
] as const
export type Step = (typeof STEPS)[number]

/** As the person has answered so far. Null: answered before, and taken back. */
export interface Answers {
  success?: string | null
  mood?: number | null
  craving_now?: number | null
  craving_worst?: number | null
  sleep_hours?: number | null
  sleep_quality?: number | null
  halt?: Doc['halt']
  medication?: Doc['medication']
  used?: boolean | null
  used_what?: string | null
  plan?: string | null
  gap_reason?: string | null
}

/** `round`: the team, and what went well may go to the group's round. `me`: it is not sent. */
export type Share = 'team' | 'round' | 'me'

/** Kept on the phone until the check-in is saved. */
export interface Draft {
  step: Step
  answers: Answers
}

/** Kept on this phone and never sent, because nobody else may read it. */
export interface Own {
  day: Day
  slot: Slot
  answers: Answers
  at: number
}

const SENT = [
  'success',
  'mood',
  'craving_now',
  'craving_worst',
  'sleep_hours',
  'sleep_quality',
  'halt',
  'medication',
  'used',
  'used_what',
  'plan',
  'gap_reason',
] as const satisfies readonly (keyof Answers)[]

// Where a programme asks twice a day, each half has its own questions.
const MORNING: readonly Step[] = ['success', 'mood', 'craving_now', 'sleep', 'halt', 'gap', 'last']
const EVENING: readonly Step[] = ['mood', 'craving_now', 'craving_worst', 'halt', 'medication', 'used', 'gap', 'last']

/** After this number of days without one, the check-in offers to say why. */
const SILENCE = 4
const HARD_URGE = 7
const HARD_MOOD = 2

interface Asking {
  slot: Slot
  /** The person may switch the question about use off on this phone. */
  askUse: boolean
  /** Days since the last check-in; null if there was none. */
  silence: number | null
}

/** What is asked, in this order. */
export function stepsOf(asked: Asked, { slot, askUse, silence }: Asking): Step[] {
  const twice = asked.slots.length > 1
  const half = !twice || slot === 'day' ? STEPS : slot === 'morning' ? MORNING : EVENING
  return half.filter((step) => {
    if (step === 'last') return true
    if (step === 'gap') return silence !== null && silence >= SILENCE
    if (step === 'sleep') return asks(asked, 'sleep_hours') || asks(asked, 'sleep_quality')
    if (step === 'used') return askUse && asks(asked, 'used')
    return asks(asked, step)
  })
}

export function asks(asked: Asked, question: Asked['questions'][number]): boolean {
  return asked.questions.includes(question)
}

/** From what was saved before, so that the person can go on from it. */
export function answersOf(doc: Doc): Answers {
  const known = SENT.filter((name) => doc[name] !== null).map((name) => [name, doc[name]])
  return Object.fromEntries(known) as Answers
}

type Before = Partial<Record<keyof Answers, unknown>>

/** What has to be sent: answers that differ from what was saved before. Where there was no use,
 *  what was written about it is not sent. */
export function changesFrom(before: Before | null, answers: Answers): Partial<Inputs['practice.record_check_in']> {
  const given = answers.used === false ? { ...answers, used_what: null } : answers
  const changed: Record<string, unknown> = {}
  for (const name of SENT) {
    const is = given[name] === '' ? null : given[name]
    if (is === undefined || JSON.stringify(is) === JSON.stringify(before?.[name] ?? null)) continue
    changed[name] = name === 'sleep_hours' && is !== null ? String(is) : is
  }
  return changed
}

/** What is kept until the check-in is saved: only what the person has answered now, because another
 *  phone may change the rest meanwhile. Null if that is nothing, on the first screen. */
export function draftOf(step: Step, first: Step | undefined, given: Answers, saved: Answers): Draft | null {
  const isNothing = step === first && !saysMore(given, saved)
  return isNothing ? null : { step, answers: given }
}

/** Whether a draft says anything that was not saved. */
export function saysMore(given: Answers, saved: Answers): boolean {
  return Object.keys(changesFrom(saved, given)).length > 0
}

export const NEEDS = ['hungry', 'angry', 'lonely', 'tired'] as const

/** With the last tick gone, the question is open again: "none of these" is an answer of its own. */
export function withTick(halt: Answers['halt'], need: (typeof NEEDS)[number], on: boolean): (typeof NEEDS)[number][] | null {
  const ticked = NEEDS.filter((each) => (each === need ? on : halt?.includes(each)))
  return ticked.length ? ticked : null
}

export function isAnswered(answers: Answers): boolean {
  return SENT.some((name) => answers[name] !== undefined && answers[name] !== null && answers[name] !== '')
}

/** What one screen asks. */
export function questionsOf(step: Step): readonly (keyof Answers)[] {
  if (step === 'sleep') return ['sleep_hours', 'sleep_quality']
  if (step === 'used') return ['used', 'used_what']
  if (step === 'gap') return ['gap_reason']
  return step === 'last' ? ['plan'] : [step]
}

/** Whether the answers lead to the offer of help now. */
export function isHard({ craving_now, used }: Answers): boolean {
  return Boolean(used) || (craving_now ?? 0) >= HARD_URGE
}

export type Reply = 'used' | 'urge_plan' | 'urge' | 'low' | 'halt' | 'success' | 'plan' | 'thanks' | 'nothing'

/** What the check-in ends with: words, never a score. */
export function replyTo(answers: Answers): Reply {
  const { used, mood, halt, success, plan } = answers
  if (!isAnswered(answers)) return 'nothing'
  if (used) return 'used'
  if (isHard(answers)) return plan ? 'urge_plan' : 'urge'
  if (mood && mood <= HARD_MOOD) return 'low'
  if (halt?.length) return 'halt'
  if (success) return 'success'
  return plan ? 'plan' : 'thanks'
}

/** How many days lie between this one and the check-in before it. */
export function silenceBefore(day: Day, days: readonly Day[]): number | null {
  const earlier = days.filter((each) => each < day)
  return earlier.length ? Math.min(...earlier.map((each) => daysBetween(each, day))) : null
}
