/** What requests and answers hold (docs/protocol.md). */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Body = { [name: string]: any }

export type Lane = 'main' | 'urgent'
export const LANES: readonly Lane[] = ['urgent', 'main']

/** `[seq, base, grant]`. Only `seq` has a meaning for the phone. */
export type Position = [seq: number, base: number, grant: string]
/** The server never issues this position, so it answers with a reset. */
export const UNREAD: Position = [0, 0, '']

export interface Cursor {
  epoch?: string
  scopes?: Record<string, Position>
}

export type WireEntry = [kind: string, id: string, seq: number, document: Body]
export type WireDeletion = [kind: string, id: string, seq: number]

export interface PageScope {
  scope: string
  pos: Position
  head: number
  reset: 'purge' | 'sweep' | null
  put: WireEntry[]
  del: WireDeletion[]
}

export interface Result {
  id: number
  uuid?: string
  lane?: Lane
  status: 'applied' | 'rejected'
  code?: string
  problem?: Body
  current?: WireEntry
  /** Which scopes it has changed, and the seq that each has since. */
  at?: [scope: string, seq: number][]
  data?: Body
  [name: string]: unknown
}

export interface Results {
  lmid: Partial<Record<Lane, number>>
  results: Result[]
}

export interface Page extends Results {
  epoch: string
  server_time: string
  lease_expires_at: string
  has_more: boolean
  drop: { scope: string }[]
  scopes: PageScope[]
}

export interface PushAnswer extends Results {
  pull?: Page
  stopped?: { id: number; code: string; retry_after_ms?: number; missing?: string[] }
}

export interface Registered {
  client_id: string
  epoch: string
  server_time: string
  lease_expires_at: string
  limits: Limits
}

export interface Limits {
  mutations: number
  bytes: number
}

export interface CommitFrame {
  t: 'c'
  s: string
  from: number
  to: number
  put?: WireEntry[]
  del?: WireDeletion[]
  delay_ms?: number
}

export interface Digest {
  scope: string
  head: number
  grant: string
  count: number
  xor: string
}

export interface Tokens {
  access_token: string
  access_expires_at: string
  refresh_token: string
  session: string
}
