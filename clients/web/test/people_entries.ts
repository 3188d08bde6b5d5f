/** Entries and acts for the tests of People. */

import type { Documents, EntryOf, Kind, Mutation } from 'handrail'

export const GROUP = 'group:01990000-0000-7000-8000-000000000001'
export const USER = '01990000-0000-7000-8000-0000000000aa'

export function entry<K extends Kind>(kind: K, id: string, seq: number | null, doc: Partial<Documents[K]>, scope = GROUP, pending: string | null = null): EntryOf<K> {
  return { scope, kind, id, seq, doc: doc as Documents[K], pending } as EntryOf<K>
}

export function message(id: string, seq: number | null, author: string, text: string, more: Partial<Documents['message']> = {}, pending: string | null = null) {
  const at = `2026-11-19T08:${String(seq ?? 59).padStart(2, '0')}:00Z`
  return entry('message', id, seq, {
    author, text, attachments: [], reply_to: null, written_at: at, received_at: at, edited_at: null, withdrawn_at: null, ...more,
  }, GROUP, pending)
}

export function act(uuid: string, position: number, action: string, args: object, more: Partial<Mutation> = {}): Mutation {
  return {
    uuid, position, clientId: '', lane: 'main', id: position, state: 'pending', tried: false, action, v: 1,
    args, base: {}, clientTime: '2026-11-19T09:00:00Z', offsetMs: 0, settledAt: null, result: null, ...more,
  }
}
