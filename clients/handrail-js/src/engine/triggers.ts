/** When the phone syncs by itself while its app is open, and what it does on failure. */

import { wait } from '../core/backoff.ts'
import { Closed, Offline, PhoneError, SignedOut, UpgradeRequired, Wiped } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Lane } from '../wire_types.ts'
import type { Sync } from './sync.ts'

const EVERY_MS = 15 * 60_000

export class Triggers {
  /** Why syncing has stopped: signed out or wiped. */
  ended: PhoneError | null = null
  /** The last failure; null after a success. */
  lastError: PhoneError | null = null
  isSyncing = false
  onChange: () => void = () => {}
  private readonly sync: Sync
  private readonly clock: Clock
  private readonly random: () => number
  private asks: (() => boolean)[] = []
  /** Whether the app is open. */
  isOpen = false
  private failures = 0
  private cancelAlarm: () => void = () => {}
  private cancelRest: (() => void) | null = null

  constructor(sync: Sync, clock: Clock, random: () => number) {
    this.sync = sync
    this.clock = clock
    this.random = random
  }

  /** Ask for a sync, which is skipped if `needed()` is false by then. Many are served by one. */
  ask(needed: () => boolean = () => true): void {
    this.asks.push(needed)
    this.go()
  }

  /** Whether one of the asks still needs a sync. */
  get isNeeded(): boolean {
    return this.asks.some((needed) => needed())
  }

  clear(): void {
    this.asks = []
  }

  /** The app is open, the person acted, or the network changed: do not wait any longer. */
  now(): void {
    this.failures = 0
    this.cancelRest?.()
    this.cancelRest = null
    this.ask()
  }

  /** A mutation was queued. An urgent one does not wait for a sync under way. */
  queued(lane: Lane): void {
    if (!this.isOpen) return
    if (lane === 'urgent') this.sync.push(lane).catch((error) => this.report(error))
    this.now()
  }

  open(): void {
    if (!this.isOpen) {
      this.isOpen = true
      this.ended = null
      this.everyQuarterHour()
    }
    this.now()
  }

  close(): void {
    this.isOpen = false
    this.cancelAlarm()
    this.cancelRest?.()
    this.cancelRest = null
  }

  /** Remember the error. Being signed out or wiped ends all syncing. */
  report(error: unknown): void {
    if (error instanceof Closed) return
    if (!(error instanceof PhoneError)) throw error
    this.lastError = error
    // A late answer to the last person does not sign out the next one.
    const isOut = error instanceof SignedOut && !this.sync.session.isSignedIn
    if (isOut || error instanceof Wiped) this.ended = error
    this.onChange()
  }

  private go(): void {
    const waits = this.isSyncing || this.cancelRest !== null
    if (!this.isOpen || this.ended || waits || !this.asks.length) return
    const isNeeded = this.isNeeded
    this.clear()
    if (isNeeded) void this.run()
  }

  private async run(): Promise<void> {
    this.isSyncing = true
    this.lastError = null
    this.onChange()
    let failure: unknown = null
    try {
      await this.sync.run()
    } catch (error) {
      failure = error
    }
    this.isSyncing = false
    this.failures = failure ? this.failures + 1 : 0
    try {
      if (failure) this.report(failure)
    } finally {
      // Also after an error that is not a phone's, such as a broken disk: it may pass.
      this.onChange()
      if (failure) this.rest(failure)
      this.go()
    }
  }

  /** After a failure: back off, then ask again. Without a network wait until it is back, and with an
   *  app that is too old until something else happens. */
  private rest(error: unknown): void {
    if (!this.isOpen || this.ended || error instanceof UpgradeRequired || error instanceof Offline) return
    const ms = wait(this.failures, this.random) * 1000
    this.cancelRest = this.clock.after(ms, () => {
      this.cancelRest = null
      this.ask()
    }, 'alarm')
  }

  private everyQuarterHour(): void {
    this.cancelAlarm = this.clock.after(EVERY_MS, () => {
      this.everyQuarterHour()
      this.ask()
    }, 'alarm')
  }
}
