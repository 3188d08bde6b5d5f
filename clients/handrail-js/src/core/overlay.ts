/** Shows acts before this phone has read what the server made of them. */

import type { Body } from '../wire_types.ts'
import type { Entry, Held, Memory } from './memory.ts'
import { documentName } from './memory.ts'
import type { Outbox } from './outbox.ts'

/** What a pending act lays over which entry. The fields replace those of the entry, if there is
 *  one. */
export interface Projected {
  scope: string
  kind: string
  id: string
  fields: Body
}

/** `find` reads a confirmed entry; scope `null`: of whatever scope it is in, since many acts name only
 *  an id. `user` is the person who acts. */
export type Projection<Args = any> = (
  args: Args,
  find: (scope: string | null, kind: string, id: string) => Entry | undefined,
  mutation: { uuid: string; clientTime: string; user: string },
) => Projected | Projected[] | null

export class Overlay {
  projections: Readonly<Record<string, Projection>> = {}
  private readonly memory: Memory
  private readonly outbox: Outbox
  private laid: Map<string, Entry> | null = null
  private life = 0
  private readonly shown = new Map<string, { version: number; entries: Entry[] }>()

  constructor(memory: Memory, outbox: Outbox) {
    this.memory = memory
    this.outbox = outbox
  }

  /** Pending acts or the entries below them have changed. */
  invalidate(): void {
    const before = this.laid
    this.laid = null
    for (const map of [before, this.overlays()]) {
      for (const entry of map?.values() ?? []) this.memory.touch(entry.kind)
    }
  }

  /** Confirmed entries with pending acts laid over them; pending new ones come last. The same list
   *  until something changes. */
  entries(kind?: string, scope?: string): Entry[] {
    const key = `${kind ?? ''} ${scope ?? ''}`
    const version = this.version(kind)
    const known = this.shown.get(key)
    if (known?.version === version) return known.entries
    const entries = this.read(kind, scope)
    this.shown.set(key, { version, entries })
    return entries
  }

  find(scope: string, kind: string, id: string): Entry | undefined {
    return this.overlays().get(documentName({ scope, kind, id })) ?? this.memory.find(scope, kind, id)
  }

  private read(kind?: string, scope?: string): Entry[] {
    const held: Entry[] = this.memory.entries(kind, scope)
    const laid = new Map(
      [...this.overlays()].filter(([, entry]) => (!kind || entry.kind === kind) && (!scope || entry.scope === scope)),
    )
    // Of thousands of messages, hardly ever one has something laid over it.
    if (!laid.size) return held
    const ids = new Set([...laid.values()].map(({ id }) => id))
    const shown = held.map((entry) => {
      if (!ids.has(entry.id)) return entry
      const name = documentName(entry)
      const above = laid.get(name)
      laid.delete(name)
      return above ?? entry
    })
    for (const entry of laid.values()) if (entry.seq === null) shown.push(entry)
    return shown
  }

  private version(kind?: string): number {
    let sum = this.memory.life
    if (kind !== undefined) return sum + (this.memory.versions.get(kind) ?? 0)
    for (const version of this.memory.versions.values()) sum += version
    return sum
  }

  private overlays(): Map<string, Entry> {
    if (!this.laid || this.life !== this.memory.life) {
      this.laid = this.lay()
      this.life = this.memory.life
    }
    return this.laid
  }

  private lay(): Map<string, Entry> {
    const laid = new Map<string, Entry>()
    const find = (scope: string | null, kind: string, id: string): Held | undefined =>
      this.memory.find(scope, kind, id)
    const user = this.memory.meta.user ?? ''
    for (const mutation of this.outbox.unread()) {
      const { uuid, clientTime, state, unread } = mutation
      const act = { uuid, clientTime, user }
      const projected = this.projections[mutation.action]?.(mutation.args, find, act) ?? []
      for (const each of Array.isArray(projected) ? projected : [projected]) {
        const { scope, kind, id } = each
        if (state === 'sent' && !unread!.some(([name]) => name === scope)) continue
        // An earlier pending act on the same entry comes before the confirmed one.
        const below = laid.get(documentName(each)) ?? find(scope, kind, id)
        const doc = { ...below?.doc, ...each.fields }
        const seq = find(scope, kind, id)?.seq ?? null
        laid.set(documentName(each), { scope, kind, id, seq, doc, pending: state === 'sent' ? null : uuid })
      }
    }
    return laid
  }
}
