/** Applies the server's answers. Each method is one change of the memory, in the protocol's order;
 *  the caller writes it in one transaction. */

import type {
  CommitFrame,
  Cursor,
  Digest,
  Lane,
  Page,
  PushAnswer,
  Registered,
  Results,
} from '../wire_types.ts'
import { Copy } from './copy.ts'
import type { Memory } from './memory.ts'
import type { NewMutation } from './outbox.ts'
import { byLane, Outbox } from './outbox.ts'
import { Overlay } from './overlay.ts'

/** The phone's state when a request left. A page is applied only if it still holds. */
export interface Asked {
  clientId: string
  cursor: Cursor
  acks: Partial<Record<Lane, number>>
}

export class Answers {
  readonly memory: Memory
  readonly copy: Copy
  readonly outbox: Outbox
  readonly overlay: Overlay

  constructor(memory: Memory) {
    this.memory = memory
    this.copy = new Copy(memory)
    this.outbox = new Outbox(memory)
    this.overlay = new Overlay(memory, this.outbox)
  }

  asked(): Asked {
    return { clientId: this.outbox.clientId, cursor: this.copy.cursor(), acks: this.outbox.acks() }
  }

  /** On a new phone, after a restore from a backup, after a refusal, and in a new epoch. */
  needsRegistration(install: string): boolean {
    const { clientInstall, clientEpoch } = this.memory.meta
    const epoch = this.copy.epoch
    return !this.outbox.clientId || clientInstall !== install || (epoch !== null && epoch !== clientEpoch)
  }

  /** The server does not know this client id, so the phone must register again. */
  clientRefused(clientId: string): void {
    if (this.outbox.clientId === clientId) this.memory.setMeta({ clientInstall: null })
  }

  /** In a new epoch, queue what was sent in the last days again: the server may be a restored one. */
  takeRegistration(answer: Registered, install: string): void {
    const known = this.memory.meta.clientEpoch
    if (answer.client_id !== this.outbox.clientId) {
      this.outbox.renumber(answer.client_id, known !== undefined && known !== answer.epoch)
    }
    const { epoch, limits } = answer
    this.memory.setMeta({ clientEpoch: epoch, clientInstall: install, limits })
    this.overlay.invalidate()
  }

  /** Returns false if the page was discarded because the cursor has moved since. */
  takePull(asked: Asked, page: Page, at: number): boolean {
    if (!isSame(this.copy.cursor(), asked.cursor)) return false
    this.copy.enterEpoch(page.epoch)
    for (const { scope } of page.drop) this.copy.drop(scope)
    for (const scope of page.scopes) this.copy.takePage(scope)
    this.storeResults(asked, page, 'main', at)
    this.outbox.prune(at)
    this.memory.setMeta({
      lease: page.lease_expires_at,
      leaseRanOut: false,
      tooOld: false,
      ...(page.has_more ? {} : { lastSynced: at }),
    })
    this.markRead()
    return true
  }

  /** A push's own results are settled even if its page is discarded. Returns whether it was not. */
  takePush(asked: Asked, lane: Lane, answer: PushAnswer, at: number): boolean {
    this.storeResults(asked, answer, lane, at)
    const applied = answer.pull ? this.takePull(asked, answer.pull, at) : true
    this.markRead()
    return applied
  }

  /** Returns false if the scope has moved since the frame was judged. */
  takeFrame(frame: CommitFrame): boolean {
    if (this.copy.readTo(frame.s) !== frame.from || !this.copy.isComplete(frame.s)) return false
    this.copy.takeFrame(frame.s, frame.to, frame.put ?? [], frame.del ?? [])
    this.markRead()
    return true
  }

  /** Compare the server's digests with the local copy. Those that differ are read again from the
   *  beginning, and returned. */
  takeDigest(answer: { epoch: string; scopes: Digest[] }, app: string, at: number): string[] {
    const digests = answer.epoch === this.copy.epoch ? answer.scopes : []
    const differing = digests.filter((each) => this.copy.differsFrom(each)).map((each) => each.scope)
    for (const scope of differing) this.copy.markUnread(scope)
    this.memory.setMeta({ checked: { at, app } })
    return differing
  }

  /** This phone has damaged its cursor: read everything again. The outbox stays. */
  cursorRefused(): void {
    this.copy.empty()
    this.overlay.invalidate()
  }

  /** If these data came from a backup, what was sent since then looks as if it was not. */
  begin(mark: string): void {
    if (this.memory.meta.mark === mark) return
    this.outbox.markTried()
    this.memory.setMeta({ mark })
  }

  markTooOld(): void {
    this.memory.setMeta({ tooOld: true })
  }

  queue(act: NewMutation, files: { scope: string; sha256: string; bytes: Uint8Array }[]): void {
    this.outbox.add(act, files)
    this.overlay.invalidate()
  }

  dismiss(uuid: string): void {
    this.outbox.dismiss(uuid)
    this.overlay.invalidate()
  }

  takeBack(uuid: string): boolean {
    const done = this.outbox.takeBack(uuid)
    this.overlay.invalidate()
    return done
  }

  /** Move a mutation that the server will never accept to the "not sent" box. */
  setAside(uuid: string, code: string, at: number): void {
    const mutation = this.outbox.find(uuid)
    if (mutation) this.outbox.setAside(mutation, code, at)
    this.overlay.invalidate()
  }

  /** The server has deleted uploaded files: send them again. A mutation whose files are gone here
   *  too is set aside. */
  filesMissing(lane: Lane, id: number, missing: string[], at: number): void {
    for (const mutation of this.outbox.pending(lane)) {
      if (mutation.id !== id || this.outbox.sendAgain(mutation.uuid, missing)) continue
      this.outbox.setAside(mutation, 'blobs_missing', at)
    }
    this.overlay.invalidate()
  }

  /** Queue again what the server lacks. Returns false if some of it is gone here. */
  reopen(lane: Lane, expected: number): boolean {
    const reopened = this.outbox.reopen(lane, expected)
    this.overlay.invalidate()
    return reopened
  }

  private markRead(): void {
    this.outbox.markRead((scope) => this.copy.readTo(scope))
    this.overlay.invalidate()
  }

  private storeResults(asked: Asked, answer: Results, lane: Lane, at: number): void {
    // The answer to an earlier client id does not apply to mutations renumbered since.
    if (asked.clientId !== this.outbox.clientId) return
    for (const [each, lmid, results] of byLane(answer, lane)) {
      if (this.outbox.isForked(each, results)) {
        this.outbox.markTried()
        this.memory.setMeta({ clientInstall: null })
      } else this.outbox.storeResults(each, lmid, results, at)
    }
  }
}

/** Whether two cursors are the same. Ours are sorted by scope. */
export function isSame(one: Cursor, other: Cursor): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
