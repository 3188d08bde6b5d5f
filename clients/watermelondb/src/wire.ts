/** One request and its answer, and the types of the protocol (docs/protocol.md). */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Position = [seq: number, base: number, grant: string]
export type Put = [kind: string, id: string, seq: number, document: Record<string, Json>]
export type Del = [kind: string, id: string, seq: number]

export interface ScopePart {
  scope: string
  pos: Position
  head: number
  reset: 'purge' | 'sweep' | null
  put: Put[]
  del: Del[]
}
export interface Result {
  id: number
  /** The mutation that the server stored under this id. */
  uuid?: string
  lane?: string
  status: 'applied' | 'rejected'
  code?: string
  [more: string]: unknown
}
export interface Page {
  epoch: string
  server_time: string
  lease_expires_at: string
  has_more: boolean
  lmid: Record<string, number>
  results: Result[]
  drop: { scope: string; purge: string }[]
  scopes: ScopePart[]
}
export interface PushAnswer {
  lmid: Record<string, number>
  results: Result[]
  stopped?: { id: number; code: string; retry_after_ms: number }
  pull?: Page
}

/** The server refused; `code` is the machine-readable reason. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly retryAfterMs: number | null,
  ) {
    super(`${status} ${String(body['code'] ?? '')}`)
  }
  get code(): string { return String(this.body['code'] ?? '') }
  /** True if waiting may help. */
  get isPassing(): boolean { return this.status === 408 || this.status === 429 || this.status >= 500 || this.code === 'in_progress' }
}
/** No answer came: the network is down, or the answer was lost. */
export class Unreachable extends Error {}
/** This app is too old to read; its outbox has been pushed nevertheless. */
export class UpgradeRequired extends Error {}
/** The server ordered a wipe: the database is empty now. */
export class Wiped extends Error {}
/** All retries failed; sync again later. */
export class Stuck extends Error {}

export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>

export async function post(
  fetch: Fetch, url: string, body: unknown, token: string | null, now: () => number,
): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' }
  if (token) headers['Authorization'] = `Bearer ${token}`
  const { status, after, text } = await send(fetch, url, headers, JSON.stringify(body))
  const answer = parse(text)
  if (status >= 200 && status < 300) return answer
  throw new Problem(status, answer, retryAfter(answer['retry_after_ms'], after, now()))
}

async function send(fetch: Fetch, url: string, headers: Record<string, string>, body: string) {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body })
    return { status: answer.status, after: answer.headers.get('Retry-After'), text: await answer.text() }
  } catch (error) {
    throw new Unreachable(String(error))
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Milliseconds to wait, from `retry_after_ms` or `Retry-After` (seconds or a date). */
function retryAfter(ms: unknown, header: string | null, now: number): number | null {
  if (typeof ms === 'number') return ms
  if (!header) return null
  const seconds = Number(header)
  return Number.isNaN(seconds) ? Math.max(0, Date.parse(header) - now) || null : seconds * 1000
}
