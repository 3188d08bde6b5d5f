/** All that this phone holds, in memory, and the one list of what has to be written.
 *
 * Rows are never changed in place, only replaced. So a value that waits to be written stays as it
 * was, and an entry that has not changed is the same object on every look. */

import type { Body, Lane, Limits, Position, Result, WireEntry } from '../wire_types.ts'

/** A document as a screen shows it. `pending`: the uuid of the mutation that is laid over it and that
 *  the server may lack. `seq` is null for a document that only this phone has. */
export interface Entry<D = Body> {
  readonly scope: string
  readonly kind: string
  readonly id: string
  readonly seq: number | null
  readonly doc: D
  readonly pending: string | null
}

export interface Held extends Entry {
  readonly seq: number
  readonly generation: number
}

export interface ScopeRow {
  readonly pos: Position
  readonly complete: boolean
  /** Raised by every reset. */
  readonly generation: number
}

/** A queued act. `id` orders it within its lane and client; `uuid` makes it happen only once. */
export interface Mutation {
  readonly uuid: string
  /** The order in which the person acted. */
  readonly position: number
  readonly clientId: string
  readonly lane: Lane
  readonly id: number | null
  readonly state: 'pending' | 'sent' | 'refused'
  /** Whether a request with it may have left this phone, or one that had the same data. */
  readonly tried: boolean
  readonly action: string
  readonly v: number
  readonly args: Body
  readonly base: Readonly<Record<string, number>>
  readonly clientTime: string
  readonly offsetMs: number | null
  readonly settledAt: number | null
  readonly result: Result | Rejection | null
  /** Where the server has applied it and this phone has not read so far yet. */
  readonly unread?: readonly [scope: string, seq: number][]
}

/** A refusal, by the server or by this phone. */
export interface Rejection {
  status: 'rejected'
  code: string
  problem?: Body
  current?: WireEntry
}

/** A file to be sent before its mutation. Its bytes are in the table `file`. */
export interface Outgoing {
  readonly mutation: string
  readonly sha256: string
  readonly scope: string
  readonly size: number
  readonly sent: boolean
  /** How often the server answered 500. */
  readonly failures: number
}

export interface Meta {
  user?: string
  epoch?: string | null
  clientId?: string
  /** The install that registered `clientId`; null: register again. */
  clientInstall?: string | null
  clientEpoch?: string
  /** The keystore's, unless these data came from a backup. */
  mark?: string
  limits?: Limits
  acks?: Partial<Record<Lane, number>>
  lastPosition?: number
  lease?: string
  leaseRanOut?: boolean
  tooOld?: boolean
  checked?: { at: number; app: string }
  offsetMs?: number
  lastSynced?: number
}

export type MemoryTable = 'meta' | 'scope' | 'document' | 'mutation' | 'outgoing' | 'file'

/** One change of one row, not sealed yet: JSON, bytes, or null for a deletion. */
export interface Change {
  table: MemoryTable
  name: string
  value: unknown
}

export const META = 'phone'

export class Memory {
  meta: Meta = {}
  readonly scopes = new Map<string, ScopeRow>()
  readonly mutations = new Map<string, Mutation>()
  readonly outgoing = new Map<string, Outgoing>()
  /** What the app keeps: drafts, settings. */
  readonly notes = new Map<string, unknown>()
  /** Raised whenever entries of the kind change. */
  readonly versions = new Map<string, number>()
  /** Raised when everything was forgotten, to be loaded again or not. */
  life = 0
  private readonly maps: Partial<Record<MemoryTable, Map<string, any>>> = {
    meta: this.notes, scope: this.scopes, mutation: this.mutations, outgoing: this.outgoing,
  }
  private readonly kinds = new Map<string, Map<string, Map<string, Held>>>()
  private changes = new Map<string, Change>()

  /** The changes since the last call, the newest of each row. */
  take(): Change[] {
    const taken = [...this.changes.values()]
    this.changes = new Map()
    return taken
  }

  /** Everything as changes, to be written elsewhere. The bytes of files are not here. */
  all(): Change[] {
    return [
      ...rows('meta', [[META, this.meta]]),
      ...Object.entries(this.maps).flatMap(([table, map]) => rows(table as MemoryTable, map)),
      ...rows('document', this.entries().map((entry) => [documentName(entry), entry])),
    ]
  }

  /** Fill an empty memory with a row from storage. */
  load(table: MemoryTable, name: string, value: any): void {
    if (table === 'document') this.hold(value)
    else if (table === 'meta' && name === META) this.meta = value
    else this.maps[table]?.set(name, value)
  }

  /** Take over a row that another tab has written; `value` null: deleted. */
  follow(table: MemoryTable, name: string, value: any): void {
    if (value !== null) this.load(table, name, value)
    else if (table === 'document') this.letGo(name)
    else this.maps[table]?.delete(name)
  }

  clear(): void {
    this.life++
    this.meta = {}
    for (const map of Object.values(this.maps)) map.clear()
    for (const kind of this.kinds.keys()) this.touch(kind)
    this.kinds.clear()
    this.changes.clear()
  }

  setMeta(values: Meta): void {
    this.meta = { ...this.meta, ...values }
    this.note('meta', META, this.meta)
  }

  keep(name: string, value: unknown): void {
    if (value === null || value === undefined) this.notes.delete(name)
    else this.notes.set(name, value)
    this.note('meta', name, value ?? null)
  }

  setScope(name: string, row: ScopeRow): void {
    this.scopes.set(name, row)
    this.note('scope', name, row)
  }

  deleteScope(name: string): void {
    this.scopes.delete(name)
    this.note('scope', name, null)
  }

  putMutation(mutation: Mutation): void {
    this.mutations.set(mutation.uuid, mutation)
    this.note('mutation', mutation.uuid, mutation)
  }

  deleteMutation(uuid: string): void {
    this.mutations.delete(uuid)
    this.note('mutation', uuid, null)
  }

  putOutgoing(file: Outgoing): void {
    const name = `${file.mutation}/${file.sha256}`
    this.outgoing.set(name, file)
    this.note('outgoing', name, file)
  }

  deleteOutgoing(file: Outgoing): void {
    const name = `${file.mutation}/${file.sha256}`
    this.outgoing.delete(name)
    this.note('outgoing', name, null)
    this.putFile(outgoingName(file), null)
  }

  /** The bytes of a file are only written, never kept in memory. */
  putFile(name: string, bytes: Uint8Array | null): void {
    this.note('file', name, bytes)
  }

  // Documents

  /** `scope` null: of whatever scope it is in. */
  find(scope: string | null, kind: string, id: string): Held | undefined {
    const scopes = this.kinds.get(kind)
    if (scope !== null) return scopes?.get(scope)?.get(id)
    for (const held of scopes?.values() ?? []) if (held.has(id)) return held.get(id)
    return undefined
  }

  put(entry: Held): void {
    this.hold(entry)
    this.note('document', documentName(entry), entry)
  }

  delete(entry: Held): void {
    this.letGo(documentName(entry))
    this.note('document', documentName(entry), null)
    for (const sha256 of attached(entry)) this.putFile(shownName(entry, sha256), null)
  }

  /** The confirmed entries, by scope and then in the server's order. */
  entries(kind?: string, scope?: string): Held[] {
    const found = new Map<string, Held[]>()
    const kinds = kind === undefined ? [...this.kinds.values()] : [this.kinds.get(kind)]
    for (const scopes of kinds) {
      for (const [name, held] of scopes ?? []) {
        if (scope === undefined || name === scope) found.set(name, [...(found.get(name) ?? []), ...held.values()])
      }
    }
    const names = [...found.keys()].sort()
    return names.flatMap((name) => found.get(name)!.sort((a, b) => a.seq - b.seq))
  }

  touch(kind: string): void {
    this.versions.set(kind, (this.versions.get(kind) ?? 0) + 1)
  }

  private letGo(name: string): void {
    const [scope, kind, id] = name.split('/') as [string, string, string]
    this.kinds.get(kind)?.get(scope)?.delete(id)
    this.touch(kind)
  }

  private hold(entry: Held): void {
    const scopes = this.kinds.get(entry.kind) ?? new Map<string, Map<string, Held>>()
    const held = scopes.get(entry.scope) ?? new Map<string, Held>()
    held.set(entry.id, entry)
    scopes.set(entry.scope, held)
    this.kinds.set(entry.kind, scopes)
    this.touch(entry.kind)
  }

  private note(table: MemoryTable, name: string, value: unknown): void {
    this.changes.set(`${table}/${name}`, { table, name, value })
  }
}

function rows(table: MemoryTable, named: Iterable<[string, unknown]>): Change[] {
  return [...named].map(([name, value]) => ({ table, name, value }))
}

export function documentName(entry: Pick<Entry, 'scope' | 'kind' | 'id'>): string {
  return `${entry.scope}/${entry.kind}/${entry.id}`
}

/** The row of a file that a document shows. */
export function shownName(entry: Pick<Entry, 'scope' | 'kind' | 'id'>, sha256: string): string {
  return `shown/${documentName(entry)}/${sha256}`
}

export function outgoingName(file: Pick<Outgoing, 'mutation' | 'sha256'>): string {
  return `outgoing/${file.mutation}/${file.sha256}`
}

export function attached(entry: Pick<Entry, 'doc'>): string[] {
  const attachments: Body[] = Array.isArray(entry.doc.attachments) ? entry.doc.attachments : []
  return attachments.map((each) => String(each.sha256))
}
