/**
 * The changes of one sync that are not stored yet. They become one change set, which WatermelonDB
 * applies in one transaction: entries, positions and outbox change together or not at all.
 */
import { Q, type Database } from '@nozbe/watermelondb'
import type { SyncDatabaseChangeSet } from '@nozbe/watermelondb/sync'
import { BLANK, NOT_SENT, OUTBOX, SCOPES, STATE } from './schema'
import type { Lane, Memory, NotSentRow, OutboxRow, Raw, ScopeRow } from './schema'
import type { Json, Page, Result, ScopePart } from './wire'

/** The table of a kind, and additional columns if a screen queries by them. */
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
  /** Whether there is anything to store. */
  dirty = false

  private constructor(private readonly database: Database, private readonly kinds: Kinds) {}

  static async open(database: Database, kinds: Kinds): Promise<Draft> {
    const draft = new Draft(database, kinds)
    for (const row of await draft.rows<ScopeRow>(SCOPES)) draft.scopes.set(row.id, row)
    draft.outbox = await draft.rows<OutboxRow>(OUTBOX)
    draft.outbox.sort((a, b) => a.position - b.position)
    const [stored] = await draft.rows<{ id: string; value: string }>(STATE)
    draft.memory = { ...BLANK, ...(stored ? (JSON.parse(stored.value) as Partial<Memory>) : {}) }
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

  /** Append what the user has done since this sync began. */
  async readNewOutboxRows(): Promise<void> {
    const known = new Set(this.outbox.map((row) => row.id))
    const removed = this.changed.get(OUTBOX)
    const added = (await this.rows<OutboxRow>(OUTBOX)).filter((row) => !known.has(row.id) && !removed?.has(row.id))
    this.outbox.push(...added.sort((a, b) => a.position - b.position))
  }

  remember(change: Partial<Memory>): void {
    this.memory = { ...this.memory, ...change }
    this.write(STATE, { id: 'state', value: JSON.stringify(this.memory) })
  }

  /** Store a new client id: pending mutations are numbered from 1 again. In a new epoch, queue recently
   * sent ones again, because the server may have been restored from an older backup. */
  register(clientId: string, epoch: string, install: string, limits: Memory['limits']): void {
    const reoffer = this.memory.clientEpoch !== null && this.memory.clientEpoch !== epoch
    if (reoffer) for (const row of this.outbox) this.update({ ...row, state: 'pending' })
    this.remember({ clientId, clientEpoch: epoch, install, limits, lmid: {} })
  }

  /** Queue all mutations from `expected` on again. Returns false if any is gone. */
  reopen(lane: Lane, expected: number): boolean {
    const last = this.memory.lmid[lane] ?? 0
    const sent = this.outbox.filter((row) => row.lane === lane && row.state === 'sent' && row.number >= expected)
    if (sent.length !== last - expected + 1) return false
    for (const row of sent) this.update({ ...row, state: 'pending' })
    this.remember({ lmid: { ...this.memory.lmid, [lane]: expected - 1 } })
    return true
  }

  /** Whether one of our numbers belongs to another mutation on the server. Then a copy of this app, or
   * this app before a restore, has used the same client id, and the app must register again. */
  isForked(lane: Lane, byNumber: Map<number, Result>): boolean {
    const from = this.memory.lmid[lane] ?? 0
    const ours = this.pending(lane).map((row, index) => [row.id, byNumber.get(from + index + 1)?.uuid])
    return ours.some(([id, uuid]) => uuid !== undefined && uuid !== id)
  }

  /** Up to `lmid`, mutations without a result were applied. */
  storeResults(lane: Lane, lmid: number, results: Result[], now: number): void {
    const from = this.memory.lmid[lane] ?? 0
    const byNumber = new Map(results.map((result) => [result.id, result]))
    if (this.isForked(lane, byNumber)) return this.remember({ install: null })
    this.pending(lane).forEach((row, index) => {
      const number = from + index + 1
      const result = byNumber.get(number)
      if (result?.status === 'rejected') this.refuse(row, result)
      else if (number <= lmid) this.update({ ...row, state: 'sent', number, settled_at: now })
    })
    this.remember({ lmid: { ...this.memory.lmid, [lane]: Math.max(from, lmid) } })
  }

  /** Move a mutation to the "not sent" table, with the user's text. */
  refuse(row: OutboxRow, result: Result | { status: string; code: string }): void {
    const { id, action, args, position } = row
    const refused: NotSentRow = { id, action, args, result: JSON.stringify(result), position }
    this.write(NOT_SENT, { ...refused })
    this.remove(row)
  }

  async apply(page: Page, now: number): Promise<void> {
    if (page.epoch !== this.memory.epoch) this.enterEpoch(page.epoch)
    for (const dropped of page.drop) await this.drop(dropped.scope)
    for (const part of page.scopes) await this.applyScope(part)
    for (const lane of LANES) this.storeResultsOf(lane, page, now)
    for (const row of this.outbox) if (row.state === 'sent' && row.settled_at < now - KEPT_AFTER_SENDING) this.remove(row)
    this.remember({ lease: page.lease_expires_at, tooOld: false })
  }

  storeResultsOf(lane: Lane, answer: { lmid: Record<string, number>; results: Result[] }, now: number, own?: Lane): void {
    const lmid = answer.lmid[lane]
    if (lmid === undefined) return
    this.storeResults(lane, lmid, answer.results.filter((result) => (result.lane ?? own ?? 'main') === lane), now)
  }

  /** The change set for WatermelonDB. All rows are updates, which also create missing rows. */
  changes(): SyncDatabaseChangeSet {
    const set: SyncDatabaseChangeSet = {}
    for (const [table, rows] of this.changed) {
      const updated = [...rows.values()].filter((row): row is Raw => row !== null)
      const deleted = [...rows].filter(([, row]) => row === null).map(([id]) => id)
      set[table as never] = { created: [], updated, deleted } as never
    }
    return set
  }

  private enterEpoch(epoch: string): void {
    for (const scope of this.scopes.values()) this.setScope({ ...scope, pos: UNREAD, seq: 0, complete: false })
    this.remember({ epoch })
  }

  private async drop(scope: string): Promise<void> {
    await this.forEachEntry(scope, (table, row) => this.erase(table, row.id))
    this.scopes.delete(scope)
    this.erase(SCOPES, scope)
  }

  private async applyScope(part: ScopePart): Promise<void> {
    const known = this.scopes.get(part.scope)
    const generation = (known?.generation ?? 1) + (known && part.reset ? 1 : 0)
    if (part.reset === 'purge') await this.forEachEntry(part.scope, (table, row) => this.erase(table, row.id))
    for (const [kind, id, seq, document] of part.put) this.put(part.scope, kind, id, seq, generation, document)
    for (const [kind, id] of part.del) this.del(part.scope, kind, id)
    const complete = part.pos[0] >= part.head
    this.setScope({ id: part.scope, pos: JSON.stringify(part.pos), seq: part.pos[0], complete, generation })
    if (complete) await this.sweep(part.scope, generation)
  }

  private async sweep(scope: string, generation: number): Promise<void> {
    await this.forEachEntry(scope, (table, row) => {
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

  /** Call `act` for every entry of a scope: stored rows with the changes of this draft. */
  private async forEachEntry(scope: string, act: (table: string, row: Raw) => void): Promise<void> {
    for (const table of new Set(Object.values(this.kinds).map((kind) => kind.table))) {
      const rows = new Map((await this.rows<Raw>(table, scope)).map((row) => [row.id, row] as const))
      for (const [id, row] of this.changed.get(table) ?? []) {
        if (row === null) rows.delete(id)
        else if (row['scope'] === scope) rows.set(id, row)
      }
      rows.forEach((row) => act(table, row))
    }
  }

  private setScope(scope: ScopeRow): void {
    this.scopes.set(scope.id, scope)
    this.write(SCOPES, { ...scope })
  }

  private update(row: OutboxRow): void {
    this.outbox = this.outbox.map((each) => (each.id === row.id ? row : each))
    this.write(OUTBOX, { ...row })
  }

  private remove(row: OutboxRow): void {
    this.outbox = this.outbox.filter((each) => each.id !== row.id)
    this.erase(OUTBOX, row.id)
  }

  private write(table: string, row: Raw): void { this.record(table, row.id, row) }
  private erase(table: string, id: string): void { this.record(table, id, null) }

  private record(table: string, id: string, row: Raw | null): void {
    if (!this.changed.has(table)) this.changed.set(table, new Map())
    this.changed.get(table)!.set(id, row)
    this.dirty = true
  }

  private async rows<Row>(table: string, scope?: string): Promise<Row[]> {
    const clauses = scope === undefined ? [] : [Q.where('scope', scope)]
    const records = await this.database.get(table).query(...clauses).fetch()
    return records.map(({ _raw: { _status, _changed, ...row } }) => row as unknown as Row)
  }
}
