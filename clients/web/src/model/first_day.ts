/** The first day: what is asked once, and what has been answered. */

import type { EntryOf } from 'handrail'

/** Kept on this phone under `first`. */
export interface First {
  /** How the app opens has been chosen. */
  lock?: boolean
  /** The first questions are over. */
  done?: boolean
  /** Ids of notices and invitations that the person wants to answer another time. */
  later?: readonly string[]
  /** The cards of the first day that are put away. */
  away?: readonly Card[]
  /** The person's name as they typed it last under a text: it is not asked twice. */
  name?: string
}

export const CARDS = ['session', 'person', 'tool'] as const
export type Card = (typeof CARDS)[number]

export const PEOPLE_TO_CALL = 'people to call'

/** A person to call, kept on this phone in a list of this name. */
export interface PersonToCall {
  name: string
  number: string
}

/** The cards that are still on Today: on the day on which the notice was acknowledged, and on no
 *  other. `dayOf` gives the local date of a time. */
export function cardsOf(
  first: First | undefined,
  answers: readonly EntryOf<'notice_acknowledgement'>[],
  now: number,
  dayOf: (at: number) => string,
): Card[] {
  const began = answers.find(({ doc }) => doc.answer === 'acknowledged')
  if (!began || dayOf(Date.parse(began.doc.answered_at)) !== dayOf(now)) return []
  return CARDS.filter((card) => !first?.away?.includes(card))
}
