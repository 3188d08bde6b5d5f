/** The list of People: groups and pairs, and what waits for an answer. */

import type { EntryOf, Mutation } from 'handrail'
import { cardId } from './ids.ts'
import { blockedCards } from './members.ts'
import type { Card } from './members.ts'
import { inOrder, isEdit, isPost, isWithdrawal, readUpTo, scopeOf, unread } from './messages.ts'
import type { Message } from './messages.ts'
import { currentRound, type Round } from './rounds.ts'

export interface Conversation {
  scope: string
  name: string
  /** Of the other in a pair. */
  avatar?: string
  /** The last message that is shown; `who` null: mine. */
  last: { who: string | null; text: string; files: number; at: string } | null
  unread: number
  notSent: number
  /** Not read to its end yet: nothing is said about what is last. */
  loading: boolean
  round: Round | null
  /** A pair that is over. */
  ended: boolean
  /** This person is leaving; it waits to be sent. */
  leaving: boolean
}

export interface Holdings {
  user: string
  groups: readonly EntryOf<'group'>[]
  pairs: readonly EntryOf<'pair'>[]
  cards: readonly Card[]
  /** Of a scope: the same list until something changes. */
  messages: (scope: string) => readonly Message[]
  rounds: readonly Round[]
  markers: readonly EntryOf<'read_marker'>[]
  blocks: readonly EntryOf<'block'>[]
  connections: readonly EntryOf<'connection'>[]
  outbox: readonly Mutation[]
  notSent: readonly Mutation[]
  loading: readonly string[]
}

export function groupsOf(holdings: Holdings): Conversation[] {
  return holdings.groups
    .map((group) => conversation(group.scope, group.doc.name, holdings))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function pairsOf(holdings: Holdings): Conversation[] {
  return holdings.pairs
    .map((pair) => ({
      ...conversation(pair.scope, pairName(pair, holdings), holdings),
      avatar: other(pair, holdings)?.avatar ?? '',
      ended: hasEnded(pair, holdings.connections),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The alias by which this person knows the other. */
export function pairName(pair: EntryOf<'pair'>, holdings: Holdings): string {
  return other(pair, holdings)?.alias ?? ''
}

/** How this person knows the other. */
function other(pair: EntryOf<'pair'>, { connections, cards, user }: Holdings): { alias: string; avatar: string } | undefined {
  const connection = connections.find(({ doc }) => doc.pair === pair.id)
  const mine = cardId(user, pair.scope)
  return (connection ?? cards.find((card) => card.scope === pair.scope && card.id !== mine))?.doc
}

/** Also if this person has ended it and the server does not know yet. */
export function hasEnded(pair: EntryOf<'pair'>, connections: Holdings['connections']): boolean {
  return pair.doc.ended_at !== null || connections.some(({ doc }) => doc.pair === pair.id && doc.state === 'ended')
}

/** This person is leaving the group; it waits to be sent. */
export function isLeaving(scope: string, outbox: readonly Mutation[]): boolean {
  return outbox.some(({ action, args }) => action === 'groups.leave' && scope === `group:${args.group}`)
}

/** All that is unread, for the tab. */
export function unreadInAll(holdings: Holdings): number {
  return [...groupsOf(holdings), ...pairsOf(holdings)].reduce((sum, each) => sum + each.unread, 0)
}

function conversation(scope: string, name: string, holdings: Holdings): Conversation {
  const messages = holdings.messages(scope)
  const upTo = readUpTo(scope, holdings.markers, holdings.outbox)
  return {
    scope,
    name,
    ...summary(messages, upTo, cardId(holdings.user, scope), holdings.blocks, holdings.cards),
    notSent: refusedIn(scope, messages, holdings.notSent),
    loading: holdings.loading.includes(scope),
    round: currentRound(holdings.rounds.filter((round) => round.scope === scope)),
    ended: false,
    leaving: isLeaving(scope, holdings.outbox),
  }
}

type Summary = Pick<Conversation, 'last' | 'unread'>
type About = [messages: readonly Message[], upTo: number, mine: string, Holdings['blocks'], Holdings['cards']]

/** By the list of messages, which may be long: a letter that is typed changes nothing here. */
const summaries = new WeakMap<readonly Message[], { about: About; summary: Summary }>()

function summary(...about: About): Summary {
  const [messages, upTo, mine, blocks, cards] = about
  const known = summaries.get(messages)
  if (known?.about.every((each, i) => each === about[i])) return known.summary
  const blocked = blockedCards(blocks)
  const shown = inOrder(messages).findLast(({ doc }) => !doc.withdrawn_at && !blocked.has(doc.author))
  const summary = { last: shown ? last(shown, mine, cards) : null, unread: unread(messages, upTo, mine, blocked).length }
  summaries.set(messages, { about, summary })
  return summary
}

function last({ doc }: Message, mine: string, cards: readonly Card[]): Conversation['last'] {
  const { author, text, attachments, received_at } = doc
  const who = author === mine ? null : (cards.find((card) => card.id === author)?.doc.alias ?? '')
  return { who, text, files: attachments.length, at: received_at }
}

/** "1 not sent": posts, changes and withdrawals, which stand in the thread. */
function refusedIn(scope: string, messages: readonly Message[], notSent: readonly Mutation[]): number {
  return notSent.filter((act) => {
    if (isPost(act)) return scopeOf(act) === scope
    return (isEdit(act) || isWithdrawal(act)) && messages.some(({ id }) => id === act.args.message)
  }).length
}

/** My team: those on the care team now, with their names. */
export interface Colleague {
  id: string
  name: string
  role: EntryOf<'care_team_member'>['doc']['role']
}

export function teamOf(
  team: readonly EntryOf<'care_team_member'>[],
  staff: readonly EntryOf<'staff_member'>[],
): Colleague[] {
  return team
    .filter(({ doc }) => doc.until === null)
    .flatMap(({ id, doc }) => {
      const found = staff.find((member) => member.doc.user_id === doc.user_id && member.doc.left_at === null)
      if (!found) return []
      const { name_text, given_name, family_name } = found.doc
      return [{ id, name: name_text || `${given_name} ${family_name}`.trim(), role: doc.role }]
    })
}

/** The connection with the person on this card, if it is still of any weight. */
export function connectionWith(
  card: string,
  connections: readonly EntryOf<'connection'>[],
): EntryOf<'connection'> | undefined {
  const live = ['asked', 'waiting', 'connected']
  return connections.find(({ doc }) => doc.card === card && live.includes(doc.state))
}
