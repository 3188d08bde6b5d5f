/** The go-round of a group: who has said what, and who supports whom. */

import type { EntryOf, Mutation } from 'handrail'
import { blockedCards, isLeading, present } from './members.ts'
import type { Card } from './members.ts'

export type Round = EntryOf<'round'>
export type Line = EntryOf<'round_line'>
export type Support = EntryOf<'support'>
export type LineKind = Line['doc']['kind']
export type Word = Support['doc']['word']

export const LINE_KINDS: readonly LineKind[] = ['success', 'hard', 'plan']
/** As long as the server takes it. */
export const LONGEST_LINE = 500
export const WORDS: readonly Word[] = ['with_you', 'me_too', 'thank_you', 'proud_of_you']

export interface Turn {
  card: Card
  isMine: boolean
  /** By kind; empty: nothing said yet. */
  lines: Partial<Record<LineKind, Line>>
  supports: readonly { from: string; isMine: boolean; word: Word; text: string; pending: boolean }[]
  isBlocked: boolean
}

/** The open one, or else the last one. */
export function currentRound(rounds: readonly Round[]): Round | null {
  const newestFirst = [...rounds].sort((a, b) => (a.doc.opened_at < b.doc.opened_at ? 1 : -1))
  return newestFirst.find(isOpen) ?? newestFirst[0] ?? null
}

export function isOpen(round: Round | null): round is Round {
  return round !== null && round.doc.closed_at === null
}

/** Whether the person of this card has said something in it. */
export function hasShared(round: Round, lines: readonly Line[], mine: string): boolean {
  return lines.some(({ doc }) => doc.round === round.id && doc.author === mine)
}

export interface RoundOf {
  round: Round
  cards: readonly Card[]
  lines: readonly Line[]
  supports: readonly Support[]
  blocks: readonly EntryOf<'block'>[]
  mine: string
}

/** Everyone who takes part, in the order in which they joined. Those who lead come only if they have
 *  said something. Someone who has left keeps what they said. */
export function turns({ round, cards, lines, supports, blocks, mine }: RoundOf): Turn[] {
  const said = lines.filter((line) => line.doc.round === round.id)
  const authors = new Set(said.map((line) => line.doc.author))
  const blocked = blockedCards(blocks)
  const here = present(cards).filter((card) => !isLeading(card) || authors.has(card.id))
  const gone = cards.filter((card) => card.doc.left_at !== null && authors.has(card.id))
  return [...here, ...gone].map((card) => {
    const own = said.filter((line) => line.doc.author === card.id)
    const ids = new Set(own.map((line) => line.id))
    return {
      card,
      isMine: card.id === mine,
      lines: Object.fromEntries(own.map((line) => [line.doc.kind, line])),
      supports: supports
        .filter((support) => ids.has(support.doc.line))
        .map(({ doc, pending }) => ({
          from: doc.author,
          isMine: doc.author === mine,
          word: doc.word,
          text: doc.text,
          pending: pending !== null,
        })),
      isBlocked: blocked.has(card.id),
    }
  })
}

export function hasSpoken({ lines }: Turn): boolean {
  return LINE_KINDS.some((kind) => lines[kind] !== undefined)
}

/** The line that a support goes to: what went well, or the first there is. */
export function supportable({ lines }: Turn): Line | null {
  const first = LINE_KINDS.map((kind) => lines[kind]).find((line) => line !== undefined)
  // A line that the server does not have yet cannot be supported.
  return first && first.seq !== null ? first : null
}

/** Lines of mine that could not be sent to this round. */
export function refusedLines(round: Round, notSent: readonly Mutation[]): Mutation[] {
  return notSent.filter((act) => act.action === 'groups.add_line' && act.args.round === round.id)
}

/** "What went well", from the newest check-in of that day that may go to the round. */
export function lineFromCheckIn(
  checkIns: readonly EntryOf<'check_in'>[],
  date: string,
): { text: string; slot: string } | null {
  const ofDay = checkIns.filter(({ doc }) => doc.local_date === date && doc.success_shared && doc.success)
  const last = ofDay.sort((a, b) => (a.doc.recorded_at < b.doc.recorded_at ? 1 : -1))[0]
  return last ? { text: last.doc.success!, slot: last.doc.slot } : null
}
