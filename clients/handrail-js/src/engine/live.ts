/** The live socket: connects, says hello, handles frames, and reconnects as the close code asks. */

import { wait } from '../core/backoff.ts'
import { reaction } from '../core/close_codes.ts'
import { Frames } from '../core/frames.ts'
import type { Clock, Socket } from '../ports.ts'
import type { Body, CommitFrame } from '../wire_types.ts'
import type { Sync } from './sync.ts'
import type { Triggers } from './triggers.ts'

const PATH = '/ws/v1/live'
const TICKET = '/api/v1/live/ticket'
const HELLO_WITHIN_MS = 10_000
/** Silence for this many heartbeats means that the connection is dead. */
const MISSED_HEARTBEATS = 2.5
const ABNORMAL = 1006

/** Something short-lived, such as typing. */
export interface Ephemeral {
  scope: string
  kind: string
  data: Body
  until: number
}

export class Live {
  isOpen = false
  readonly frames: Frames
  onChange: () => void = () => {}
  private readonly sync: Sync
  private readonly triggers: Triggers
  private readonly clock: Clock
  private readonly random: () => number
  private readonly url: string | null
  private isWanted = false
  private isAway = false
  /** Sockets in a row that never said hello. */
  private failures = 0
  private saidHello = false
  private heartbeat = HELLO_WITHIN_MS
  private attempt = 0
  private socket: Socket | null = null
  private cancelRetry: () => void = () => {}
  private cancelSilence: () => void = () => {}
  private readonly cancelLater = new Set<() => void>()
  private seen: Ephemeral[] = []

  constructor(sync: Sync, triggers: Triggers, clock: Clock, random: () => number, url: string | null) {
    this.sync = sync
    this.triggers = triggers
    this.clock = clock
    this.random = random
    this.url = url
    this.frames = new Frames(sync.answers.copy, {
      isPulling: () => sync.pullsInFlight > 0,
      askPull: (needed) => triggers.ask(needed),
      apply: (frame) => void this.apply(frame),
      later: (ms, call) => this.later(ms, call),
    })
    sync.afterPull = () => this.frames.lookAgain()
    sync.session.afterRefresh = () => void this.sendNewToken().catch(() => {})
  }

  /** The app was opened: connect, also after a close code that forbids it otherwise. */
  foreground(): void {
    this.isAway = false
    if (this.isWanted && this.socket) return
    this.isWanted = true
    this.retry(0)
  }

  background(): void {
    this.isWanted = false
    this.attempt++
    this.cancelRetry()
    this.cancelSilence()
    for (const cancel of this.cancelLater) cancel()
    this.cancelLater.clear()
    this.hangUp()
  }

  /** Open the socket and say hello. Throws if the ticket cannot be had. */
  async connect(): Promise<void> {
    const attempt = ++this.attempt
    const isCurrent = () => attempt === this.attempt
    await this.sync.register()
    const hello: Body = { t: 'hello', client_id: this.sync.answers.outbox.clientId }
    const { transport } = this.sync.session.wire
    if (transport.needsTicket) hello.ticket = (await this.sync.session.call(TICKET, {})).ticket
    const token = transport.needsTicket ? null : this.sync.session.token()
    if (!isCurrent()) return
    this.expect(HELLO_WITHIN_MS)
    const socket = transport.dial(this.url ?? socketUrl(this.sync.session.home), token, {
      open: () => isCurrent() && socket.send(JSON.stringify(hello)),
      message: (text) => {
        if (isCurrent()) this.read(text)
      },
      close: (code) => {
        if (isCurrent()) void this.closed(code)
      },
    })
    this.socket = socket
  }

  /** Handle one frame. Unknown ones are ignored. */
  receive(frame: Body): void {
    switch (frame.t) {
      case 'hello':
        this.saidHello = true
        this.heartbeat = frame.hb * 1000 * MISSED_HEARTBEATS
        this.isOpen = true
        this.frames.opened(frame.epoch)
        this.onChange()
        break
      case 'c':
        this.frames.changed(frame as any)
        break
      case 'h':
        this.frames.heads(frame.heads)
        break
      case 'scopes':
      case 'resync':
        this.triggers.ask()
        break
      case 'e':
        this.seen.push({ scope: frame.s, kind: frame.k, data: frame.d, until: this.clock.now() + frame.ttl * 1000 })
        this.later(frame.ttl * 1000, () => this.onChange())
        this.onChange()
    }
  }

  /** Say something short-lived to the others in a scope: `typing`. Lost without a connection. */
  say(scope: string, kind: string): void {
    if (this.isOpen) this.socket?.send(JSON.stringify({ t: 'e', s: scope, k: kind }))
  }

  /** What is short-lived in this scope and has not passed, without duplicates. */
  ephemerals(scope: string): Ephemeral[] {
    const now = this.clock.now()
    this.seen = this.seen.filter((each) => each.until > now)
    const newest = new Map<string, Ephemeral>()
    for (const each of this.seen) {
      if (each.scope === scope) newest.set(each.kind + JSON.stringify(each.data), each)
    }
    return [...newest.values()]
  }

  /** If there is no room, or if it no longer fits, a pull finds out. */
  private async apply(frame: CommitFrame): Promise<void> {
    const { store, answers } = this.sync
    const isApplied = await store.transaction(() => answers.takeFrame(frame)).catch(() => false)
    if (!isApplied) this.triggers.ask()
  }

  private read(text: string): void {
    let frame: unknown
    try {
      frame = JSON.parse(text)
    } catch {
      this.triggers.ask() // a socket that lies: the pull is the truth
      return
    }
    if (frame === null || typeof frame !== 'object') return
    try {
      this.receive(frame as Body)
    } catch {
      this.triggers.ask()
    }
    if (this.socket) this.expect(this.heartbeat)
  }

  private async closed(code: number): Promise<void> {
    const attempt = ++this.attempt
    this.cancelSilence()
    this.hangUp()
    this.failures = this.saidHello ? 0 : this.failures + 1
    this.saidHello = false
    const { do: what, low, high, stayAway } = reaction(code)
    try {
      await this.react(what)
    } catch (error) {
      this.triggers.report(error)
    } finally {
      if (stayAway) this.isAway = true
      const backoff = this.failures ? wait(this.failures, this.random) : 0
      if (attempt === this.attempt) this.retry(low + this.random() * (high - low) + backoff)
    }
  }

  private async react(what: ReturnType<typeof reaction>['do']): Promise<void> {
    const { session, store, answers } = this.sync
    if (what === 'refresh') await session.refresh(session.token())
    if (what === 'wipe') await session.revoked()
    if (what === 'pull') this.triggers.ask()
    if (what === 'too_old') await store.transaction(() => answers.markTooOld())
  }

  private retry(seconds: number): void {
    this.cancelRetry()
    if (!this.isWanted || this.isAway || this.triggers.ended) return
    this.cancelRetry = this.clock.after(seconds * 1000, () => {
      const connected = this.connect()
      const { attempt } = this
      connected.catch((error) => {
        if (attempt === this.attempt) void this.closed(ABNORMAL)
        this.triggers.report(error)
      })
    }, 'alarm')
  }

  /** Something must arrive within this time, or the connection is dead. */
  private expect(ms: number): void {
    this.cancelSilence()
    this.cancelSilence = this.clock.after(ms, () => {
      this.socket?.close()
      void this.closed(ABNORMAL)
    }, 'alarm')
  }

  private hangUp(): void {
    this.socket?.close()
    this.socket = null
    if (this.isOpen) {
      this.isOpen = false
      this.onChange()
    }
  }

  /** The server closes the socket when the token that it was opened with expires. */
  private async sendNewToken(): Promise<void> {
    if (!this.isOpen) return
    const { session } = this.sync
    const renewal = session.wire.transport.needsTicket
      ? { t: 'token', ticket: (await session.call(TICKET, {})).ticket }
      : { t: 'token', token: session.token() }
    this.socket?.send(JSON.stringify(renewal))
  }

  private later(ms: number, call: () => void): void {
    const cancel = this.clock.after(ms, () => {
      this.cancelLater.delete(cancel)
      call()
    }, 'alarm')
    this.cancelLater.add(cancel)
  }
}

function socketUrl(home: string): string {
  return home.replace(/^http/, 'ws') + PATH
}
