/** What a thread shows, from oldest to newest, with what became of each message. */

import type { EntryOf, Fate, Mutation } from 'handrail'
import { unsentFile } from './people_overlays.ts'

export type Message = EntryOf<'message'>
export type Attachment = Message['doc']['attachments'][number]

/** `gone`: taken back, or hidden because its author is blocked. */
export type SaidFate = 'sent' | 'sending' | 'waiting' | 'notsent' | 'gone'

export interface Said {
  id: string
  /** A member card, or null: mine. */
  author: string | null
  text: string
  attachments: readonly Attachment[]
  replyTo: string | null
  /** When it was written, ISO 8601. */
  at: string
  edited: boolean
  fate: SaidFate
  why: 'withdrawn' | 'blocked' | null
  /** Null for what this phone has not been able to send. */
  entry: Message | null
  /** What waits for it, or was refused. */
  act: Mutation | null
}

const POSTS = ['groups.post_message', 'alumni.post_message']
const EDITS = ['groups.edit_message', 'alumni.edit_message']
const WITHDRAWALS = ['groups.withdraw_message', 'alumni.withdraw_message']

export const isPost = (act: Mutation) => POSTS.includes(act.action)
export const isEdit = (act: Mutation) => EDITS.includes(act.action)
export const isWithdrawal = (act: Mutation) => WITHDRAWALS.includes(act.action)

interface Thread {
  scope: string
  /** In order. */
  messages: readonly Message[]
  /** My card in this scope. */
  mine: string
  blocked: ReadonlySet<string>
  outbox: readonly Mutation[]
  notSent: readonly Mutation[]
  fate: (uuid: string) => Fate | null
  offline: boolean
}

/** By when they came, not by when they were written: nothing is put between what was read already. What is
 *  not sent yet is last, where it will land. */
export function inOrder(messages: readonly Message[]): readonly Message[] {
  const known = ordered.get(messages) ?? [...messages].sort(byArrival)
  ordered.set(messages, known)
  return known
}

/** By the list, which may be long: what is read for People need not be put in order again for its thread. */
const ordered = new WeakMap<readonly Message[], readonly Message[]>()

function byArrival(a: Message, b: Message): number {
  if (a.seq === null || b.seq === null) return Number(a.seq === null) - Number(b.seq === null)
  if (a.doc.received_at !== b.doc.received_at) return a.doc.received_at < b.doc.received_at ? -1 : 1
  return a.id < b.id ? -1 : 1
}

export function said(thread: Thread): Said[] {
  const { messages, outbox, notSent, scope } = thread
  const acts = new Map([...outbox, ...notSent].map((act) => [act.uuid, act]))
  const refused = new Map(
    notSent.filter((act) => isEdit(act) || isWithdrawal(act)).map((act) => [String(act.args.message), act]),
  )
  const there: Said[] = []
  const unsent: Said[] = []
  for (const entry of messages) {
    const act = entry.pending === null ? refused.get(entry.id) : acts.get(entry.pending)
    ;(entry.seq === null ? unsent : there).push(shown(entry, act ?? null, thread))
  }
  for (const act of notSent) if (isPost(act) && scopeOf(act) === scope) unsent.push(refusedPost(act))
  unsent.sort((a, b) => (a.act?.position ?? 0) - (b.act?.position ?? 0))
  return [...there, ...unsent]
}

/** The scope that a post goes to. */
export function scopeOf(act: Mutation): string | null {
  if (act.args.group !== undefined) return `group:${act.args.group}`
  return act.args.pair !== undefined ? `pair:${act.args.pair}` : null
}

/** What is said the same way again is the same object, so that a page need not draw it again. */
const before = new WeakMap<Message, Said>()

function shown(entry: Message, act: Mutation | null, thread: Thread): Said {
  const known = before.get(entry)
  const said = asShown(entry, act, thread)
  if (known && (Object.keys(said) as (keyof Said)[]).every((name) => known[name] === said[name])) return known
  before.set(entry, said)
  return said
}

function asShown(entry: Message, act: Mutation | null, thread: Thread): Said {
  const { doc, id } = entry
  const isMine = doc.author === thread.mine
  const why = doc.withdrawn_at ? 'withdrawn' : thread.blocked.has(doc.author) ? 'blocked' : null
  return {
    id,
    author: isMine ? null : doc.author,
    // A refused change is shown with the words that did not go out.
    text: act?.state === 'refused' && isEdit(act) ? String(act.args.text) : doc.text,
    attachments: doc.attachments,
    replyTo: doc.reply_to,
    at: doc.written_at,
    edited: doc.edited_at !== null,
    // Words that were refused are shown, whatever has become of the message since.
    fate: act?.state === 'refused' ? 'notsent' : why ? 'gone' : act ? fateOf(act, thread) : 'sent',
    why,
    entry,
    act,
  }
}

function fateOf(act: Mutation, { fate, offline }: Thread): SaidFate {
  const word = fate(act.uuid)
  if (word === 'not sent') return 'notsent'
  return word === 'waiting' && !offline ? 'sending' : 'waiting'
}

function refusedPost(act: Mutation): Said {
  const names: string[] = Array.isArray(act.args.attachments) ? act.args.attachments : []
  return {
    id: String(act.args.id ?? act.uuid),
    author: null,
    text: String(act.args.text ?? ''),
    attachments: names.map(unsentFile),
    replyTo: act.args.reply_to ?? null,
    at: act.clientTime,
    edited: false,
    fate: 'notsent',
    why: null,
    entry: null,
    act,
  }
}

// Read and unread

/** How far this person has read, on all of their phones and on this one just now. */
export function readUpTo(
  scope: string,
  markers: readonly EntryOf<'read_marker'>[],
  outbox: readonly Mutation[],
): number {
  const id = scope.slice(scope.indexOf(':') + 1)
  let seq = -1
  for (const { doc } of markers) if (doc.scope === id) seq = Math.max(seq, doc.seq)
  for (const { action, args } of outbox) {
    if (!action.endsWith('.mark_read')) continue
    if (args.group === id || args.pair === id) seq = Math.max(seq, args.seq)
  }
  return seq
}

/** Messages of others that this person has not seen. `messages`: in the server's order. */
export function unread(
  messages: readonly Message[],
  upTo: number,
  mine: string,
  blocked: ReadonlySet<string> = new Set(),
): Message[] {
  // Of thousands, nearly all are before this one.
  const from = messages.findLastIndex(({ seq }) => seq !== null && seq <= upTo) + 1
  return messages
    .slice(from)
    .filter(({ seq, doc }) => seq !== null && doc.author !== mine && !doc.withdrawn_at && !blocked.has(doc.author))
}

/** What a read marker would say now; null if there is nothing to say. `messages`: in the server's order. */
export function newest(messages: readonly Message[], upTo: number): number | null {
  const seq = messages.findLast((message) => message.seq !== null)?.seq ?? -1
  return seq > upTo ? seq : null
}
