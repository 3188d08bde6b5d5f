/** Push and pull: the requests that synchronise a phone. */

import type { Answers, Asked } from '../core/answers.ts'
import { isSame } from '../core/answers.ts'
import type { Mutation } from '../core/memory.ts'
import { wireMutation } from '../core/outbox.ts'
import { BrokenAnswer, Offline, Problem, Stuck, Unreachable } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Body, Digest, Lane, Limits, Page, PushAnswer, Registered } from '../wire_types.ts'
import { LANES } from '../wire_types.ts'
import { Files } from './files.ts'
import { Remedies } from './remedies.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'
import { whole } from './wire.ts'

const CLIENTS = '/api/v1/sync/clients'
const PULL = '/api/v1/sync/pull'
const PUSH = '/api/v1/sync/push'
const DIGEST = '/api/v1/sync/digest'
/** Until registration sets others. */
const LIMITS: Limits = { mutations: 50, bytes: 524_288 }
const DAY_MS = 24 * 3_600_000

/** `schema`: the newest shape of documents that the app understands. `page`: rows of a page. */
export interface App {
  platform: 'web' | 'android' | 'ios'
  version: string
  schema: number
  page: number
}

export class Sync {
  pullsInFlight = 0
  afterPull: () => void = () => {}
  readonly session: Session
  readonly store: Store
  readonly answers: Answers
  readonly app: App
  readonly files: Files
  readonly remedies: Remedies
  private readonly lanes: Record<Lane, Mutex> = { urgent: new Mutex(), main: new Mutex() }
  /** What the running push has marked as tried. */
  private readonly marked: Record<Lane, Mutation[]> = { urgent: [], main: [] }
  private readonly pulling = new Mutex()
  private readonly registering = new Mutex()

  constructor(session: Session, store: Store, answers: Answers, clock: Clock, app: App, random: () => number) {
    this.session = session
    this.store = store
    this.answers = answers
    this.app = app
    this.files = new Files(session, store, answers)
    this.remedies = new Remedies(session, store, answers, clock, random)
    this.remedies.fileOffset = () => this.files.offset
  }

  /** Push the outbox, then pull to the end. */
  async run(): Promise<void> {
    await this.session.acknowledgeWipe()
    await this.pushAndPull()
    // In a new epoch, what the server may have lost has been queued again.
    if (this.needsRegistration() || this.answers.outbox.pending().length) await this.pushAndPull()
    if (await this.compare()) await this.pull()
  }

  /** Push one lane, batch by batch. Returns whether the last answer also pulled to the end. */
  push(lane: Lane): Promise<boolean> {
    return this.lanes[lane].run(async () => {
      let reachedEnd = false
      this.remedies.batchSize.set(lane, this.limits.mutations)
      await this.remedies.persist(lane, async () => {
        const pushed = await this.pushBatch(lane)
        reachedEnd = pushed?.reachedEnd ?? reachedEnd
        return pushed !== null
      })
      return reachedEnd
    })
  }

  /** Pull page by page until there is no more. */
  pull(): Promise<void> {
    return this.pulling.run(() =>
      this.inFlight(() => this.remedies.persist('pull', () => this.pullPage())),
    )
  }

  /** Register if this phone has no client id that holds. */
  register(): Promise<void> {
    return this.registering.run(async () => {
      if (!this.needsRegistration()) return
      const { install } = this.session
      const { platform, version: app, schema } = this.app
      const sent = { install, platform, app, schema }
      const answer = whole<Registered>(await this.session.call(CLIENTS, sent), 'client_id', 'epoch', 'limits')
      await this.store.transaction(() => this.answers.takeRegistration(answer, install))
    })
  }

  /** An error in one lane stops neither the other lane nor the pull; it is thrown last. */
  private async pushAndPull(): Promise<void> {
    let isCurrent = false
    const errors: unknown[] = []
    for (const lane of LANES) {
      try {
        isCurrent = await this.push(lane)
      } catch (error) {
        if (!(error instanceof Problem || error instanceof Stuck || error instanceof BrokenAnswer)) throw error
        isCurrent = false
        errors.push(error)
      }
    }
    if (!isCurrent) await this.pull()
    if (errors.length) throw errors[0]
  }

  private async pullPage(): Promise<boolean> {
    await this.register()
    const asked = await this.asked()
    const { cursor } = asked
    const page = wholePage(await this.session.call(PULL, {
      ...this.client(asked), limit: this.app.page, only: null, cursor,
    }))
    const applied = await this.store.transaction(() => this.answers.takePull(asked, page, this.now()))
    if (applied && page.has_more && isSame(this.answers.copy.cursor(), cursor)) {
      throw new BrokenAnswer('has_more is true, but the cursor did not move.')
    }
    return page.has_more || !applied
  }

  /** Returns null if there was nothing to push. */
  private async pushBatch(lane: Lane): Promise<{ reachedEnd: boolean } | null> {
    await this.register()
    await this.files.sendNext(lane)
    await this.markBatch(lane)
    const asked = await this.asked()
    const batch = this.batch(lane).filter((mutation) => mutation.tried)
    if (!batch.length) return null
    this.remedies.lastBatch.set(lane, batch.length)
    const envelope = { ...this.envelope(asked, lane), mutations: batch.map((m) => this.wire(m)) }
    const send = async (): Promise<[PushAnswer, boolean]> => {
      const answer = whole<PushAnswer>(await this.session.call(PUSH, envelope), 'lmid', 'results')
      if (answer.pull) wholePage(answer.pull)
      return [answer, await this.store.transaction(() => this.answers.takePush(asked, lane, answer, this.now()))]
    }
    const [answer, applied] = await ('pull' in envelope ? this.inFlight(send) : send()).catch(async (error) => {
      // Without a network nothing has left: its author can still take it back.
      if (error instanceof Offline) await this.store.transaction(() => this.answers.outbox.unmarkTried(this.marked[lane]))
      throw error
    })
    if (answer.stopped) {
      // In the middle of the batch; the results before it are stored.
      throw new Problem(503, answer.stopped, (answer.stopped.retry_after_ms ?? 0) / 1000)
    }
    return { reachedEnd: Boolean(answer.pull && applied && !answer.pull.has_more) }
  }

  /** What leaves is marked before it leaves: from then on its author cannot simply take it back. */
  private async markBatch(lane: Lane): Promise<void> {
    const untried = () => this.batch(lane).filter((mutation) => !mutation.tried)
    this.marked[lane] = untried()
    if (!this.marked[lane].length) return
    const mark = await this.session.remark()
    await this.store.transaction(() => {
      this.marked[lane] = untried()
      this.answers.outbox.markTried(this.marked[lane])
      this.store.memory.setMeta({ mark })
    })
  }

  /** The oldest pending mutations: at least one, as many as the limits allow, up to the first one
   *  with unsent files. */
  private batch(lane: Lane): Mutation[] {
    let room = this.limits.bytes - byteLength(this.envelope(this.answers.asked(), lane))
    const most = this.remedies.batchSize.get(lane) ?? this.limits.mutations
    const batch: Mutation[] = []
    for (const mutation of this.answers.outbox.pending(lane).slice(0, most)) {
      room -= byteLength(this.wire(mutation)) + 1
      if ((batch.length && room < 0) || this.files.hasUnsent(mutation.uuid)) break
      batch.push(mutation)
    }
    return batch
  }

  /** What a request says of this phone. Nothing leaves before it is durable here. */
  private asked(): Promise<Asked> {
    return this.store.durable(() => this.answers.asked())
  }

  private client({ clientId, acks }: Asked): Body {
    return { client_id: clientId, schema: this.app.schema, ack: acks }
  }

  /** A push of the main lane also pulls, which saves a request. The urgent lane must not wait for
   *  pages, and an app that is too old to pull would have its whole push refused. */
  private envelope(asked: Asked, lane: Lane): Body {
    const pulls = lane === 'main' && !this.store.memory.meta.tooOld
    const pull = pulls ? { pull: { cursor: asked.cursor, limit: this.app.page } } : {}
    return { ...this.client(asked), lane, ...pull }
  }

  private wire(mutation: Mutation): Body {
    return wireMutation(mutation, this.session.wire.offsetMs)
  }

  /** Compare digests with the server, daily and after an update of the app. A comparison that fails
   *  stays due and has no other effect. Returns whether something has to be read again. */
  private async compare(): Promise<boolean> {
    if (!(await this.isCompareDue())) return false
    let differed: string[] = []
    try {
      const answer = whole<{ epoch: string; scopes: Digest[] }>(await this.digest({}), 'epoch', 'scopes')
      differed = await this.store.transaction(() =>
        this.answers.takeDigest(answer, this.app.version, this.now()),
      )
      if (differed.length) await this.digest({ only: [], differed })
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
    }
    return differed.length > 0
  }

  private async isCompareDue(): Promise<boolean> {
    const { checked } = this.store.memory.meta
    // A new phone has just read everything, so its first comparison is a day later.
    if (!checked) {
      const first = { at: this.now(), app: this.app.version }
      await this.store.transaction(() => this.store.memory.setMeta({ checked: first }))
      return false
    }
    return checked.app !== this.app.version || this.now() - checked.at >= DAY_MS
  }

  private digest(body: Body): Promise<any> {
    const client = { client_id: this.answers.outbox.clientId, schema: this.app.schema }
    return this.session.call(DIGEST, { ...client, ...body })
  }

  private needsRegistration(): boolean {
    return this.answers.needsRegistration(this.session.install)
  }

  private get limits(): Limits {
    return this.store.memory.meta.limits ?? LIMITS
  }

  private now(): number {
    return this.session.wire.now()
  }

  /** Live frames are held during a pull and judged again afterwards. */
  private async inFlight<T>(work: () => Promise<T>): Promise<T> {
    this.pullsInFlight++
    try {
      return await work()
    } finally {
      this.pullsInFlight--
      if (!this.pullsInFlight) this.afterPull()
    }
  }
}

/** One at a time, in the order of asking. */
class Mutex {
  private last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work)
    this.last = done.catch(() => {})
    return done
  }
}

function wholePage(page: Page): Page {
  return whole(page, 'epoch', 'scopes', 'drop', 'lmid', 'results')
}

function byteLength(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}
