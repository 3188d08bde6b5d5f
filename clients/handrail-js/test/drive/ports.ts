/** The ports of a phone whose world is in another process: it answers the requests, moves the clock
 *  and lets the phone die. Everything here resolves within microtasks, so nothing depends on time. */

import {
  createCipheriv, createDecipheriv, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync,
  hkdfSync, randomBytes, sign,
} from 'node:crypto'
import { Offline, StorageFull, Unreachable } from '../../src/errors.ts'
import type {
  Cipher, Clock, DeviceKey, Keystore, Reply, Socket, SocketEvents, Storage, Table, Transport, Write,
} from '../../src/ports.ts'

export type Event = Record<string, unknown>
export type Tell = (event: Event) => void

/** Requests and sockets wait for what the other process delivers. */
export class HeldTransport implements Transport {
  needsTicket = false
  /** The newest socket that was dialled. */
  socket: SocketEvents | null = null
  private readonly waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void; url: string }>()
  private readonly tell: Tell
  private readonly next: () => number

  constructor(tell: Tell, next: () => number) {
    this.tell = tell
    this.next = next
  }

  post(url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Reply> {
    const request = this.next()
    const content = typeof body === 'string' ? { body } : { base64: Buffer.from(body).toString('base64') }
    this.tell({ request, url, headers, ...content })
    return new Promise((resolve, reject) => this.waiting.set(request, { resolve, reject, url }))
  }

  get(url: string): Promise<Reply> {
    return Promise.reject(new Unreachable(url))
  }

  answer(request: number, reply: Reply): void {
    this.take(request).resolve(reply)
  }

  lose(request: number, isOffline: boolean): void {
    const { reject, url } = this.take(request)
    reject(isOffline ? new Offline(url) : new Unreachable(url))
  }

  dial(url: string, token: string | null, events: SocketEvents): Socket {
    this.tell({ dials: { url, token } })
    this.socket = events
    queueMicrotask(() => events.open())
    return {
      send: (text) => this.tell({ sends: JSON.parse(text) }),
      close: () => {
        if (this.socket === events) this.socket = null
        this.tell({ hangs_up: true })
      },
    }
  }

  private take(request: number) {
    const waiting = this.waiting.get(request)
    if (!waiting) throw new Error(`no request ${request} is waiting`)
    this.waiting.delete(request)
    return waiting
  }
}

interface Alarm {
  at: number
  call: () => void
}

/** A frozen clock. Alarms ring when time passes or by command; backing off ends by command. */
export class HeldClock implements Clock {
  readonly alarms = new Map<number, Alarm>()
  private readonly backoffs = new Map<number, () => void>()
  private readonly time: { now: number }
  private readonly tell: Tell
  private readonly next: () => number

  constructor(time: { now: number }, tell: Tell, next: () => number) {
    this.time = time
    this.tell = tell
    this.next = next
  }

  now(): number {
    return this.time.now
  }

  after(ms: number, call: () => void, why: 'backoff' | 'alarm'): () => void {
    const number = this.next()
    if (why === 'alarm') {
      this.alarms.set(number, { at: this.time.now + ms, call })
      return () => this.alarms.delete(number)
    }
    this.backoffs.set(number, call)
    this.tell({ backoff: number, ms })
    return () => {
      if (this.backoffs.delete(number)) this.tell({ cancels: number })
    }
  }

  endBackoff(number: number): void {
    const call = this.backoffs.get(number)
    if (!call) throw new Error(`no backoff ${number}`)
    this.backoffs.delete(number)
    call()
  }

  /** Ring those that are due, or all of them. */
  ring(all: boolean): void {
    const due = [...this.alarms].filter(([, alarm]) => all || alarm.at <= this.time.now)
    due.sort(([, a], [, b]) => a.at - b.at)
    for (const [number, alarm] of due) {
      if (this.alarms.delete(number)) alarm.call()
    }
  }
}

/** The app dies before or after the n-th write from now. From then on it has no world: no call of
 *  its storage returns, and nothing that it does is seen. */
export class Life {
  isOver = false
  private writesLeft = Infinity
  private diesAfter = false
  private readonly atDeath: () => void

  constructor(atDeath: () => void) {
    this.atDeath = atDeath
  }

  /** `writes` from 1; 0: it lives on. */
  limit(writes: number, diesAfter: boolean): void {
    this.writesLeft = writes || Infinity
    this.diesAfter = diesAfter
  }

  end(): void {
    this.isOver = true
  }

  read<T>(work: () => Promise<T>): Promise<T> {
    return this.isOver ? new Promise(() => {}) : work()
  }

  async write(work: () => Promise<void>): Promise<void> {
    if (this.isOver) return new Promise(() => {})
    const isLast = --this.writesLeft <= 0
    if (isLast && !this.diesAfter) return this.die()
    await work()
    if (isLast) return this.die()
  }

  private die(): Promise<void> {
    this.isOver = true
    this.atDeath()
    return new Promise(() => {})
  }
}

/** A real storage, as long as the app lives. */
export class MortalStorage implements Storage {
  /** How many of the next commits find no room. */
  full = 0
  /** How many of the next commits fail for another reason. */
  broken = 0
  /** How often it cannot be loaded. */
  unreadable = 0
  /** Whether commits and loading wait for `release`. */
  isHeld = false
  private held: (() => void)[] = []
  private readonly real: Storage
  private readonly life: Life

  constructor(real: Storage, life: Life) {
    this.real = real
    this.life = life
  }

  async load(table: Table): Promise<[key: string, value: Uint8Array][]> {
    if (table === 'meta') await this.turn()
    if (this.unreadable > 0) {
      this.unreadable--
      throw new Error('the disk is broken')
    }
    return this.life.read(() => this.real.load(table))
  }

  read(table: Table, key: string): Promise<Uint8Array | null> {
    return this.life.read(() => this.real.read(table, key))
  }

  async commit(writes: Write[]): Promise<void> {
    await this.turn()
    if (this.broken > 0) {
      this.broken--
      throw new Error('the disk is broken')
    }
    if (this.full > 0) {
      this.full--
      throw new StorageFull()
    }
    return this.life.write(() => this.real.commit(writes))
  }

  private async turn(): Promise<void> {
    if (this.isHeld) await new Promise<void>((resolve) => this.held.push(resolve))
  }

  /** Let the oldest that waits go on. */
  release(): void {
    this.held.shift()?.()
  }

  get waiting(): number {
    return this.held.length
  }

  erase(): Promise<void> {
    return this.life.write(() => this.real.erase())
  }

  /** The database stays open for the next app. */
  async close(): Promise<void> {}
}

/** What a backup does not contain. */
export interface Secrets {
  values: Record<string, unknown>
}

export class MortalKeystore implements Keystore {
  private readonly secrets: Secrets
  private readonly life: Life

  constructor(secrets: Secrets, life: Life) {
    this.secrets = secrets
    this.life = life
  }

  read(): Promise<Record<string, unknown>> {
    return this.life.read(async () => ({ ...this.secrets.values }))
  }

  write(values: Record<string, unknown>): Promise<void> {
    return this.life.write(async () => {
      this.secrets.values = values
    })
  }
}

const NONCE = 12
const TAG = 16

/** AES-256-GCM as `webCipher` does it, without its threads. */
export class QuickCipher implements Cipher {
  private readonly key: Buffer
  private readonly names: Buffer

  constructor(secret: Uint8Array) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'values', 32))
    this.names = Buffer.from(hkdfSync('sha256', secret, '', 'names', 32))
  }

  async name(table: Table, name: string): Promise<string> {
    return createHmac('sha256', this.names).update(`${table}/${name}`).digest('base64url')
  }

  async seal(value: Uint8Array, about: string): Promise<Uint8Array> {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(about))
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
  }

  async open(sealed: Uint8Array, about: string): Promise<Uint8Array> {
    const bytes = Buffer.from(sealed)
    const opener = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, NONCE))
    opener.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-TAG))
    return Buffer.concat([opener.update(bytes.subarray(NONCE, -TAG)), opener.final()])
  }
}

/** A P-256 key. `pem`: one that was made before. */
export class QuickDeviceKey implements DeviceKey {
  readonly pem: string

  constructor(pem?: string) {
    this.pem = pem ?? generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey
  }

  async publicKey(): Promise<string> {
    const key = createPublicKey(createPrivateKey(this.pem))
    return key.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  async sign(text: string): Promise<string> {
    return sign('sha256', Buffer.from(text), this.pem).toString('base64')
  }
}
