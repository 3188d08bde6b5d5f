/** Who is in a group or pair, as the others see them. */

import type { EntryOf } from 'handrail'

export type Card = EntryOf<'member_card'>

/** Those who are there now, in the order in which they came. */
export function present(cards: readonly Card[]): Card[] {
  return cards
    .filter((card) => card.doc.left_at === null)
    .sort((a, b) => (a.doc.joined_at < b.doc.joined_at ? -1 : 1))
}

/** The same without `mine`. */
export function others(cards: readonly Card[], mine: string): Card[] {
  return present(cards).filter((card) => card.id !== mine)
}

export function isLeading(card: Card): boolean {
  return card.doc.role === 'facilitator'
}

const TONES = [undefined, 'act', 'wait', 'good'] as const
export type Tone = (typeof TONES)[number]

/** A card has the same colour on every page. */
export function tone(id: string): Tone {
  return TONES[parseInt(id.slice(-2), 16) % TONES.length]
}

/** Hidden mode: "Evening group" → "EG". */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return words.map((word) => [...word][0]!.toUpperCase()).join('')
}

/** The cards that this person has blocked. In a group that both are in, the phone hides them. */
export function blockedCards(blocks: readonly EntryOf<'block'>[]): Set<string> {
  return new Set(blocks.map((block) => block.doc.card))
}
