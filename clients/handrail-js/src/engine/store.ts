/** The memory and the storage behind it. Every change is one transaction: all or nothing. */

import { Closed, StorageFull } from '../errors.ts'
import { Memory, outgoingName } from '../core/memory.ts'
import type { Change } from '../core/memory.ts'
import type { Cipher, Storage, Table, Write } from '../ports.ts'
import { Packs } from './packs.ts'

const IN_MEMORY: readonly Exclude<Table, 'file' | 'keystore'>[] = ['meta', 'scope', 'document', 'mutation', 'outgoing']

export class Store {
  readonly memory = new Memory()
  /** Whether the last change could not be stored. */
  isFull = false
  /** Called with what has become durable, and with null after everything was erased. */
  onCommit: (changes: Change[] | null) => void = () => {}
  private readonly packs = new Packs()
  private readonly storage: Storage
  private readonly cipher: Cipher
  private readonly onChange: () => void
  private last: Promise<void> = Promise.resolve()
  /** Until `begin`, and after `stop`: only another tab writes. */
  private isClosed = true
  private line = 0
  /** Changes that are not durable yet. */
  private unwritten = 0
  private reloading: Promise<void> | null = null
  /** The memory holds what could not be stored, until it has been loaded again. */
  private isAhead = false

  constructor(storage: Storage, cipher: Cipher, onChange: () => void) {
    this.storage = storage
    this.cipher = cipher
    this.onChange = onChange
  }

  async load(): Promise<void> {
    const loaded: [Exclude<Table, 'file' | 'keystore'>, Uint8Array[]][] = []
    for (const table of IN_MEMORY) {
      const rows = await this.storage.load(table)
      const opened = rows.map(([key, sealed]) => this.open(table, key, sealed))
      loaded.push([table, await Promise.all(opened)])
    }
    this.memory.clear()
    this.packs.clear()
    for (const [table, rows] of loaded) {
      for (const bytes of rows) {
        const [name, value] = JSON.parse(decode(bytes))
        if (table === 'document') this.packs.load(name, value)
        const entries = table === 'document' ? value : [[name, value]]
        for (const [each, entry] of entries) this.memory.load(table, each, entry)
      }
    }
    this.isAhead = false
  }

  /** Change the memory and write what changed. Resolves once it is durable.
   *
   * If it cannot be stored, the memory goes back to what is stored, without this change and without
   * those that were made since, because they were built on it. Throws `StorageFull` then. */
  transaction<T>(change: () => T): Promise<T> {
    if (this.isClosed) return Promise.reject(new Closed())
    const back = this.back()
    if (back) return back.then(() => this.transaction(change))
    let result: T
    try {
      result = change()
    } catch (error) {
      return this.reload().then(() => Promise.reject(error))
    }
    const changes = this.memory.take()
    if (!changes.length) return this.last.then(() => result)
    const line = this.line
    this.unwritten++
    const written = this.last.then(() => this.write(changes, line)).finally(() => this.unwritten--)
    this.last = written.catch(() => {})
    return written.then(
      () => {
        this.isFull = false
        this.onChange()
        return result
      },
      async (error) => {
        await this.reloading?.catch(() => {})
        throw error
      },
    )
  }

  /** Wait until everything so far is durable. */
  settled(): Promise<void> {
    return this.last
  }

  /** Read the memory at a moment when all of it is durable. Requests tell the server only what is. */
  async durable<T>(read: () => T): Promise<T> {
    while (this.unwritten || this.isAhead) await (this.back() ?? this.last)
    return read()
  }

  /** Write all that this phone holds into another storage under another key, and nothing more into
   *  this one. Files that can be fetched again are left out. */
  async copyTo(storage: Storage, cipher: Cipher): Promise<void> {
    await this.stop()
    const copy = new Store(storage, cipher, () => {})
    const changes = this.memory.all()
    for (const file of this.memory.outgoing.values()) {
      const name = outgoingName(file)
      changes.push({ table: 'file', name, value: await this.file(name) })
    }
    await copy.write(changes, copy.line)
  }

  async file(name: string): Promise<Uint8Array | null> {
    const key = await this.cipher.name('file', name)
    const sealed = await this.storage.read('file', key)
    return sealed && this.open('file', key, sealed)
  }

  /** Delete everything. */
  async erase(): Promise<void> {
    this.memory.clear()
    await this.inTurn(() => this.storage.erase())
    // It may have been loaded again meanwhile.
    this.memory.clear()
    this.onCommit(null)
    this.onChange()
  }

  /** Begin, or begin again after `stop`, with what the storage holds. */
  begin(): Promise<void> {
    this.isClosed = false
    return this.load()
  }

  /** Write what is on its way, and nothing after it: another tab writes now, or another storage. */
  async stop(): Promise<void> {
    this.isClosed = true
    await this.last
  }

  async close(): Promise<void> {
    await this.stop()
    await this.storage.close()
  }

  /** Write elsewhere, in turn with what is written here and under the same condition. */
  beside(work: () => Promise<void>): Promise<void> {
    return this.isClosed ? Promise.reject(new Closed()) : this.inTurn(work)
  }

  private async write(changes: Change[], line: number): Promise<void> {
    if (line !== this.line) throw new StorageFull('It was built on what could not be stored.')
    try {
      const rows = this.packs.pack(changes)
      await this.storage.commit(await Promise.all(rows.map((row) => this.sealed(row))))
    } catch (error) {
      this.isFull = error instanceof StorageFull
      this.reload().catch(() => {}) // the next transaction tries it again
      throw error
    }
    this.onCommit(changes)
  }

  /** The way back to what is stored, unless the memory is there. */
  private back(): Promise<void> | null {
    return this.isAhead ? (this.reloading ?? this.reload()) : null
  }

  /** Go back to what is stored. Everything that waits to be written is of another line. */
  private reload(): Promise<void> {
    this.line++
    this.isAhead = true
    this.reloading ??= this.inTurn(() => this.load()).finally(() => {
      this.reloading = null
      this.onChange()
    })
    return this.reloading
  }

  private async sealed({ table, name, value }: Change): Promise<Write> {
    const key = await this.cipher.name(table, name)
    if (value === null) return { table, key, value: null }
    const bytes = value instanceof Uint8Array ? value : encode(JSON.stringify([name, value]))
    return { table, key, value: await this.cipher.seal(bytes, `${table}/${key}`) }
  }

  private open(table: Table, key: string, sealed: Uint8Array): Promise<Uint8Array> {
    return this.cipher.open(sealed, `${table}/${key}`)
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work)
    this.last = done.catch(() => {})
    return done
  }
}

// One each for all rows: a start decodes thousands.
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function encode(text: string): Uint8Array {
  return encoder.encode(text)
}

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
