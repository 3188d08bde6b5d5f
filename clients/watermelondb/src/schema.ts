/** The adapter's own tables, and the columns that every table of entries needs. */
import { Model, tableSchema } from '@nozbe/watermelondb'
import type { ColumnSchema, TableSchema } from '@nozbe/watermelondb/Schema'

export const SCOPES = 'handrail_scopes'
export const OUTBOX = 'handrail_outbox'
export const NOT_SENT = 'handrail_not_sent'
export const STATE = 'handrail_state'

const text = (name: string): ColumnSchema => ({ name: name as never, type: 'string' })
const number = (name: string): ColumnSchema => ({ name: name as never, type: 'number' })

/** Add these to each table that holds entries; `doc` is the document as JSON. */
export const entryColumns: ColumnSchema[] = [
  { ...text('scope'), isIndexed: true },
  text('object_id'),
  number('seq'),
  number('generation'),
  text('doc'),
]

/** Add these to your schema's tables. */
export const handrailTables: TableSchema[] = [
  tableSchema({
    name: SCOPES,
    columns: [text('pos'), number('seq'), { name: 'complete' as never, type: 'boolean' }, number('generation')],
  }),
  tableSchema({
    name: OUTBOX,
    columns: [
      text('lane'), text('state'), text('action'), number('v'), text('args'), text('base'),
      text('client_time'), number('offset_ms'), number('position'), number('number'), number('settled_at'),
    ],
  }),
  tableSchema({ name: NOT_SENT, columns: [text('action'), text('args'), text('result'), number('position')] }),
  tableSchema({ name: STATE, columns: [text('value')] }),
]

class Scope extends Model { static override table = SCOPES }
class Queued extends Model { static override table = OUTBOX }
class NotSent extends Model { static override table = NOT_SENT }
class State extends Model { static override table = STATE }

/** Add these to your database's `modelClasses`. */
export const handrailModels = [Scope, Queued, NotSent, State]

export type Lane = 'urgent' | 'main'
export type Raw = { id: string } & Record<string, string | number | boolean | null>

export interface ScopeRow { id: string; pos: string; seq: number; complete: boolean; generation: number }
export interface OutboxRow {
  id: string
  lane: Lane
  /** Sent mutations are kept for seven days, because a restored server may need them again. */
  state: 'pending' | 'sent'
  action: string
  v: number
  args: string
  base: string
  client_time: string
  offset_ms: number
  position: number
  number: number
  settled_at: number
}
export interface NotSentRow { id: string; action: string; args: string; result: string; position: number }

/** The state of the adapter besides its rows. */
export interface Memory {
  clientId: string | null
  /** The install and the epoch that the client id was issued for. */
  install: string | null
  clientEpoch: string | null
  epoch: string | null
  /** The last mutation of each lane whose result is stored here. */
  lmid: Partial<Record<Lane, number>>
  home: string | null
  lease: string | null
  tooOld: boolean
  limits: { mutations: number; bytes: number }
  offsetMs: number
}

export const BLANK: Memory = {
  clientId: null, install: null, clientEpoch: null, epoch: null, lmid: {}, home: null, lease: null,
  tooOld: false, limits: { mutations: 50, bytes: 524288 }, offsetMs: 0,
}
