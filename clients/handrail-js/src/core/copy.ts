/** The local copy of the feed: entries, and the position of each scope. */

import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Cursor, Digest, PageScope, Position, WireDeletion, WireEntry } from '../wire_types.ts'
import { UNREAD } from '../wire_types.ts'
import { attached, shownName } from './memory.ts'
import type { Held, Memory } from './memory.ts'

const HASHED_BYTES = 8

export class Copy {
  private readonly memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
  }

  get epoch(): string | null {
    return this.memory.meta.epoch ?? null
  }

  /** In wire format; empty before the first pull. */
  cursor(): Cursor {
    if (this.epoch === null) return {}
    const names = [...this.memory.scopes.keys()].sort()
    const scopes = names.map((name) => [name, this.memory.scopes.get(name)!.pos])
    return { epoch: this.epoch, scopes: Object.fromEntries(scopes) }
  }

  /** How far the scope was read, or null if this phone does not have it. */
  readTo(scope: string): number | null {
    return this.memory.scopes.get(scope)?.pos[0] ?? null
  }

  /** False while pages are missing, and the screen says that it is loading. */
  isComplete(scope: string): boolean {
    return this.memory.scopes.get(scope)?.complete ?? false
  }

  /** In a new epoch all positions are void, also those of scopes that the page does not mention.
   *  They stay in the cursor, so that the server can still drop them. */
  enterEpoch(epoch: string): void {
    if (epoch === this.epoch) return
    for (const scope of this.memory.scopes.keys()) this.markUnread(scope)
    this.memory.setMeta({ epoch })
  }

  /** Have the next pull read the scope from its beginning. */
  markUnread(scope: string): void {
    const row = this.memory.scopes.get(scope)
    if (row) this.memory.setScope(scope, { ...row, pos: UNREAD, complete: false })
  }

  /** Forget all entries and positions, to read everything again. */
  empty(): void {
    for (const scope of [...this.memory.scopes.keys()]) this.drop(scope)
    for (const entry of this.memory.entries()) this.memory.delete(entry)
    this.memory.setMeta({ epoch: null })
  }

  drop(scope: string): void {
    for (const entry of this.memory.entries(undefined, scope)) this.memory.delete(entry)
    this.memory.deleteScope(scope)
  }

  /** Apply a scope's part of a page. */
  takePage(page: PageScope): void {
    this.reset(page.scope, page.reset)
    this.apply(page.scope, page.put, page.del)
    this.setPosition(page.scope, page.pos, page.pos[0] >= page.head)
  }

  /** Apply a live frame whose `from` is our position. Base and grant change by pulls only. */
  takeFrame(scope: string, to: number, put: WireEntry[], del: WireDeletion[]): void {
    this.apply(scope, put, del)
    const row = this.memory.scopes.get(scope)
    if (row) this.setPosition(scope, [to, row.pos[1], row.pos[2]], true)
  }

  /** Whether we have read to the digest's head, under the same grant, and still hold something else. */
  differsFrom(digest: Digest): boolean {
    const row = this.memory.scopes.get(digest.scope)
    if (!row?.complete || row.pos[0] !== digest.head || row.pos[2] !== digest.grant) return false
    const { count, xor } = this.digest(digest.scope)
    return count !== digest.count || xor !== digest.xor
  }

  digest(scope: string): { count: number; xor: string } {
    const entries = this.memory.entries(undefined, scope)
    const total = new Uint8Array(HASHED_BYTES)
    for (const entry of entries) {
      const hash = sha256(utf8ToBytes(`${entry.kind}:${entry.id}:${entry.seq}`))
      for (let i = 0; i < HASHED_BYTES; i++) total[i]! ^= hash[i]!
    }
    const xor = [...total].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return { count: entries.length, xor }
  }

  /** `purge` removes the entries now. `sweep` keeps them on the screen until the scope is complete,
   *  and then removes those that no page confirmed. */
  private reset(scope: string, how: PageScope['reset']): void {
    const row = this.memory.scopes.get(scope)
    const generation = row ? row.generation + (how ? 1 : 0) : 1
    this.memory.setScope(scope, { pos: row?.pos ?? UNREAD, complete: false, generation })
    if (how === 'purge') {
      for (const entry of this.memory.entries(undefined, scope)) this.memory.delete(entry)
    }
  }

  /** Store entries that are newer than ours, or that belong to a newer generation. */
  private apply(scope: string, put: WireEntry[], del: WireDeletion[]): void {
    const generation = this.memory.scopes.get(scope)?.generation
    if (generation === undefined) return
    const isNewer = (held: Held, seq: number) => generation > held.generation || seq > held.seq
    for (const [kind, id, seq, doc] of put) {
      const held = this.memory.find(scope, kind, id)
      if (held && !isNewer(held, seq)) continue
      const entry: Held = { scope, kind, id, seq, doc, pending: null, generation }
      const stays = new Set(attached(entry))
      for (const sha256 of held ? attached(held) : []) {
        if (!stays.has(sha256)) this.memory.putFile(shownName(entry, sha256), null)
      }
      this.memory.put(entry)
    }
    for (const [kind, id, seq] of del) {
      const held = this.memory.find(scope, kind, id)
      if (held && isNewer(held, seq)) this.memory.delete(held)
    }
  }

  private setPosition(scope: string, pos: Position, complete: boolean): void {
    const row = this.memory.scopes.get(scope)!
    this.memory.setScope(scope, { ...row, pos, complete })
    // Only a reset leaves entries behind that were not confirmed.
    if (!complete || row.complete) return
    for (const entry of this.memory.entries(undefined, scope)) {
      if (entry.generation < row.generation) this.memory.delete(entry)
    }
  }
}
