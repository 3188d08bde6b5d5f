/** Applies live frames to the local copy. A frame is only a hint: when in doubt the phone pulls,
 *  because a pull is always right. */

import type { CommitFrame } from '../wire_types.ts'
import type { Copy } from './copy.ts'

const HELD_AT_MOST = 50
const HELD_FOR_MS = 500

type Decision = 'apply' | 'hold' | 'pull' | 'ignore'

/** What the frames need of the phone around them. */
export interface FrameHost {
  isPulling(): boolean
  /** Ask for a pull, which is skipped if `needed()` is false by then. */
  askPull(needed: () => boolean): void
  apply(frame: CommitFrame): void
  later(ms: number, call: () => void): void
}

export class Frames {
  /** The epoch of the current socket. */
  epoch: string | null = null
  held: CommitFrame[] = []
  private readonly copy: Copy
  private readonly host: FrameHost
  private alarmIsSet = false

  constructor(copy: Copy, host: FrameHost) {
    this.copy = copy
    this.host = host
  }

  /** A new socket said hello. Forget the frames of the last one, and pull. */
  opened(epoch: string): void {
    this.epoch = epoch
    this.held = []
    // The alarm may have been cancelled with that socket.
    this.alarmIsSet = false
    this.host.askPull(() => true)
  }

  /** An `h` frame: pull if we are behind in a scope, or do not know it. */
  heads(heads: Record<string, number>): void {
    const isBehind = () => Object.entries(heads).some(([scope, head]) => this.isBehind(scope, head))
    if (isBehind()) this.host.askPull(isBehind)
  }

  /** A `c` frame. Applying it may fill the gap that held frames wait for. */
  changed(frame: CommitFrame): void {
    if (this.act(frame) === 'apply') this.lookAgain()
  }

  /** Judge held frames again, after a pull or after a gap was filled. */
  lookAgain(): void {
    const held = this.held.sort((a, b) => a.from - b.from)
    this.held = []
    for (const frame of held) this.act(frame)
  }

  private act(frame: CommitFrame): Decision {
    const decision = this.judge(frame)
    if (decision === 'apply') this.host.apply(frame)
    if (decision === 'pull') this.pullFor(frame)
    if (decision === 'hold') this.hold(frame)
    return decision
  }

  private judge(frame: CommitFrame): Decision {
    const cursor = this.copy.readTo(frame.s)
    if (cursor === null || this.epoch !== this.copy.epoch) return 'pull'
    if (frame.to <= cursor) return 'ignore'
    // Without documents it says only that there is news.
    if (!frame.put && !frame.del) return 'pull'
    if (this.host.isPulling() || frame.from > cursor) return 'hold'
    return frame.from === cursor && this.copy.isComplete(frame.s) ? 'apply' : 'pull'
  }

  private hold(frame: CommitFrame): void {
    this.held.push(frame)
    if (this.held.length > HELD_AT_MOST) {
      this.giveUpWaiting()
    } else if (!this.alarmIsSet) {
      this.alarmIsSet = true
      this.host.later(HELD_FOR_MS, () => {
        this.alarmIsSet = false
        this.giveUpWaiting()
      })
    }
  }

  private pullFor(frame: CommitFrame): void {
    const ask = () => this.host.askPull(() => this.isBehind(frame.s, frame.to))
    // An announcement names each phone another delay, so that they do not all pull at once.
    if (frame.delay_ms) this.host.later(frame.delay_ms, ask)
    else ask()
  }

  private giveUpWaiting(): void {
    const held = this.held
    this.held = []
    for (const frame of held) this.pullFor(frame)
  }

  private isBehind(scope: string, head: number): boolean {
    const cursor = this.copy.readTo(scope)
    return cursor === null || cursor < head || this.epoch !== this.copy.epoch
  }
}
