/** One phone of the drive: what outlives the app (database, secrets), and the app, which may die. */

import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { dataKey, webCipher } from '../../src/cipher.ts'
import { reaction } from '../../src/core/close_codes.ts'
import type { Projection } from '../../src/core/overlay.ts'
import { Store } from '../../src/engine/store.ts'
import { PhoneError } from '../../src/errors.ts'
import { open } from '../../src/phone.ts'
import type { Phone } from '../../src/phone.ts'
import type { Cipher, Storage } from '../../src/ports.ts'
import { sqlite } from '../../src/storage/sqlite.ts'
import type { Body } from '../../src/wire_types.ts'
import { HeldClock, HeldTransport, Life, MortalKeystore, MortalStorage, QuickCipher, QuickDeviceKey } from './ports.ts'
import type { Event, Secrets, Tell } from './ports.ts'
import { nodeSqlite } from './node_sqlite.ts'
import { assertSame, contents, rowsOf, watch } from './watch.ts'

const HEARTBEAT_MS = 25_000

export type Command = { do: string; phone: string } & Body

/** Node 24 has these two; its types do not yet. */
type Copyable = DatabaseSync & { serialize(): Uint8Array; deserialize(image: Uint8Array): void }

interface App {
  life: Life
  clock: HeldClock
  transport: HeldTransport
  storage: MortalStorage
  phone: Phone
}

export class Driven {
  private readonly name: string
  private readonly tell: Tell
  private readonly database = new DatabaseSync(':memory:') as Copyable
  private readonly time = { now: 0 }
  private readonly numbers: { last: number }
  private secrets: Secrets = { values: {} }
  private device = new QuickDeviceKey()
  private secret: Buffer = randomBytes(32)
  private setup: Command | null = null
  private app: App | null = null
  private seen = new Map<string, number>()
  /** All that this phone has ever shown. */
  private readonly screens: string[] = []

  /** `numbers`: of requests, runs and pauses, in the whole process. */
  constructor(name: string, tell: Tell, numbers: { last: number }) {
    this.name = name
    this.tell = tell
    this.numbers = numbers
  }

  async obey(command: Command, others: Map<string, Driven>): Promise<unknown> {
    switch (command.do) {
      case 'open':
        return this.open(command)
      case 'restart':
        return this.open({ ...this.setup!, ...command.changes })
      case 'copy':
        return this.copy(others.get(command.other)!, command.with_keys)
      case 'give_key':
        this.secret = others.get(command.other)!.secret
        return
      case 'image':
        return Buffer.from(this.database.serialize()).toString('base64')
      case 'restore':
        this.database.deserialize(Buffer.from(command.image, 'base64'))
        this.seen.clear()
        return this.open(this.setup!)
    }
    return this.ask(command, this.app!)
  }

  close(): void {
    this.app?.life.end()
    this.database.close()
  }

  private async ask(command: Command, { life, clock, transport, storage, phone }: App): Promise<unknown> {
    const { session, store, answers } = phone
    // On a slow phone a commit takes until something else happens.
    if (this.setup?.slow) storage.release()
    switch (command.do) {
      case 'tick':
        await new Promise((resolve) => setImmediate(resolve))
        return storage.waiting
      case 'sign_in':
        if (command.install) await (session as any).put({ install: command.install })
        return session.begin(command.user, command.tokens)
      case 'act':
        return this.act(phone, command.mutation)
      case 'dismiss':
        return phone.dismiss(command.uuid)
      case 'take_back':
        return phone.takeBack(command.uuid)
      case 'run':
        return this.run(phone, transport, command)
      case 'answer':
        return transport.answer(command.request, {
          status: command.status,
          headers: command.headers ?? {},
          content: Buffer.from(command.base64 ?? '', 'base64').length
            ? Buffer.from(command.base64, 'base64')
            : Buffer.from(JSON.stringify(command.body)),
        })
      case 'lose':
        return transport.lose(command.request, Boolean(command.offline))
      case 'resume':
        return clock.endBackoff(command.backoff)
      case 'ring':
        return clock.ring(true)
      case 'pass_time':
        return this.passTime(command.ms, this.app!)
      case 'die':
        return life.limit(command.writes, command.after)
      case 'fill':
        storage.full = command.commits
        return
      case 'break':
        storage.broken = command.commits
        storage.unreadable = command.loads ?? 0
        return
      case 'foreground':
        return phone.foreground()
      case 'background':
        return phone.background()
      case 'wake':
        return phone.wake()
      case 'disk':
        this.database.exec(`PRAGMA max_page_count = ${command.pages}`)
        return
      case 'hold':
        storage.isHeld = command.held
        return
      case 'release':
        return storage.release()
      case 'frame':
        if (transport.socket) return transport.socket.message(JSON.stringify(command.frame))
        return phone.live.receive(command.frame)
      case 'reaction':
        return then(command.code)
      case 'ask':
        return phone.triggers.ask()
      case 'wants_sync': {
        const wants = phone.triggers.isNeeded
        phone.triggers.clear()
        return wants
      }
      case 'lose_entry':
        return store.transaction(() => {
          const [scope, kind, id] = command.entry
          store.memory.delete(store.memory.find(scope, kind, id)!)
        })
      case 'state':
        return stateOf(phone)
      case 'documents':
        return store.memory.entries().map((e) => [e.scope, e.kind, e.id, e.seq, e.doc])
      case 'now':
        return {
          client_id: answers.outbox.clientId,
          waiting: phone.outbox().map((m) => m.uuid),
          sent: answers.outbox.sent().map((m) => m.uuid),
          not_sent: phone.notSent().map((m) => m.uuid),
          has_cause: phone.triggers.isNeeded || clock.alarms.size > 0,
        }
      case 'screens':
        return this.screens
      case 'listen_badly':
        phone.subscribe(() => {
          throw new Error('a bad listener')
        })
        return
      case 'who':
        return { user: store.memory.meta.user ?? null, ...this.secrets.values }
      case 'holds':
        return rowsOf(store.memory)
      case 'verify':
        return this.verify(phone)
    }
    throw new Error(`what is ${command.do}?`)
  }

  /** An open socket is never silent for long: the server's heartbeats come. */
  private passTime(ms: number, { clock, transport }: App): string {
    const end = this.time.now + ms
    while (this.time.now < end) {
      this.time.now = transport.socket ? Math.min(end, this.time.now + HEARTBEAT_MS) : end
      clock.ring(false)
      transport.socket?.message(JSON.stringify({ t: 'h', heads: {} }))
    }
    return new Date(this.time.now).toISOString()
  }

  /** Start the app from what is on the disk. The one before is simply gone. */
  private async open(setup: Command): Promise<void> {
    this.setup = setup
    this.app?.life.end()
    if (this.time.now === 0) this.time.now = Date.parse(setup.now)
    const life = new Life(() => this.tell({ phone: this.name, dies: true }))
    const tell = (event: Event) => {
      if (!life.isOver) this.tell({ phone: this.name, ...event })
    }
    const next = () => ++this.numbers.last
    const clock = new HeldClock(this.time, tell, next)
    const transport = new HeldTransport(tell, next)
    const storage = new MortalStorage(await this.storage(), life)
    const { random } = Math
    const phone = await open({
      home: setup.home,
      app: setup.app,
      storage,
      cipher: await this.cipher(setup.cipher),
      keystore: new MortalKeystore(this.secrets, life),
      deviceKey: this.device,
      transport,
      clock,
      overlays: Object.fromEntries(Object.entries(setup.overlays ?? {}).map(([name, o]) => [name, overlayOf(o as Body)])),
      random: setup.chance === undefined ? random : () => setup.chance,
    })
    this.app = { life, clock, transport, storage, phone }
    storage.isHeld = Boolean(setup.slow)
    phone.subscribe(() => this.screens.push(phone.status.screen))
    // What a slow phone had not written when it died is gone.
    if (setup.slow) this.seen.clear()
    if (setup.watched) watch(phone, this.seen, tell)
  }

  private storage(): Promise<Storage> {
    return sqlite(nodeSqlite(this.database))
  }

  private async cipher(kind: string): Promise<Cipher> {
    return kind === 'web' ? webCipher(await dataKey(this.secret)) : new QuickCipher(this.secret)
  }

  /** Become a copy of another phone: with its keystore, or as a restored backup. */
  private copy(other: Driven, withKeys: boolean): void {
    this.database.deserialize(other.database.serialize())
    this.secret = other.secret
    if (!withKeys) return
    this.secrets = { values: { ...other.secrets.values } }
    this.device = new QuickDeviceKey(other.device.pem)
  }

  private act(phone: Phone, mutation: Body): Promise<string> {
    const base = (mutation.base ?? []) as [string, string, string][]
    return phone.act(mutation.action, mutation.args, {
      uuid: mutation.uuid,
      urgent: mutation.urgent,
      v: mutation.v,
      base: base.map(([scope, kind, id]) => phone.answers.overlay.find(scope, kind, id)!),
      files: (mutation.files ?? []).map((file: Body) => ({
        scope: file.scope,
        bytes: Buffer.from(file.base64, 'base64'),
      })),
    })
  }

  /** Begin something that needs requests. Its end is an event with this number. */
  private run(phone: Phone, transport: HeldTransport, command: Command): number {
    const number = ++this.numbers.last
    const { life } = this.app!
    const end = (outcome: unknown) => {
      if (!life.isOver) this.tell({ phone: this.name, ended: number, outcome })
    }
    this.work(phone, transport, command).then(
      (shown) => end(shown ?? 'done'),
      (error) => {
        if (!(error instanceof PhoneError)) throw error // ends the process, with its stack
        end(error.name)
      },
    )
    return number
  }

  private async work(phone: Phone, transport: HeldTransport, command: Command): Promise<unknown> {
    switch (command.what) {
      case 'sync':
        return phone.sync()
      case 'pull':
        return phone.syncing.pull()
      case 'push main':
      case 'push urgent':
        await phone.syncing.push(command.what === 'push main' ? 'main' : 'urgent')
        return
      case 'enrol':
        await phone.enrol('code', '1990-04-01')
        return
      case 'request_code':
        return phone.requestCode('ana@example.org')
      case 'sign_out':
        return phone.signOut()
      case 'connect':
        transport.needsTicket = command.ticket
        return phone.live.connect()
      case 'older': {
        const page = await phone.older(command.scope, command.kind, command.before, command.limit)
        return { shown: page.entries.map((e) => [e.kind, e.id, e.seq]), next: page.next }
      }
      case 'file': {
        const [scope, kind, id, sha256] = command.entry
        const bytes = await phone.file(phone.find(scope, kind, id)!, sha256)
        return { shown: await sha256Of(bytes) }
      }
    }
    throw new Error(`what is ${command.what}?`)
  }

  /** What a new app would load is what this one has in memory. */
  private async verify(phone: Phone): Promise<void> {
    const before = await phone.store.durable(() => contents(phone.store.memory))
    const again = new Store(await this.storage(), await this.cipher(this.setup!.cipher), () => {})
    await again.load()
    assertSame(before, contents(again.memory))
  }
}

function stateOf(phone: Phone): Body {
  const { answers, store } = phone
  const { status } = phone
  const entries = Object.fromEntries(phone.scopes().map((scope) => [
    scope, store.memory.entries(undefined, scope).sort((a, b) => a.seq - b.seq).map((e) => [e.kind, e.id, e.seq]),
  ]))
  return {
    screen: status.screen === 'new' ? 'open' : status.screen,
    update_screen: status.needsUpdate,
    cursor: answers.copy.cursor(),
    entries,
    pending: answers.overlay.entries()
      .filter((e) => e !== store.memory.find(e.scope, e.kind, e.id)).map((e) => [e.scope, e.kind, e.id, e.doc]),
    outbox: phone.outbox().map((m) => [m.lane, m.uuid]),
    not_sent: phone.notSent().map((m) => [m.uuid, m.result && 'code' in m.result ? m.result.code : null]),
  }
}

/** As docs/vectors has it. */
function then(code: number): Body {
  const { do: what, low, high, stayAway } = reaction(code)
  return { do: what, low, high, stay_away: stayAway }
}

/** The projection that a vector's overlay describes. */
function overlayOf(overlay: Body): Projection {
  return (args) => ({
    scope: overlay.scope.replace(/\{(\w+)\}/g, (_: string, name: string) => args[name]),
    kind: overlay.kind,
    id: args[overlay.id],
    fields: Object.fromEntries(overlay.fields.map((name: string) => [name, args[name]])),
  })
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(bytes).digest('hex')
}
