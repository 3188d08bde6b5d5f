/** Handrail's sync protocol over WatermelonDB's `synchronize`. See README.md. */
import type { Database } from '@nozbe/watermelondb'
import { synchronize } from '@nozbe/watermelondb/sync'
import { Draft, rowId } from './draft'
import type { Kinds } from './draft'
import { Exchange } from './exchange'
import type { Credentials, Surroundings } from './exchange'
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
  /** A UUID for each mutation, such as `uuid.v7`. */
  newId: () => string
  fetch?: Fetch
  now?: () => number
  sleep?: (ms: number) => Promise<void>
  random?: () => number
}

export interface Doing {
  urgent?: boolean
  v?: number
  /** `{"kind/id": seq}` of the entries that the user had before them. */
  base?: Record<string, number>
}

export class Handrail {
  private readonly database: Database
  private readonly around: Surroundings
  private running: Promise<void> | null = null
  private last = 0

  constructor(private readonly options: Options) {
    this.database = options.database
    this.around = {
      fetch: (url, init) => fetch(url, init),
      now: () => Date.now(),
      sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
      random: () => Math.random(),
      ...options,
      app: { page: 500, ...options.app },
    }
  }

  /** Queue an action; works offline, for weeks. Answers the mutation's id. */
  async do(action: string, args: object, doing: Doing = {}): Promise<string> {
    const { memory } = await Draft.open(this.database, {})
    const id = this.options.newId()
    const lane: Lane = doing.urgent ? 'urgent' : 'main'
    const row: OutboxRow = {
      id, lane, state: 'pending', action, v: doing.v ?? 1,
      args: JSON.stringify(args), base: JSON.stringify(doing.base ?? {}),
      client_time: new Date(this.around.now()).toISOString(), offset_ms: memory.offsetMs,
      position: this.position(), number: 0, settled_at: 0,
    }
    // Created as synced: what is to be sent is the action, not WatermelonDB's record of a new row.
    await this.database.write(() =>
      this.database.batch(this.database.get(OUTBOX).prepareCreateFromDirtyRaw({ ...row, _status: 'synced' } as never)),
    )
    return id
  }

  /** Hand in and read to the end. One at a time: who asks meanwhile waits for the same end.
   * Throws what stopped it; nothing is lost, and what was learned before is stored. */
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

  /** True when nothing may be shown until a sync has worked again. */
  async isLocked(): Promise<boolean> {
    const { lease, offsetMs } = await this.memory()
    return lease !== null && this.around.now() + offsetMs >= Date.parse(lease)
  }

  private async syncOnce(): Promise<void> {
    let trouble: unknown = null
    await synchronize({
      database: this.database,
      sendCreatedAsUpdated: true,
      pullChanges: async () => {
        const draft = await Draft.open(this.database, this.options.kinds)
        try {
          await new Exchange(this.around, draft).run()
        } catch (caught) {
          trouble = caught
        }
        return { changes: isWipe(trouble) ? {} : draft.changes(), timestamp: Math.max(1, this.around.now()) }
      },
    })
    if (isWipe(trouble)) await this.wipe(trouble as Problem)
    if (trouble) throw trouble
  }

  private async wipe(order: Problem): Promise<never> {
    await this.database.write(() => this.database.unsafeResetDatabase())
    await this.options.credentials.wiped((order.body['receipt'] as string | undefined) ?? null)
    throw new Wiped()
  }

  /** Later than any before, also within one millisecond. */
  private position(): number {
    this.last = Math.max(this.around.now(), this.last + 0.001)
    return this.last
  }
}

function isWipe(trouble: unknown): boolean {
  return trouble instanceof Problem && trouble.status === 410 && trouble.code === 'wipe'
}
