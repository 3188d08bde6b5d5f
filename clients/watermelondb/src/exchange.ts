/** Push, then pull to the end, with a reaction to each refusal (docs/protocol.md, "Errors"). */
import type { Draft } from './draft'
import { LANES } from './draft'
import type { Lane, OutboxRow } from './schema'
import { Problem, Stuck, Unreachable, UpgradeRequired, post } from './wire'
import type { Fetch, Page, PushAnswer } from './wire'

/** The app signs in; the adapter only needs its tokens. */
export interface Credentials {
  /** The random secret that the keystore generated at install. It must not be in backups. */
  install(): Promise<string>
  accessToken(): Promise<string>
  /** Replace the token `stale`, once for all concurrent callers. Throw if the user must sign in. */
  refresh(stale: string): Promise<void>
  /** The database is already empty. Erase tokens and keys, then acknowledge with the receipt. */
  wiped(receipt: string | null): Promise<void>
}

export interface Environment {
  home: string
  app: { platform: string; version: string; schema: number; page: number }
  credentials: Credentials
  fetch: Fetch
  /** Milliseconds since 1970 by this phone's clock. */
  now: () => number
  sleep: (ms: number) => Promise<void>
  /** A number from 0 up to 1, like Math.random. */
  random: () => number
}

const TRIES = 8
const FIRST_MS = 500
const LONGEST_MS = 60000

export class Exchange {
  private readonly batchSize: Record<Lane, number> = { main: 50, urgent: 50 }
  private lastBatch: OutboxRow[] = []

  constructor(private readonly environment: Environment, private readonly draft: Draft) {}

  /** Push and pull everything. The results before a failure stay in the draft. */
  async run(): Promise<void> {
    await this.pushAndPull()
    // In a new epoch, what the server may have lost has been queued again.
    if (this.needsRegistration(await this.environment.credentials.install()) || this.hasPending()) await this.pushAndPull()
  }

  private async pushAndPull(): Promise<void> {
    let current = false
    for (const lane of LANES) current = await this.push(lane)
    if (!current) await this.persist(null, () => this.pullPage())
  }

  private hasPending(): boolean {
    return LANES.some((lane) => this.draft.pending(lane).length > 0)
  }

  private async push(lane: Lane): Promise<boolean> {
    let current = false
    this.batchSize[lane] = this.draft.memory.limits.mutations
    await this.persist(lane, async () => {
      const batch = await this.batch(lane)
      if (batch.length === 0) return false
      current = await this.pushBatch(lane, batch)
      return true
    })
    return current
  }

  private async batch(lane: Lane): Promise<OutboxRow[]> {
    await this.register()
    await this.draft.readNewOutboxRows()
    return (this.lastBatch = this.draft.pending(lane).slice(0, this.batchSize[lane]))
  }

  private async pushBatch(lane: Lane, batch: OutboxRow[]): Promise<boolean> {
    const first = (this.draft.memory.lmid[lane] ?? 0) + 1
    const mutations = batch.map((row, index) => wireOf(row, first + index))
    const reads = lane === 'main' && !this.draft.memory.tooOld
    const pull = reads ? { pull: { cursor: this.draft.cursor(), limit: this.environment.app.page } } : {}
    const answer = (await this.call('/api/v1/sync/push', { ...this.client(), lane, mutations, ...pull })) as unknown as PushAnswer
    this.draft.storeResultsOf(lane, answer, this.serverNow(), lane)
    if (answer.pull) await this.draft.apply(answer.pull, this.serverNow())
    if (answer.stopped) throw new Problem(503, { ...answer.stopped }, answer.stopped.retry_after_ms)
    return answer.pull !== undefined && !answer.pull.has_more
  }

  private async pullPage(): Promise<boolean> {
    await this.register()
    const body = { limit: this.environment.app.page, only: null, cursor: this.draft.cursor() }
    const page = (await this.call('/api/v1/sync/pull', { ...this.client(), ...body })) as unknown as Page
    await this.draft.apply(page, this.serverNow())
    return page.has_more
  }

  private needsRegistration(install: string): boolean {
    const { clientId, epoch, clientEpoch, install: registered } = this.draft.memory
    return clientId === null || registered !== install || (epoch !== null && epoch !== clientEpoch)
  }

  private async register(): Promise<void> {
    const install = await this.environment.credentials.install()
    if (!this.needsRegistration(install)) return
    const { platform, version, schema } = this.environment.app
    const answer = await this.call('/api/v1/sync/clients', { install, platform, app: version, schema })
    const limits = answer['limits'] as { mutations: number; bytes: number }
    this.draft.register(String(answer['client_id']), String(answer['epoch']), install, limits)
  }

  private client(): Record<string, unknown> {
    return { client_id: this.draft.memory.clientId, schema: this.environment.app.schema, ack: this.draft.memory.lmid }
  }

  /** POST as the signed-in user; refresh an expired token once. */
  private async call(path: string, body: unknown): Promise<Record<string, unknown>> {
    const token = await this.environment.credentials.accessToken()
    try {
      return await this.post(path, body, token)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
    }
    await this.environment.credentials.refresh(token)
    return this.post(path, body, await this.environment.credentials.accessToken())
  }

  private async post(path: string, body: unknown, token: string): Promise<Record<string, unknown>> {
    const { fetch, now } = this.environment
    const sentAt = now()
    const answer = await post(fetch, (this.draft.memory.home ?? this.environment.home) + path, body, token, now)
    if (typeof answer['server_time'] === 'string') this.measure(Date.parse(answer['server_time']), sentAt)
    return answer
  }

  /** Store the clock's offset. The server is assumed to have answered halfway between request and answer. */
  private measure(serverTime: number, sentAt: number): void {
    const offsetMs = Math.round(serverTime - (sentAt + this.environment.now()) / 2)
    // Smaller differences come from the latency, not from the clock.
    if (Math.abs(offsetMs - this.draft.memory.offsetMs) > 250) this.draft.remember({ offsetMs })
  }

  private serverNow(): number { return this.environment.now() + this.draft.memory.offsetMs }

  /** Repeat `step` while it returns true, and remove the cause of errors in between. */
  private async persist(lane: Lane | null, step: () => Promise<boolean>): Promise<void> {
    let tries = 0
    let mark = ''
    for (let more = true; more; ) {
      try {
        more = await step()
      } catch (error) {
        const progress = this.progress()
        tries = progress === mark ? tries + 1 : 1
        mark = progress
        if (tries > TRIES) throw new Stuck(String(error))
        await this.cure(error, lane, tries)
      }
    }
  }

  private progress(): string {
    const { clientId, lmid } = this.draft.memory
    const pending = LANES.map((lane) => this.draft.pending(lane).length)
    return JSON.stringify([clientId, lmid, this.draft.cursor(), pending, this.batchSize])
  }

  private async cure(error: unknown, lane: Lane | null, tries: number): Promise<void> {
    if (error instanceof Unreachable) return this.wait(tries, null)
    if (!(error instanceof Problem)) throw error
    if (['client_unknown', 'client_forked'].includes(error.code)) return this.draft.remember({ clientId: null })
    if (error.code === 'mutation_gap' && lane) return this.mendGap(lane, Number(error.body['expected']))
    if (error.status === 413 && lane) return this.shrink(lane)
    if (error.status === 421) return this.move(String(error.body['url']))
    if (error.status === 426) return this.tooOld(lane)
    if (error.isPassing) return this.wait(tries, error.retryAfterMs)
    throw error
  }

  private mendGap(lane: Lane, expected: number): void {
    if (!this.draft.reopen(lane, expected)) this.draft.remember({ clientId: null })
  }

  /** Halve the batch. A single mutation that is too large is set aside, or it would block the lane forever. */
  private shrink(lane: Lane): void {
    const [first] = this.lastBatch
    if (this.lastBatch.length > 1) this.batchSize[lane] = Math.floor(this.lastBatch.length / 2)
    else if (first) this.draft.refuse(first, { status: 'rejected', code: 'too_large' })
  }

  /** Store a new home, but never one that would receive tokens unencrypted. */
  private move(url: string): void {
    const home = this.draft.memory.home ?? this.environment.home
    if (home.startsWith('https:') && !url.startsWith('https:')) throw new Error(`insecure home: ${url}`)
    this.draft.remember({ home: url.replace(/\/+$/, ''), clientId: null })
  }

  private tooOld(lane: Lane | null): void {
    this.draft.remember({ tooOld: true })
    if (lane === null) throw new UpgradeRequired()
  }

  /** Full jitter on top of what the server asks for. */
  private async wait(tries: number, atLeast: number | null): Promise<void> {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries)
    await this.environment.sleep((atLeast ?? 0) + this.environment.random() * ceiling)
  }
}

function wireOf(row: OutboxRow, id: number): Record<string, unknown> {
  const { action, v, client_time, offset_ms } = row
  return { id, uuid: row.id, action, v, args: JSON.parse(row.args), base: JSON.parse(row.base), client_time, offset_ms }
}
