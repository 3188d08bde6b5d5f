/** Which matters have a card on Today. */

import type { EntryOf, Mutation } from 'handrail'
import { DAY_MS, type Day, dayOf, daysBetween } from './days.ts'
import { cardId, idOf } from './ids.ts'

/** At most four, in this order. */
export const CARDS = ['needs_you', 'lapse', 'level', 'missed', 'off', 'next', 'check_in', 'tool', 'wrote', 'news'] as const
export type Card = (typeof CARDS)[number]
const MOST = 4

/** Away for this number of days, Today asks nothing at first. */
const AWAY = 14
const LEVEL_SHOWN = 7 * DAY_MS

export function firstFour(has: Partial<Record<Card, boolean>>): Set<Card> {
  return new Set(CARDS.filter((card) => has[card]).slice(0, MOST))
}

/** Something that another person has changed too: both versions wait for a decision. */
export function needsYou(notSent: readonly Mutation[]): boolean {
  return notSent.some(({ result }) => result?.status === 'rejected' && result.code === 'conflict')
}

/** `opened`: when Today was last looked at here. Before that, the last check-in counts. */
export function isAway(opened: number | undefined, days: readonly Day[], now: number): boolean {
  if (opened !== undefined) return daysBetween(dayOf(opened), dayOf(now)) >= AWAY
  const last = [...days].sort().at(-1)
  return last !== undefined && daysBetween(last, dayOf(now)) >= AWAY
}

/** The newest change of the level of care, while it is news. */
export function newLevel(changes: readonly EntryOf<'level_change'>[], seen: readonly string[], now: number): EntryOf<'level_change'> | null {
  const change = newest(changes, ({ doc }) => doc.recorded_at)
  const isNews = change && !seen.includes(change.id) && now - Date.parse(change.doc.recorded_at) < LEVEL_SHOWN
  return isNews ? change : null
}

/** The assigned tool that is planned first and was not tried yet. */
export function nextTool(assignments: readonly EntryOf<'assignment'>[], attempts: readonly EntryOf<'attempt'>[]): EntryOf<'assignment'> | null {
  const done = new Set(attempts.map(({ doc }) => doc.assignment))
  const open = assignments.filter(({ id, doc }) => !doc.withdrawn_at && !done.has(id))
  const planned = (entry: EntryOf<'assignment'>) => entry.doc.due_on ?? '9999'
  return open.sort((one, other) => planned(one).localeCompare(planned(other)))[0] ?? null
}

/** The newest version of an exercise. */
export function exerciseOf(id: string, exercises: readonly EntryOf<'exercise'>[]): EntryOf<'exercise'>['doc'] | null {
  const versions = exercises.filter(({ doc }) => doc.exercise === id).map(({ doc }) => doc)
  return versions.sort((one, other) => other.version - one.version)[0] ?? null
}

/** The newest message of another person that was not read yet. `threads`: of each scope its messages, in
 *  the server's order. */
export function unreadMessage(
  threads: readonly (readonly EntryOf<'message'>[])[],
  markers: readonly EntryOf<'read_marker'>[],
  user: string,
): EntryOf<'message'> | null {
  const read = new Map(markers.map(({ doc }) => [doc.scope, doc.seq]))
  const unread = threads.flatMap((messages) => {
    const scope = messages[0]?.scope
    if (!scope) return []
    const mine = cardId(user, scope)
    const upTo = read.get(idOf(scope)) ?? 0
    // Of thousands, nearly all are before this one.
    const from = messages.findLastIndex(({ seq }) => seq !== null && seq <= upTo) + 1
    return messages
      .slice(from)
      .filter(({ seq, doc }) => seq !== null && doc.author !== mine && doc.author !== user && !doc.withdrawn_at)
  })
  return newest(unread, ({ doc }) => doc.received_at)
}

function newest<Entry>(all: readonly Entry[], when: (entry: Entry) => string): Entry | null {
  return all.reduce<Entry | null>((one, other) => (one && when(one) >= when(other) ? one : other), null)
}

/** The newest announcement that was not put away. */
export function newestNews(items: readonly EntryOf<'inbox_item'>[], seen: readonly string[]): EntryOf<'inbox_item'> | null {
  return newest(items.filter(({ id }) => !seen.includes(id)), ({ doc }) => doc.received_at)
}
