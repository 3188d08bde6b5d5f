/** What the person did on this phone: pending, sent, or refused and kept.
 *
 * A mutation's id orders it within its lane and client. Its uuid makes it happen only once, so
 * mutations can be renumbered under another client id without harm. */

import type { Body, Lane, Result, Results } from '../wire_types.ts'
import { LANES } from '../wire_types.ts'
import type { Memory, Mutation, Outgoing, Rejection } from './memory.ts'

/** A restored server may need them again. */
const KEPT_AFTER_SENDING = 7 * 24 * 3_600_000

export interface NewMutation {
  uuid: string
  lane: Lane
  action: string
  v: number
  args: Body
  base: Record<string, number>
  clientTime: string
}

export class Outbox {
  private readonly memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
  }

  get clientId(): string {
    return this.memory.meta.clientId ?? ''
  }

  /** The last id of each lane whose result this phone has stored. */
  acks(): Partial<Record<Lane, number>> {
    return this.memory.meta.acks ?? {}
  }

  ack(lane: Lane): number {
    return this.acks()[lane] ?? 0
  }

  pending(lane?: Lane): Mutation[] {
    return this.all().filter((m) => m.state === 'pending' && (!lane || m.lane === lane))
  }

  sent(): Mutation[] {
    return this.all().filter((m) => m.state === 'sent')
  }

  /** Those whose effect this phone has not read yet. */
  unread(): Mutation[] {
    return this.all().filter((m) => m.state === 'pending' || m.unread?.length)
  }

  /** Refused ones, with the person's words, until they are dismissed. */
  notSent(): Mutation[] {
    return this.all().filter((m) => m.state === 'refused')
  }

  find(uuid: string): Mutation | undefined {
    return this.memory.mutations.get(uuid)
  }

  add(act: NewMutation, files: { scope: string; sha256: string; bytes: Uint8Array }[]): void {
    const position = (this.memory.meta.lastPosition ?? 0) + 1
    this.memory.setMeta({ lastPosition: position })
    this.memory.putMutation({
      ...act,
      position,
      clientId: this.clientId,
      id: this.nextId(act.lane),
      state: 'pending',
      tried: false,
      offsetMs: this.memory.meta.offsetMs ?? null,
      settledAt: null,
      result: null,
    })
    for (const { scope, sha256, bytes } of files) {
      const file = { mutation: act.uuid, sha256, scope, size: bytes.length, sent: false, failures: 0 }
      this.memory.putOutgoing(file)
      this.memory.putFile(`outgoing/${act.uuid}/${sha256}`, bytes)
    }
  }

  /** These are about to leave the phone, or another copy of its data may have sent them. Their author
   *  can no longer simply take them back. */
  markTried(batch = this.pending()): void {
    for (const mutation of batch) if (!mutation.tried) this.set(mutation, { tried: true })
  }

  /** Nothing of them has left after all. */
  unmarkTried(batch: Mutation[]): void {
    for (const { uuid } of batch) {
      const mutation = this.find(uuid)
      if (mutation?.state === 'pending') this.set(mutation, { tried: false })
    }
  }

  dismiss(uuid: string): void {
    if (this.find(uuid)?.state === 'refused') this.forget(uuid)
  }

  /** Remove one that certainly has not been sent. Returns false if it may have been. */
  takeBack(uuid: string): boolean {
    const mutation = this.find(uuid)
    if (mutation?.state !== 'pending' || mutation.tried) return false
    this.closeGap(mutation)
    this.forget(uuid)
    return true
  }

  /** Whether one of our ids belongs to another mutation on the server. Then a copy of this phone,
   *  or this phone before a restore, has used the same client id. */
  isForked(lane: Lane, results: Result[]): boolean {
    return results.some((result) => {
      const ours = this.numbered(lane, result.id)
      return ours !== undefined && (result.uuid ?? ours.uuid) !== ours.uuid
    })
  }

  /** Store what became of mutations. Up to `lmid`, those without a result were applied. */
  storeResults(lane: Lane, lmid: number, results: Result[], at: number): void {
    for (const result of results) {
      const ours = this.numbered(lane, result.id)
      if (!ours || ours.state === 'refused') continue
      const state = result.status === 'applied' ? 'sent' : 'refused'
      const unread = (state === 'sent' && result.at) || []
      this.set(ours, { state, settledAt: at, result, unread })
    }
    for (const mutation of this.pending(lane)) {
      const isOurs = mutation.clientId === this.clientId && mutation.id !== null
      if (isOurs && mutation.id! <= lmid) this.set(mutation, { state: 'sent', settledAt: at, unread: [] })
    }
    this.setAck(lane, Math.max(this.ack(lane), lmid))
  }

  /** Once and for all, even if a reset has the scope read again. */
  markRead(readTo: (scope: string) => number | null): void {
    for (const mutation of this.unread()) {
      const unread = mutation.unread?.filter(([scope, seq]) => (readTo(scope) ?? seq) < seq) ?? []
      if (unread.length !== (mutation.unread?.length ?? 0)) this.set(mutation, { unread })
    }
  }

  /** Refuse a mutation without the server, and let those behind it move up. */
  setAside(mutation: Mutation, code: string, at: number): void {
    this.closeGap(mutation)
    const result: Rejection = { status: 'rejected', code }
    this.set(mutation, { state: 'refused', settledAt: at, result, id: null })
  }

  /** Number every pending mutation again under a new client id. `reoffer`: also those sent in the
   *  last days, because a restored server may have lost them. */
  renumber(clientId: string, reoffer: boolean): void {
    this.memory.setMeta({ clientId, acks: {} })
    const ids: Record<Lane, number> = { main: 0, urgent: 0 }
    for (const mutation of this.all()) {
      if (mutation.state !== 'pending' && !(reoffer && mutation.state === 'sent')) continue
      this.set(mutation, { clientId, id: ++ids[mutation.lane], state: 'pending' })
    }
  }

  /** Queue all from `expected` on again. Returns false, without a change, if one of them is gone. */
  reopen(lane: Lane, expected: number): boolean {
    const ours = this.all().filter(
      (m) => m.clientId === this.clientId && m.lane === lane && m.id !== null && m.id >= expected,
    )
    const wanted = this.nextId(lane) - expected
    if (ours.length !== wanted || ours.some((m, i) => m.id !== expected + i)) return false
    for (const mutation of ours) this.set(mutation, { state: 'pending' })
    this.setAck(lane, expected - 1)
    return true
  }

  /** Forget what was sent long ago. */
  prune(now: number): void {
    for (const mutation of this.sent()) {
      if ((mutation.settledAt ?? 0) < now - KEPT_AFTER_SENDING) this.forget(mutation.uuid)
    }
  }

  // Files

  files(uuid: string): Outgoing[] {
    return [...this.memory.outgoing.values()].filter((file) => file.mutation === uuid)
  }

  unsent(uuid: string): Outgoing[] {
    return this.files(uuid).filter((file) => !file.sent)
  }

  markSent(file: Outgoing): void {
    this.memory.putOutgoing({ ...file, sent: true })
  }

  /** Count a 500 of the server for this file. Returns the number so far. */
  countFailure(file: Outgoing): number {
    const failures = (this.files(file.mutation).find((f) => f.sha256 === file.sha256)?.failures ?? 0) + 1
    this.memory.putOutgoing({ ...file, failures })
    return failures
  }

  /** Send files again. Returns false if one of them is no longer on this phone. */
  sendAgain(uuid: string, missing: string[]): boolean {
    const files = this.files(uuid)
    for (const file of files) {
      if (missing.includes(file.sha256)) this.memory.putOutgoing({ ...file, sent: false })
    }
    return missing.every((sha256) => files.some((file) => file.sha256 === sha256))
  }

  private all(): Mutation[] {
    return [...this.memory.mutations.values()].sort((a, b) => a.position - b.position)
  }

  private numbered(lane: Lane, id: number): Mutation | undefined {
    for (const m of this.memory.mutations.values()) {
      if (m.clientId === this.clientId && m.lane === lane && m.id === id) return m
    }
    return undefined
  }

  private nextId(lane: Lane): number {
    let last = this.ack(lane)
    for (const m of this.memory.mutations.values()) {
      if (m.clientId === this.clientId && m.lane === lane && m.id !== null) last = Math.max(last, m.id)
    }
    return last + 1
  }

  private closeGap(gone: Mutation): void {
    if (gone.id === null) return
    for (const later of this.pending(gone.lane)) {
      if (later.id !== null && later.id > gone.id) this.set(later, { id: later.id - 1 })
    }
  }

  private setAck(lane: Lane, id: number): void {
    this.memory.setMeta({ acks: { ...this.acks(), [lane]: id } })
  }

  private set(mutation: Mutation, changes: Partial<Mutation>): void {
    this.memory.putMutation({ ...mutation, ...changes })
  }

  private forget(uuid: string): void {
    for (const file of this.files(uuid)) this.memory.deleteOutgoing(file)
    this.memory.deleteMutation(uuid)
  }
}

/** A mutation in wire format. `offsetMs`: the clock's offset now, if none was known when the person
 *  acted. */
export function wireMutation(mutation: Mutation, offsetMs: number | undefined): Body {
  const { id, uuid, action, v, args, base } = mutation
  const offset_ms = mutation.offsetMs ?? offsetMs ?? 0
  return { id, uuid, action, v, args, base, client_time: mutation.clientTime, offset_ms }
}

/** The results of each lane in an answer; those without a lane belong to `lane`. */
export function byLane(answer: Results, lane: Lane): [Lane, number, Result[]][] {
  const found: [Lane, number, Result[]][] = []
  for (const each of LANES) {
    const lmid = answer.lmid[each]
    if (lmid === undefined) continue
    found.push([each, lmid, answer.results.filter((r) => (r.lane ?? lane) === each)])
  }
  return found
}
