/** Which documents share a row. With a row for each, a start waits for thousands of decryptions.
 *
 * A document is in one pack only, so what is deleted leaves the storage at once. */

import type { Change } from '../core/memory.ts'

/** A changed document has its whole pack written again. */
const MOST = 50

/** The documents of a pack, by name. */
type Pack = Map<string, unknown>

export class Packs {
  private readonly packs = new Map<string, Pack>()
  private readonly packOf = new Map<string, string>()
  private newest = 0

  clear(): void {
    this.packs.clear()
    this.packOf.clear()
    this.newest = 0
  }

  /** A row as it was stored. */
  load(name: string, documents: [string, unknown][]): void {
    this.packs.set(name, new Map(documents))
    for (const [document] of documents) this.packOf.set(document, name)
    this.newest = Math.max(this.newest, Number(name))
  }

  /** The changes of rows for these changes of documents. Other changes stay as they are. */
  pack(changes: readonly Change[]): Change[] {
    const others = changes.filter(({ table }) => table !== 'document')
    const changed = new Set<string>()
    for (const { table, name, value } of changes) {
      if (table === 'document') changed.add(value === null ? this.takeOut(name) : this.putIn(name, value))
    }
    changed.delete('')
    return [...others, ...[...changed].map((name): Change => ({ table: 'document', name, value: this.row(name) }))]
  }

  private putIn(document: string, value: unknown): string {
    const name = this.packOf.get(document) ?? this.withRoom()
    this.packs.get(name)!.set(document, value)
    this.packOf.set(document, name)
    return name
  }

  /** '' if it is in none. */
  private takeOut(document: string): string {
    const name = this.packOf.get(document)
    if (name === undefined) return ''
    this.packOf.delete(document)
    this.packs.get(name)!.delete(document)
    return name
  }

  private withRoom(): string {
    for (const [name, pack] of this.packs) if (pack.size < MOST) return name
    const name = String(++this.newest)
    this.packs.set(name, new Map())
    return name
  }

  private row(name: string): [string, unknown][] | null {
    const pack = this.packs.get(name)!
    return pack.size ? [...pack] : null
  }
}
