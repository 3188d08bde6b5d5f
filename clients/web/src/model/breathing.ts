/** What a breath does at a moment. */

import type { Answers } from './attempts.ts'

export type Phase = 'in' | 'hold' | 'out'
export interface Pace {
  /** Seconds; no holding: 0. */
  in: number
  hold: number
  out: number
  /** Hold again, with empty lungs. */
  rest: number
}

export const SLOW: Pace = { in: 4, hold: 0, out: 6, rest: 0 }
/** By the options of the field `pace`. */
const PACES: Record<string, Pace> = {
  box_four: { in: 4, hold: 4, out: 4, rest: 4 },
  box_three: { in: 3, hold: 2, out: 3, rest: 2 },
  gentle: SLOW,
}

/** The pace that was chosen in the exercise. */
export function paceOf(answers: Answers): Pace {
  return PACES[String(answers.pace)] ?? SLOW
}

export interface Breath {
  phase: Phase
  /** Whether the lungs are full, or getting full: the shape is large. */
  full: boolean
  /** Seconds of this phase. */
  lasts: number
  /** Seconds left of it, counted down to 1. */
  left: number
  /** From 1. */
  round: number
}

export function breathAt(pace: Pace, seconds: number): Breath {
  const phases = [
    { phase: 'in', full: true, lasts: pace.in },
    { phase: 'hold', full: true, lasts: pace.hold },
    { phase: 'out', full: false, lasts: pace.out },
    { phase: 'hold', full: false, lasts: pace.rest },
  ] as const
  const whole = roundOf(pace)
  let into = seconds % whole
  const now = phases.find(({ lasts }) => into < lasts || ((into -= lasts), false)) ?? phases[0]
  return { ...now, left: now.lasts - Math.floor(into), round: Math.floor(seconds / whole) + 1 }
}

/** Seconds of one round. */
export function roundOf(pace: Pace): number {
  return pace.in + pace.hold + pace.out + pace.rest
}
