/** The phone as its owner sees it: sign in, act, read, go offline and come back. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { v7 } from 'uuid'
import { Answers } from './core/answers.ts'
import type { Change, Entry, Mutation } from './core/memory.ts'
import type { Action, EntryOf, Inputs, Kind, Overlays } from './documents.ts'
import { Locked, UnsentWork, Wiped } from './errors.ts'
import { older } from './engine/history.ts'
import type { HistoryPage } from './engine/history.ts'
import { Live } from './engine/live.ts'
import type { Ephemeral } from './engine/live.ts'
import { Session } from './engine/session.ts'
import { SignIn } from './engine/sign_in.ts'
import { Store } from './engine/store.ts'
import { Sync } from './engine/sync.ts'
import type { App } from './engine/sync.ts'
import { Triggers } from './engine/triggers.ts'
import { Wire } from './engine/wire.ts'
import type { Cipher, Clock, DeviceKey, Keystore, Storage, Transport } from './ports.ts'
import type { Body } from './wire_types.ts'

/** Four words for what became of an act, the same everywhere. */
export type Fate = 'saved' | 'waiting' | 'sent' | 'not sent'

export interface Options {
  /** The server's URL, without a path. */
  home: string
  storage: Storage
  cipher: Cipher
  transport: Transport
  clock: Clock
  app: Pick<App, 'platform' | 'version'> & Partial<App>
  /** Left out: kept in `storage`, sealed. */
  keystore?: Keystore
  /** Left out: refreshes are not signed. */
  deviceKey?: DeviceKey | null
  /** What the person's list of devices calls this phone. */
  name?: string
  /** The live socket's URL, if it is not that of `home`. */
  live?: string | null
  /** What pending acts show. */
  overlays?: Overlays
  /** For tests: ids of mutations, and numbers from 0 to 1. */
  newId?: () => string
  random?: () => number
}

export interface Act {
  /** Does not wait for the other acts. */
  urgent?: boolean
  /** The entries that the person was looking at. */
  base?: Iterable<Entry>
  /** Files that the argument `attachments` will name. */
  files?: Iterable<{ scope: string; bytes: Uint8Array }>
  v?: number
  uuid?: string
}

export type Screen = 'new' | 'open' | 'signed out' | 'lease ran out' | 'wiped'

/** How this phone is. A new object whenever something in it has changed. */
export interface Status {
  /** Whether documents may be shown, or why not. `new`: nobody has signed in yet. */
  screen: Screen
  user: string | null
  /** What the last request has shown. */
  network: 'unknown' | 'online' | 'offline' | 'busy'
  live: boolean
  isSyncing: boolean
  /** The app is too old to read; it still sends. */
  needsUpdate: boolean
  /** What was last written could not be stored. */
  storageFull: boolean
  /** Scopes that are not read to their end yet. */
  loading: readonly string[]
  /** Server time in milliseconds of the last time that everything was read. */
  lastSynced: number | null
}

/** Open the phone with what its storage holds. */
export async function open(options: Options): Promise<Phone> {
  const phone = new Phone(options)
  await phone.begin()
  return phone
}

export class Phone {
  readonly app: App
  readonly answers: Answers
  readonly syncing: Sync
  readonly live: Live
  readonly triggers: Triggers
  readonly session: Session
  readonly store: Store
  readonly signIn: SignIn
  private readonly clock: Clock
  /** What the leading tab says of itself, in a tab that follows it. */
  remote: Status | null = null
  readonly newId: () => string
  /** Without a socket: pull when the app is opened or acts, at a push, and every 15 minutes. */
  savesData = false
  private readonly listeners = new Set<() => void>()
  private known: Status | null = null

  constructor(options: Options) {
    const { clock, random = Math.random, app } = options
    this.app = { schema: 1, page: 500, ...app }
    this.clock = clock
    this.newId = options.newId ?? v7
    this.store = new Store(options.storage, options.cipher, () => this.changed())
    this.answers = new Answers(this.store.memory)
    this.answers.overlay.projections = { ...options.overlays }
    const wire = new Wire(options.transport, this.store, clock)
    const keystore = options.keystore ?? storedKeystore(options.storage, options.cipher)
    this.session = new Session(options.home, wire, this.store, keystore, options.deviceKey ?? null)
    this.signIn = new SignIn(this.session, this.app, options.name ?? 'Phone')
    this.syncing = new Sync(this.session, this.store, this.answers, clock, this.app, random)
    this.triggers = new Triggers(this.syncing, clock, random)
    this.live = new Live(this.syncing, this.triggers, clock, random, options.live ?? null)
    for (const part of [this.triggers, this.live]) part.onChange = () => this.changed()
    wire.onNetwork = () => this.changed()
  }

  /** Show what is stored. Writes nothing, because another tab may lead. */
  async load(): Promise<void> {
    await this.store.load()
    await this.session.read()
    this.answers.overlay.invalidate()
  }

  /** From now on this phone writes. */
  async begin(): Promise<void> {
    await this.store.begin()
    await this.session.read()
    await this.session.prepare()
    await this.store.transaction(() => this.answers.begin(this.session.mark))
    this.answers.overlay.invalidate()
  }

  /** Show what the leading tab has written; null: it has erased everything. */
  follow(changes: Change[] | null, status: Status): void {
    const { memory } = this.store
    if (changes === null) memory.clear()
    for (const { table, name, value } of changes ?? []) memory.follow(table, name, value)
    this.remote = status
    this.answers.overlay.invalidate()
    this.changed()
  }

  /** Called after every change. Returns a function that ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  get status(): Status {
    const status = this.describe()
    if (JSON.stringify(status) !== JSON.stringify(this.known)) this.known = status
    return this.known!
  }

  /** The server's time, as far as this phone knows it, in milliseconds. */
  now(): number {
    return this.session.wire.now()
  }

  // Signing in and out

  /** Enrol with the clinic's one-use code and a date of birth (YYYY-MM-DD). Returns the person's
   *  id. Throws `Problem`: `code_unknown`, `code_not_yet`, `second_factor_code_required`. */
  async enrol(code: string, dateOfBirth: string | null, secondFactor?: string): Promise<string> {
    const user = await this.signIn.enrol(code, dateOfBirth, secondFactor)
    this.signedIn()
    return user
  }

  /** Request a code by e-mail. The answer is the same for an unknown address. */
  requestCode(email: string): Promise<void> {
    return this.signIn.requestCode(email)
  }

  /** Returns the person's id, or null if a code of the second factor has to follow. */
  async confirmCode(code: string): Promise<string | null> {
    const user = await this.signIn.confirmCode(code)
    if (user) this.signedIn()
    return user
  }

  async confirmFactor(code: string): Promise<string | null> {
    const user = await this.signIn.confirmFactor(code)
    if (user) this.signedIn()
    return user
  }

  /** Sign out and erase everything. Throws `UnsentWork` if something would be lost. */
  async signOut({ evenIfUnsent = false } = {}): Promise<void> {
    if (!evenIfUnsent && (this.outbox().length || this.notSent().length)) throw new UnsentWork()
    const { isOpen } = this.triggers
    this.background()
    try {
      await this.session.signOut()
    } finally {
      // For the same person if that failed, or for the next one.
      if (isOpen) this.foreground()
      this.changed()
    }
  }

  /** POST as the signed-in person, for what only works with a connection. Throws `Problem`. */
  post(path: string, body: Body, headers: Record<string, string> = {}): Promise<any> {
    return this.session.call(path, body, headers)
  }

  /** GET as the signed-in person. Throws `Problem`. */
  get(path: string): Promise<any> {
    return this.session.call(path, null)
  }

  // Acting

  /** Queue an act and show it at once. Resolves with its uuid once it is durable on this phone.
   *  Works offline for weeks. Throws `StorageFull` if it is not kept, and `Wiped`. */
  async act<A extends Action>(action: A, args: Inputs[A], act: Act = {}): Promise<string> {
    if (this.session.isWiped) throw new Wiped()
    const uuid = act.uuid ?? this.newId()
    if (this.answers.outbox.find(uuid)) return uuid
    const lane = act.urgent ? 'urgent' : 'main'
    const files = [...(act.files ?? [])].map((file) => ({ ...file, sha256: bytesToHex(sha256(file.bytes)) }))
    const attachments = files.length ? { attachments: files.map((file) => file.sha256) } : {}
    const base: Record<string, number> = {}
    for (const { kind, id, seq } of act.base ?? []) if (seq !== null) base[`${kind}/${id}`] = seq
    const clientTime = new Date(this.clock.now()).toISOString()
    const queued = { uuid, lane, action, v: act.v ?? 1, args: { ...args, ...attachments }, base, clientTime } as const
    await this.store.transaction(() => this.answers.queue(queued, files))
    this.triggers.queued(lane)
    return uuid
  }

  /** What became of an act; null once it is forgotten, a week after it was sent. */
  fate(uuid: string): Fate | null {
    const mutation = this.answers.outbox.find(uuid)
    if (!mutation) return null
    if (mutation.state === 'sent') return 'sent'
    if (mutation.state === 'refused') return 'not sent'
    const { network, screen } = this.status
    const isTrying = network !== 'offline' && screen !== 'signed out'
    return mutation.tried || isTrying ? 'waiting' : 'saved'
  }

  mutation(uuid: string): Mutation | undefined {
    return this.answers.outbox.find(uuid)
  }

  /** What is still to be sent, in the order of acting. */
  outbox(): Mutation[] {
    return this.answers.outbox.pending()
  }

  /** What was refused, with the person's words, until it is dismissed. */
  notSent(): Mutation[] {
    return this.answers.outbox.notSent()
  }

  dismiss(uuid: string): Promise<void> {
    return this.store.transaction(() => this.answers.dismiss(uuid))
  }

  /** Remove an act that has certainly not been sent. Resolves with false if it may have been. */
  takeBack(uuid: string): Promise<boolean> {
    return this.store.transaction(() => this.answers.takeBack(uuid))
  }

  // Reading

  /** Confirmed entries with pending acts laid over them: by scope, then in the server's order,
   *  pending new ones last. The same list until something changes. Throws `Locked` and `Wiped`. */
  query<K extends Kind>(kind: K, where: { scope?: string } = {}): EntryOf<K>[] {
    this.unlock()
    return this.answers.overlay.entries(kind, where.scope) as EntryOf<K>[]
  }

  find<K extends Kind>(scope: string, kind: K, id: string): EntryOf<K> | undefined {
    this.unlock()
    return this.answers.overlay.find(scope, kind, id) as EntryOf<K> | undefined
  }

  /** All entries, also of kinds that this app does not know. */
  entries(): Entry[] {
    this.unlock()
    return this.answers.overlay.entries()
  }

  scopes(): string[] {
    return [...this.store.memory.scopes.keys()].sort()
  }

  isLoading(scope: string): boolean {
    return !this.answers.copy.isComplete(scope)
  }

  /** A page of at most `limit` entries that are older than those on this phone. */
  older(scope: string, kind: string, before: string[] | null = null, limit?: number): Promise<HistoryPage> {
    this.unlock()
    return older(this.session, this.app.schema, scope, kind, before, limit)
  }

  /** A file that an entry shows: from this phone, or fetched and stored. */
  file(entry: Entry, sha256: string): Promise<Uint8Array> {
    this.unlock()
    return this.syncing.files.fetch(entry, sha256)
  }

  /** Tell the others in a group or pair something that passes: `typing`. At most every few seconds. */
  say(scope: string, kind: string): void {
    this.live.say(scope, kind)
  }

  ephemerals(scope: string): Ephemeral[] {
    return this.live.ephemerals(scope)
  }

  // What the app keeps here: drafts, settings. Sealed, and erased with everything else.

  keep(name: string, value: unknown): Promise<void> {
    return this.store.transaction(() => this.store.memory.keep(`app/${name}`, value))
  }

  kept<T>(name: string): T | undefined {
    return this.store.memory.notes.get(`app/${name}`) as T | undefined
  }

  /** The names of what is kept and begins so. */
  keptNames(start: string): string[] {
    const names = [...this.store.memory.notes.keys()].filter((name) => name.startsWith(`app/${start}`))
    return names.map((name) => name.slice(4))
  }

  /** Write everything into another storage under another key, and close this phone. The app opens
   *  the copy. Nothing may be lost in between, so nothing else happens meanwhile. */
  async moveTo(storage: Storage, cipher: Cipher): Promise<void> {
    this.background()
    try {
      await this.store.copyTo(storage, cipher)
      await this.session.copyTo(storedKeystore(storage, cipher))
    } catch (error) {
      await this.store.begin()
      throw error
    }
    await this.close()
  }

  // The network

  /** Push the outbox, then pull to the end. An error stops it without losing anything. */
  async sync(): Promise<void> {
    await this.syncing.run()
  }

  /** The app is open: the socket is up, and the phone syncs by itself. */
  foreground(): void {
    this.triggers.open()
    if (!this.savesData) this.live.foreground()
  }

  background(): void {
    this.triggers.close()
    this.live.background()
  }

  /** The network has changed, or a push has come: do not wait any longer. */
  wake(): void {
    this.triggers.now()
    if (this.triggers.isOpen && !this.live.isOpen && !this.savesData) this.live.foreground()
  }

  async close(): Promise<void> {
    this.background()
    this.syncing.remedies.stop()
    this.listeners.clear()
    await this.store.close()
  }

  private signedIn(): void {
    this.triggers.ended = null
    // Until now, an open app had nobody to sync for.
    if (this.triggers.isOpen) this.wake()
    this.changed()
  }

  private describe(): Status {
    if (this.remote) return this.remote
    const { memory } = this.store
    return {
      screen: this.screen(),
      user: memory.meta.user ?? null,
      network: this.session.wire.network,
      live: this.live.isOpen,
      isSyncing: this.triggers.isSyncing,
      needsUpdate: Boolean(memory.meta.tooOld),
      storageFull: this.store.isFull,
      loading: this.scopes().filter((scope) => this.isLoading(scope)),
      lastSynced: memory.meta.lastSynced ?? null,
    }
  }

  private screen(): Screen {
    if (this.remote) return this.remote.screen
    if (this.session.isWiped) return 'wiped'
    const { user, lease, leaseRanOut } = this.store.memory.meta
    if (user !== undefined && !this.session.isSignedIn) return 'signed out'
    if (leaseRanOut) return 'lease ran out'
    if (lease && this.now() >= Date.parse(lease)) {
      // Stored, so that turning the clock back does not unlock the phone. A pull does.
      this.store.transaction(() => this.store.memory.setMeta({ leaseRanOut: true })).catch(() => {})
      return 'lease ran out'
    }
    return user === undefined ? 'new' : 'open'
  }

  private unlock(): void {
    const screen = this.screen()
    if (screen === 'wiped') throw new Wiped()
    if (screen === 'signed out' || screen === 'lease ran out') throw new Locked(screen)
  }

  private changed(): void {
    for (const listener of [...this.listeners]) {
      try {
        listener()
      } catch (error) {
        // A defect of a screen, which must not look like one of what it shows.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** A keystore in the storage, sealed like everything else. */
function storedKeystore(storage: Storage, cipher: Cipher): Keystore {
  const about = 'keystore'
  return {
    async read() {
      const key = await cipher.name('keystore', about)
      const sealed = await storage.read('keystore', key)
      return sealed ? JSON.parse(new TextDecoder().decode(await cipher.open(sealed, about))) : {}
    },
    async write(values) {
      const key = await cipher.name('keystore', about)
      const value = await cipher.seal(new TextEncoder().encode(JSON.stringify(values)), about)
      await storage.commit([{ table: 'keystore', key, value }])
    },
  }
}

