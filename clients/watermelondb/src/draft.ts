/**
 * What a sync has learned and not yet stored. It becomes one change set, which WatermelonDB applies
 * in one transaction: entries, positions and outbox move together or not at all.
 */
import { Q, type Database } from '@nozbe/watermelondb'
import type { SyncDatabaseChangeSet } from '@nozbe/watermelondb/sync'
import { BLANK, NOT_SENT, OUTBOX, SCOPES, STATE } from './schema'
import type { Lane, Memory, NotSentRow, OutboxRow, Raw, ScopeRow } from './schema'
import type { Json, Page, Result, ScopePart } from './wire'

/** `table` of a kind, and more columns than `entryColumns` if a screen wants to query by them. */
export interface Kind {
  table: string
  columns?: (document: Record<string, Json>) => Record<string, string | number | boolean | null>
}
export type Kinds = Record<string, Kind>

const KEPT_AFTER_SENDING = 7 * 24 * 3600 * 1000
const UNREAD = JSON.stringify([0, 0, ''])

export const LANES: Lane[] = ['urgent', 'main']
export const rowId = (scope: string, id: string): string => `${scope}/${id}`

export class Draft {
  private readonly changed = new Map<string, Map<string, Raw | null>>()
  private readonly scopes = new Map<string, ScopeRow>()
  outbox: OutboxRow[] = []
  memory: Memory = BLANK
  /** False until something was learned that is worth a transaction. */
  dirty = false

  private constructor(private readonly database: Database, private readonly kinds: Kinds) {}

  static async open(database: Database, kinds: Kinds): Promise<Draft> {
    const draft = new Draft(database, kinds)
    for (const row of await draft.rows<ScopeRow>(SCOPES)) draft.scopes.set(row.id, row)
    draft.outbox = await draft.rows<OutboxRow>(OUTBOX)
    draft.outbox.sort((a, b) => a.position - b.position)
    const [kept] = await draft.rows<{ id: string; value: string }>(STATE)
    draft.memory = { ...BLANK, ...(kept ? (JSON.parse(kept.value) as Partial<Memory>) : {}) }
    return draft
  }

  cursor(): Record<string, unknown> {
    if (this.memory.epoch === null) return {}
    const scopes = [...this.scopes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    return { epoch: this.memory.epoch, scopes: Object.fromEntries(scopes.map((s) => [s.id, JSON.parse(s.pos)])) }
  }

  pending(lane: Lane): OutboxRow[] {
    return this.outbox.filter((row) => row.state === 'pending' && row.lane === lane)
  }

  /** What the user does while a sync runs joins the end of the queue. */
  async rereadOutbox(): Promise<void> {
    const known = new Set(this.outbox.map((row) => row.id))
    const dropped = this.changed.get(OUTBOX)
    const fresh = (await this.rows<OutboxRow>(OUTBOX)).filter((row) => !known.has(row.id) && !dropped?.has(row.id))
    this.outbox.push(...fresh.sort((a, b) => a.position - b.position))
  }

  remember(change: Partial<Memory>): void {
    this.memory = { ...this.memory, ...change }
    this.write(STATE, { id: 'state', value: JSON.stringify(this.memory) })
  }

  /** A new client id: pending mutations count from 1 again. In a new epoch what was sent lately is
   * offered once more, because the server may come from an older backup. */
  register(clientId: string, epoch: string, install: string, limits: Memory['limits']): void {
    const reoffer = this.memory.clientEpoch !== null && this.memory.clientEpoch !== epoch
    if (reoffer) for (const row of this.outbox) this.keep({ ...row, state: 'pending' })
    this.remember({ clientId, clientEpoch: epoch, install, limits, lmid: {} })
  }

  /** Queue again from `expected` on; false if some of it is gone. */
  reopen(lane: Lane, expected: number): boolean {
    const last = this.memory.lmid[lane] ?? 0
    const sent = this.outbox.filter((row) => row.lane === lane && row.state === 'sent' && row.number >= expected)
    if (sent.length !== last - expected + 1) return false
    for (const row of sent) this.keep({ ...row, state: 'pending' })
    this.remember({ lmid: { ...this.memory.lmid, [lane]: expected - 1 } })
    return true
  }

  /** Whether a number of ours stands for something else there: a copy of this app, or this app before
   * its data was put back, has counted under the same client id. Register, and renumber. */
  isAnothers(lane: Lane, byNumber: Map<number, Result>): boolean {
    const from = this.memory.lmid[lane] ?? 0
    const ours = this.pending(lane).map((row, index) => [row.id, byNumber.get(from + index + 1)?.uuid])
    return ours.some(([id, uuid]) => uuid !== undefined && uuid !== id)
  }

  /** Up to `lmid`, no result means applied. */
  settle(lane: Lane, lmid: number, results: Result[], now: number): void {
    const from = this.memory.lmid[lane] ?? 0
    const byNumber = new Map(results.map((result) => [result.id, result]))
    if (this.isAnothers(lane, byNumber)) return this.remember({ install: null })
    this.pending(lane).forEach((row, index) => {
      const number = from + index + 1
      const result = byNumber.get(number)
      if (result?.status === 'rejected') this.refuse(row, result)
      else if (number <= lmid) this.keep({ ...row, state: 'sent', number, settled_at: now })
    })
    this.remember({ lmid: { ...this.memory.lmid, [lane]: Math.max(from, lmid) } })
  }

  /** To the box of what was not sent, words and all. */
  refuse(row: OutboxRow, result: Result | { status: string; code: string }): void {
    const { id, action, args, position } = row
    const refused: NotSentRow = { id, action, args, result: JSON.stringify(result), position }
    this.write(NOT_SENT, { ...refused })
    this.forget(row)
  }

  async take(page: Page, now: number): Promise<void> {
    if (page.epoch !== this.memory.epoch) this.enter(page.epoch)
    for (const gone of page.drop) await this.drop(gone.scope)
    for (const part of page.scopes) await this.takeScope(part)
    for (const lane of LANES) this.settleOf(lane, page, now)
    for (const row of this.outbox) if (row.state === 'sent' && row.settled_at < now - KEPT_AFTER_SENDING) this.forget(row)
    this.remember({ lease: page.lease_expires_at, tooOld: false })
  }

  settleOf(lane: Lane, answer: { lmid: Record<string, number>; results: Result[] }, now: number, own?: Lane): void {
    const lmid = answer.lmid[lane]
    if (lmid === undefined) return
    this.settle(lane, lmid, answer.results.filter((result) => (result.lane ?? own ?? 'main') === lane), now)
  }

  /** As WatermelonDB wants it: everything is an update, which creates what is missing. */
  changes(): SyncDatabaseChangeSet {
    const set: SyncDatabaseChangeSet = {}
    for (const [table, rows] of this.changed) {
      const updated = [...rows.values()].filter((row): row is Raw => row !== null)
      const deleted = [...rows].filter(([, row]) => row === null).map(([id]) => id)
      set[table as never] = { created: [], updated, deleted } as never
    }
    return set
  }

  private enter(epoch: string): void {
    for (const scope of this.scopes.values()) this.place({ ...scope, pos: UNREAD, seq: 0, complete: false })
    this.remember({ epoch })
  }

  private async drop(scope: string): Promise<void> {
    await this.eachEntry(scope, (table, row) => this.erase(table, row.id))
    this.scopes.delete(scope)
    this.erase(SCOPES, scope)
  }

  private async takeScope(part: ScopePart): Promise<void> {
    const known = this.scopes.get(part.scope)
    const generation = (known?.generation ?? 1) + (known && part.reset ? 1 : 0)
    if (part.reset === 'purge') await this.eachEntry(part.scope, (table, row) => this.erase(table, row.id))
    for (const [kind, id, seq, document] of part.put) this.put(part.scope, kind, id, seq, generation, document)
    for (const [kind, id] of part.del) this.del(part.scope, kind, id)
    const complete = part.pos[0] >= part.head
    this.place({ id: part.scope, pos: JSON.stringify(part.pos), seq: part.pos[0], complete, generation })
    if (complete) await this.sweep(part.scope, generation)
  }

  private async sweep(scope: string, generation: number): Promise<void> {
    await this.eachEntry(scope, (table, row) => {
      if (Number(row['generation']) < generation) this.erase(table, row.id)
    })
  }

  private put(
    scope: string, kind: string, id: string, seq: number, generation: number, document: Record<string, Json>,
  ): void {
    const known = this.kinds[kind]
    if (!known) return
    const columns = { scope, object_id: id, seq, generation, doc: JSON.stringify(document) }
    this.write(known.table, { ...(known.columns?.(document) ?? {}), ...columns, id: rowId(scope, id) })
  }

  private del(scope: string, kind: string, id: string): void {
    const table = this.kinds[kind]?.table
    if (table) this.erase(table, rowId(scope, id))
  }

  /** Every entry of a scope as it will be: stored rows under what this draft has changed. */
  private async eachEntry(scope: string, act: (table: string, row: Raw) => void): Promise<void> {
    for (const table of new Set(Object.values(this.kinds).map((kind) => kind.table))) {
      const rows = new Map((await this.rows<Raw>(table, scope)).map((row) => [row.id, row] as const))
      for (const [id, row] of this.changed.get(table) ?? []) {
        if (row === null) rows.delete(id)
        else if (row['scope'] === scope) rows.set(id, row)
      }
      rows.forEach((row) => act(table, row))
    }
  }

  private place(scope: ScopeRow): void {
    this.scopes.set(scope.id, scope)
    this.write(SCOPES, { ...scope })
  }

  private keep(row: OutboxRow): void {
    this.outbox = this.outbox.map((each) => (each.id === row.id ? row : each))
    this.write(OUTBOX, { ...row })
  }

  private forget(row: OutboxRow): void {
    this.outbox = this.outbox.filter((each) => each.id !== row.id)
    this.erase(OUTBOX, row.id)
  }

  private write(table: string, row: Raw): void { this.note(table, row.id, row) }
  private erase(table: string, id: string): void { this.note(table, id, null) }

  private note(table: string, id: string, row: Raw | null): void {
    if (!this.changed.has(table)) this.changed.set(table, new Map())
    this.changed.get(table)!.set(id, row)
    this.dirty = true
  }

  private async rows<Row>(table: string, scope?: string): Promise<Row[]> {
    const clauses = scope === undefined ? [] : [Q.where('scope', scope)]
    const found = await this.database.get(table).query(...clauses).fetch()
    return found.map(({ _raw: { _status, _changed, ...row } }) => row as unknown as Row)
  }
}
