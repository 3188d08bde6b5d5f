/** Handrail's sync protocol over WatermelonDB's `synchronize`. See README.md. */
import type { Database } from '@nozbe/watermelondb'
import { synchronize } from '@nozbe/watermelondb/sync'
import { Draft, rowId } from './draft'
import type { Kinds } from './draft'
import { Exchange } from './exchange'
import type { Credentials, Environment } from './exchange'
import { NOT_SENT, OUTBOX } from './schema'
import type { Lane, Memory, OutboxRow } from './schema'
import { Problem, Wiped } from './wire'
import type { Fetch } from './wire'

export { entryColumns, handrailModels, handrailTables } from './schema'
export { Problem, Stuck, Unreachable, UpgradeRequired, Wiped } from './wire'
export { rowId }
export type { Credentials, Kinds, Memory }

export interface Options {
  database: Database
  home: string
  credentials: Credentials
  kinds: Kinds
  app: { platform: 'ios' | 'android'; version: string; schema: number; page?: number }
  /** Returns a UUID for each mutation, such as `uuid.v7`. */
  newId: () => string
  fetch?: Fetch
  now?: () => number
  sleep?: (ms: number) => Promise<void>
  random?: () => number
}

export interface DoOptions {
  urgent?: boolean
  v?: number
  /** `{"kind/id": seq}` of the entries that the user was looking at. */
  base?: Record<string, number>
}

export class Handrail {
  private readonly database: Database
  private readonly environment: Environment
  private running: Promise<void> | null = null
  private last = 0

  constructor(private readonly options: Options) {
    this.database = options.database
    this.environment = {
      fetch: (url, init) => fetch(url, init),
      now: () => Date.now(),
      sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
      random: () => Math.random(),
      ...options,
      app: { page: 500, ...options.app },
    }
  }

  /** Queue an action. Works offline for weeks. Returns the mutation's id. */
  async do(action: string, args: object, options: DoOptions = {}): Promise<string> {
    const { memory } = await Draft.open(this.database, {})
    const id = this.options.newId()
    const lane: Lane = options.urgent ? 'urgent' : 'main'
    const row: OutboxRow = {
      id, lane, state: 'pending', action, v: options.v ?? 1,
      args: JSON.stringify(args), base: JSON.stringify(options.base ?? {}),
      client_time: new Date(this.environment.now()).toISOString(), offset_ms: memory.offsetMs,
      position: this.position(), number: 0, settled_at: 0,
    }
    // Created as synced, because the action must be sent and not WatermelonDB's record of a new row.
    await this.database.write(() =>
      this.database.batch(this.database.get(OUTBOX).prepareCreateFromDirtyRaw({ ...row, _status: 'synced' } as never)),
    )
    return id
  }

  /** Push the outbox, then pull to the end. Concurrent calls share one sync. Throws the error that
   * stopped it; nothing is lost, and the results before the error are stored. */
  sync(): Promise<void> {
    this.running ??= this.syncOnce().finally(() => { this.running = null })
    return this.running
  }

  async dismiss(id: string): Promise<void> {
    const refused = await this.database.get(NOT_SENT).find(id)
    await this.database.write(() => refused.destroyPermanently())
  }

  async memory(): Promise<Memory> {
    return (await Draft.open(this.database, {})).memory
  }

  /** Whether entries must not be shown until a sync succeeds: the lease has run out. */
  async isLocked(): Promise<boolean> {
    const { lease, offsetMs } = await this.memory()
    return lease !== null && this.environment.now() + offsetMs >= Date.parse(lease)
  }

  private async syncOnce(): Promise<void> {
    let error: unknown = null
    await synchronize({
      database: this.database,
      sendCreatedAsUpdated: true,
      pullChanges: async () => {
        const draft = await Draft.open(this.database, this.options.kinds)
        try {
          await new Exchange(this.environment, draft).run()
        } catch (caught) {
          error = caught
        }
        return { changes: isWipe(error) ? {} : draft.changes(), timestamp: Math.max(1, this.environment.now()) }
      },
    })
    if (isWipe(error)) await this.wipe(error as Problem)
    if (error) throw error
  }

  private async wipe(order: Problem): Promise<never> {
    await this.database.write(() => this.database.unsafeResetDatabase())
    await this.options.credentials.wiped((order.body['receipt'] as string | undefined) ?? null)
    throw new Wiped()
  }

  /** Increases with every call, even within one millisecond. */
  private position(): number {
    this.last = Math.max(this.environment.now(), this.last + 0.001)
    return this.last
  }
}

function isWipe(error: unknown): boolean {
  return error instanceof Problem && error.status === 410 && error.code === 'wipe'
}
