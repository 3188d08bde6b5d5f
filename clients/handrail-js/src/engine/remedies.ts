/** How the phone reacts to each refusal (docs/protocol.md, "Errors"), and how long it retries. */

import { wait } from '../core/backoff.ts'
import type { Answers } from '../core/answers.ts'
import { Closed, Offline, Problem, Stuck, Unreachable, UpgradeRequired } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Lane } from '../wire_types.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'

/** Consecutive tries without progress; after that a later trigger tries again. */
const TRIES = 8

export type Doing = Lane | 'pull'

export class Remedies {
  /** The most mutations of the next batch, by lane. */
  readonly batchSize = new Map<Lane, number>()
  /** How many the last batch had. */
  readonly lastBatch = new Map<Lane, number>()
  /** Bytes sent of the current file, which count as progress. */
  fileOffset: () => number = () => 0
  private readonly session: Session
  private readonly store: Store
  private readonly answers: Answers
  private readonly clock: Clock
  private readonly random: () => number
  private readonly waiting = new Set<(error: Closed) => void>()

  constructor(session: Session, store: Store, answers: Answers, clock: Clock, random: () => number) {
    this.session = session
    this.store = store
    this.answers = answers
    this.clock = clock
    this.random = random
  }

  /** Repeat `step` while it returns true, and remove the cause of errors in between. */
  async persist(doing: Doing, step: () => Promise<boolean>): Promise<void> {
    let tries = 0
    let mark = ''
    for (let more = true; more; ) {
      const { clientId } = this.answers.outbox
      try {
        more = await step()
      } catch (error) {
        if (!(error instanceof Problem || error instanceof Unreachable)) throw error
        const state = this.progress()
        tries = state === mark ? tries + 1 : 1
        mark = state
        if (tries > TRIES) throw new Stuck(doing, { cause: error })
        await this.cure(error, doing, clientId, tries)
      }
    }
  }

  /** End every pause: the phone is being closed. */
  stop(): void {
    for (const end of this.waiting) end(new Closed())
  }

  /** What changes with every progress. */
  private progress(): string {
    const { outbox } = this.answers
    const batches = [...this.batchSize]
    return JSON.stringify([
      this.answers.asked(), outbox.pending().length, batches, this.fileOffset(),
    ])
  }

  /** Remove the cause or wait. Throws `error` if neither helps. */
  private async cure(error: Problem | Unreachable, doing: Doing, clientId: string, tries: number): Promise<void> {
    if (error instanceof Offline) throw error
    if (error instanceof Unreachable) return this.pause(tries, null)
    switch (error.code) {
      case 'client_unknown':
      case 'client_forked':
        return this.refused(clientId)
      case 'mutation_gap':
        return this.reopen(error.body.expected, doing, clientId)
      case 'blobs_missing':
        return this.filesMissing(error, doing)
      case 'in_progress':
        return this.pause(tries, error.retryAfter)
    }
    if (error.status === 413) return this.shrink(doing, error)
    if (error.status === 421) {
      await this.session.move(String(error.body.url))
      return this.refused(clientId)
    }
    if (error.status === 426) return this.tooOld(doing)
    if (error.code === 'invalid' && 'cursor' in (error.body.errors ?? {})) {
      return this.store.transaction(() => this.answers.cursorRefused())
    }
    if (!error.isPassing) throw error
    return this.pause(tries, error.retryAfter)
  }

  private refused(clientId: string): Promise<void> {
    return this.store.transaction(() => this.answers.clientRefused(clientId))
  }

  private async reopen(expected: number, doing: Doing, clientId: string): Promise<void> {
    await this.store.transaction(() => {
      if (doing === 'pull' || !this.answers.reopen(doing, expected)) this.answers.clientRefused(clientId)
    })
  }

  private async filesMissing(error: Problem, doing: Doing): Promise<void> {
    if (doing === 'pull') throw error
    const { id, missing } = error.body
    await this.store.transaction(() => this.answers.filesMissing(doing, id, missing ?? [], this.session.wire.now()))
  }

  /** Halve the batch. A single mutation that is too large is set aside, or it would block its lane
   *  for ever. */
  private async shrink(doing: Doing, error: Problem): Promise<void> {
    if (doing === 'pull') throw error
    const last = this.lastBatch.get(doing) ?? 1
    if (last > 1) {
      this.batchSize.set(doing, Math.floor(last / 2))
      return
    }
    const first = this.answers.outbox.pending(doing)[0]
    if (!first) throw error
    await this.store.transaction(() => this.answers.setAside(first.uuid, 'too_large', this.session.wire.now()))
  }

  /** The app is too old to pull. It may still push its outbox. */
  private async tooOld(doing: Doing): Promise<void> {
    await this.store.transaction(() => this.answers.markTooOld())
    if (doing === 'pull') throw new UpgradeRequired()
  }

  private pause(tries: number, atLeast: number | null): Promise<void> {
    const ms = wait(tries, this.random, atLeast) * 1000
    return new Promise((resolve, reject) => {
      const done = () => {
        this.waiting.delete(end)
        resolve()
      }
      const cancel = this.clock.after(ms, done, 'backoff')
      const end = (error: Closed) => {
        this.waiting.delete(end)
        cancel()
        reject(error)
      }
      this.waiting.add(end)
    })
  }
}
