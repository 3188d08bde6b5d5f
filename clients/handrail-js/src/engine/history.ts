/** Entries older than a scope's feed, read page by page as the person scrolls up. Not stored. */

import type { Entry } from '../core/memory.ts'
import type { WireEntry } from '../wire_types.ts'
import type { Session } from './session.ts'

const HISTORY = '/api/v1/sync/history'

/** Newest first. `next` is the `before` of the next older page, null on the last one. */
export interface HistoryPage {
  entries: Entry[]
  next: string[] | null
}

/** Throws `Problem` 404 if the person is not a member of the scope. */
export async function older(
  session: Session, schema: number, scope: string, kind: string, before: string[] | null, limit?: number,
): Promise<HistoryPage> {
  const body = { scope, kind, before, schema, ...(limit ? { limit } : {}) }
  const answer: { entries: WireEntry[]; next: string[] | null } = await session.call(HISTORY, body)
  const entries = answer.entries.map(([kind, id, seq, doc]) => ({ scope, kind, id, seq, doc, pending: null }))
  return { entries, next: answer.next }
}
