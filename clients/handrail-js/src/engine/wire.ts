/** One request and its answer. Measures this phone's clock against the server's. */

import { Problem, Unreachable } from '../errors.ts'
import type { Clock, Reply, Transport } from '../ports.ts'
import type { Body } from '../wire_types.ts'
import type { Store } from './store.ts'

/** A refused signature: the wrong key, or the wrong time. */
export const UNPROVEN = 'proof_required'
/** Smaller differences come from the latency, not from the clock. */
const MIN_CHANGE_MS = 250
const NO_CONTENT = 204

/** `body` is {} unless the answer is a JSON object; `isJson`: it is one, or there is none (204). */
export interface Answer extends Reply {
  body: Body
  isJson: boolean
}

export class Wire {
  /** What the last request has shown. */
  network: 'unknown' | 'online' | 'offline' | 'busy' = 'unknown'
  onNetwork: () => void = () => {}
  readonly transport: Transport
  readonly clock: Clock
  private readonly store: Store

  constructor(transport: Transport, store: Store, clock: Clock) {
    this.transport = transport
    this.store = store
    this.clock = clock
  }

  /** Throws `Problem` for any status but 2xx, `Unreachable` without an answer. A body of null: GET. */
  async post(url: string, body: Body | Uint8Array | null, headers: Record<string, string>): Promise<Answer> {
    const sentAt = this.clock.now()
    const answer = await this.send(url, body, headers)
    const serverTime = timeOf(answer)
    if (serverTime !== null) await this.measure(serverTime, sentAt)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw new Problem(answer.status, answer.body, retryAfter(answer, this.now()))
  }

  /** Milliseconds to add to this phone's clock; undefined before the first answer. */
  get offsetMs(): number | undefined {
    return this.store.memory.meta.offsetMs
  }

  /** The server's time, as far as this phone knows it. */
  now(): number {
    return this.clock.now() + (this.offsetMs ?? 0)
  }

  private async send(url: string, body: Body | Uint8Array | null, headers: Record<string, string>): Promise<Answer> {
    try {
      const reply = await this.carry(url, body, headers)
      const answer = { ...reply, ...parsed(reply) }
      // Not a problem document, so something in between has answered.
      if (!answer.isJson && answer.status >= 300 && answer.status < 500) {
        throw new Unreachable(`${url}: ${answer.status}`)
      }
      this.heard(answer.status >= 500 || answer.status === 429 ? 'busy' : 'online')
      return answer
    } catch (error) {
      if (error instanceof Unreachable) this.heard('offline')
      throw error
    }
  }

  private carry(url: string, body: Body | Uint8Array | null, headers: Record<string, string>): Promise<Reply> {
    if (body === null) return this.transport.get(url, headers)
    const isBytes = body instanceof Uint8Array
    const type = isBytes ? 'application/octet-stream' : 'application/json'
    return this.transport.post(url, isBytes ? body : JSON.stringify(body), { 'Content-Type': type, ...headers })
  }

  private heard(network: Wire['network']): void {
    if (this.network === network) return
    this.network = network
    this.onNetwork()
  }

  /** The server is assumed to have answered halfway between request and answer. */
  private async measure(serverTime: number, sentAt: number): Promise<void> {
    const offsetMs = Math.round(serverTime - (sentAt + this.clock.now()) / 2)
    const known = this.offsetMs
    if (known !== undefined && Math.abs(offsetMs - known) <= MIN_CHANGE_MS) return
    await this.store.transaction(() => this.store.memory.setMeta({ offsetMs }))
  }
}

/** The answer's JSON. Throws `Unreachable` for a page of something in between, such as a captive
 *  portal, that says 200. */
export function json(answer: Answer): any {
  if (!answer.isJson) throw new Unreachable('The answer is not JSON.')
  return answer.body
}

/** The answer, if it has these members. Throws `Unreachable` for JSON of something in between. */
export function whole<T extends object>(answer: T, ...names: (keyof T & string)[]): T {
  const lacks = names.find((name) => answer[name] === undefined || answer[name] === null)
  if (lacks) throw new Unreachable(`The answer has no ${lacks}.`)
  return answer
}

function parsed(reply: Reply): { body: Body; isJson: boolean } {
  try {
    const body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.content))
    if (body !== null && typeof body === 'object' && !Array.isArray(body)) return { body, isJson: true }
  } catch {
    // It is no JSON, and that is said below.
  }
  return { body: {}, isJson: reply.status === NO_CONTENT }
}

function timeOf(answer: Answer): number | null {
  if (typeof answer.body.server_time === 'string') return time(answer.body.server_time)
  // A signature may have been refused because of a wrong clock, and that answer has only `Date`.
  return answer.body.code === UNPROVEN ? time(answer.headers.date ?? '') : null
}

/** Seconds to wait, from `Retry-After` (seconds or a date) or `retry_after_ms`. */
function retryAfter(answer: Answer, now: number): number | null {
  const ms = answer.body.retry_after_ms
  if (typeof ms === 'number') return ms / 1000
  const value = answer.headers['retry-after'] ?? ''
  if (/^\d+$/.test(value)) return Number(value)
  const at = time(value)
  return at === null ? null : Math.max(0, (at - now) / 1000)
}

function time(text: string): number | null {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}
