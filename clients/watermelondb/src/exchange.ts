/** Push, then pull to the end, with the remedy for each refusal (docs/protocol.md, "Errors"). */
import type { Draft } from './draft'
import { LANES } from './draft'
import type { Lane, OutboxRow } from './schema'
import { Problem, Stuck, Unreachable, UpgradeRequired, post } from './wire'
import type { Fetch, Page, PushAnswer } from './wire'

/** Signing in is the app's; the adapter only asks for tokens. */
export interface Credentials {
  /** The random secret that the keystore made at install; never in a backup. */
  install(): Promise<string>
  accessToken(): Promise<string>
  /** Get another token than `stale`, once for all who ask. Throw when signing in is needed. */
  refresh(stale: string): Promise<void>
  /** The database is empty. Forget tokens and keys, then acknowledge with the receipt. */
  wiped(receipt: string | null): Promise<void>
}

export interface Surroundings {
  home: string
  app: { platform: string; version: string; schema: number; page: number }
  credentials: Credentials
  fetch: Fetch
  /** Milliseconds since 1970, by this phone's clock. */
  now: () => number
  sleep: (ms: number) => Promise<void>
  /** From 0 up to 1. */
  random: () => number
}

const TRIES = 8
const FIRST_MS = 500
const LONGEST_MS = 60000

export class Exchange {
  private readonly batchSize: Record<Lane, number> = { main: 50, urgent: 50 }
  private lastBatch: OutboxRow[] = []

  constructor(private readonly around: Surroundings, private readonly draft: Draft) {}

  /** Everything. What was learned before a failure stays in the draft. */
  async run(): Promise<void> {
    await this.round()
    if (this.needsRegistration(await this.around.credentials.install()) || this.hasPending()) await this.round()
  }

  private async round(): Promise<void> {
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
    await this.draft.rereadOutbox()
    return (this.lastBatch = this.draft.pending(lane).slice(0, this.batchSize[lane]))
  }

  private async pushBatch(lane: Lane, batch: OutboxRow[]): Promise<boolean> {
    const first = (this.draft.memory.lmid[lane] ?? 0) + 1
    const mutations = batch.map((row, index) => wireOf(row, first + index))
    const reads = lane === 'main' && !this.draft.memory.tooOld
    const pull = reads ? { pull: { cursor: this.draft.cursor(), limit: this.around.app.page } } : {}
    const answer = (await this.ask('/api/v1/sync/push', { ...this.who(), lane, mutations, ...pull })) as unknown as PushAnswer
    this.draft.settleOf(lane, answer, this.serverNow(), lane)
    if (answer.pull) await this.draft.take(answer.pull, this.serverNow())
    if (answer.stopped) throw new Problem(503, { ...answer.stopped }, answer.stopped.retry_after_ms)
    return answer.pull !== undefined && !answer.pull.has_more
  }

  private async pullPage(): Promise<boolean> {
    await this.register()
    const asked = { limit: this.around.app.page, only: null, cursor: this.draft.cursor() }
    const page = (await this.ask('/api/v1/sync/pull', { ...this.who(), ...asked })) as unknown as Page
    await this.draft.take(page, this.serverNow())
    return page.has_more
  }

  private needsRegistration(install: string): boolean {
    const { clientId, epoch, clientEpoch, install: registered } = this.draft.memory
    return clientId === null || registered !== install || (epoch !== null && epoch !== clientEpoch)
  }

  private async register(): Promise<void> {
    const install = await this.around.credentials.install()
    if (!this.needsRegistration(install)) return
    const { platform, version, schema } = this.around.app
    const told = await this.ask('/api/v1/sync/clients', { install, platform, app: version, schema })
    const limits = told['limits'] as { mutations: number; bytes: number }
    this.draft.register(String(told['client_id']), String(told['epoch']), install, limits)
  }

  private who(): Record<string, unknown> {
    return { client_id: this.draft.memory.clientId, schema: this.around.app.schema, ack: this.draft.memory.lmid }
  }

  /** POST as the person signed in; an expired token is refreshed once. */
  private async ask(path: string, body: unknown): Promise<Record<string, unknown>> {
    const token = await this.around.credentials.accessToken()
    try {
      return await this.post(path, body, token)
    } catch (trouble) {
      if (!(trouble instanceof Problem) || trouble.status !== 401) throw trouble
    }
    await this.around.credentials.refresh(token)
    return this.post(path, body, await this.around.credentials.accessToken())
  }

  private async post(path: string, body: unknown, token: string): Promise<Record<string, unknown>> {
    const { fetch, now } = this.around
    const asked = now()
    const told = await post(fetch, (this.draft.memory.home ?? this.around.home) + path, body, token, now)
    if (typeof told['server_time'] === 'string') this.measure(Date.parse(told['server_time']), asked)
    return told
  }

  /** How far this phone's clock is behind the server's, judged at half of the journey. */
  private measure(told: number, asked: number): void {
    const offsetMs = Math.round(told - (asked + this.around.now()) / 2)
    if (Math.abs(offsetMs - this.draft.memory.offsetMs) > 250) this.draft.remember({ offsetMs })
  }

  private serverNow(): number { return this.around.now() + this.draft.memory.offsetMs }

  /** Repeat while there is more, curing what can be cured between. */
  private async persist(lane: Lane | null, step: () => Promise<boolean>): Promise<void> {
    let tries = 0
    let mark = ''
    for (let more = true; more; ) {
      try {
        more = await step()
      } catch (trouble) {
        const progress = this.progress()
        tries = progress === mark ? tries + 1 : 1
        mark = progress
        if (tries > TRIES) throw new Stuck(String(trouble))
        await this.cure(trouble, lane, tries)
      }
    }
  }

  private progress(): string {
    const { clientId, lmid } = this.draft.memory
    const pending = LANES.map((lane) => this.draft.pending(lane).length)
    return JSON.stringify([clientId, lmid, this.draft.cursor(), pending, this.batchSize])
  }

  private async cure(trouble: unknown, lane: Lane | null, tries: number): Promise<void> {
    if (trouble instanceof Unreachable) return this.wait(tries, null)
    if (!(trouble instanceof Problem)) throw trouble
    if (['client_unknown', 'client_forked'].includes(trouble.code)) return this.draft.remember({ clientId: null })
    if (trouble.code === 'mutation_gap' && lane) return this.mendGap(lane, Number(trouble.body['expected']))
    if (trouble.status === 413 && lane) return this.shrink(lane)
    if (trouble.status === 421) return this.move(String(trouble.body['url']))
    if (trouble.status === 426) return this.tooOld(lane)
    if (trouble.isPassing) return this.wait(tries, trouble.retryAfterMs)
    throw trouble
  }

  private mendGap(lane: Lane, expected: number): void {
    if (!this.draft.reopen(lane, expected)) this.draft.remember({ clientId: null })
  }

  /** One mutation too large by itself would hold up all others for ever. */
  private shrink(lane: Lane): void {
    const [first] = this.lastBatch
    if (this.lastBatch.length > 1) this.batchSize[lane] = Math.floor(this.lastBatch.length / 2)
    else if (first) this.draft.refuse(first, { status: 'rejected', code: 'too_large' })
  }

  /** Never to a place that would receive tokens in the clear. */
  private move(url: string): void {
    const home = this.draft.memory.home ?? this.around.home
    if (home.startsWith('https:') && !url.startsWith('https:')) throw new Error(`insecure home: ${url}`)
    this.draft.remember({ home: url.replace(/\/+$/, ''), clientId: null })
  }

  private tooOld(lane: Lane | null): void {
    this.draft.remember({ tooOld: true })
    if (lane === null) throw new UpgradeRequired()
  }

  /** What the server asks for is a floor under full jitter. */
  private async wait(tries: number, atLeast: number | null): Promise<void> {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries)
    await this.around.sleep((atLeast ?? 0) + this.around.random() * ceiling)
  }
}

function wireOf(row: OutboxRow, id: number): Record<string, unknown> {
  const { action, v, client_time, offset_ms } = row
  return { id, uuid: row.id, action, v, args: JSON.parse(row.args), base: JSON.parse(row.base), client_time, offset_ms }
}
