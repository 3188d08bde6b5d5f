/** What must hold inside the phone at every moment, and what it shows of it to the other process. */

import { deepStrictEqual } from 'node:assert'
import type { Memory } from '../../src/core/memory.ts'
import type { Phone } from '../../src/phone.ts'
import type { Body } from '../../src/wire_types.ts'
import type { Tell } from './ports.ts'

/** Tell of each page that was applied, with what the phone holds at that moment. `seen`: the seqs of
 *  the phone so far, which only grow (I11). */
export function watch(phone: Phone, seen: Map<string, number>, tell: Tell): void {
  const { answers, store } = phone
  const takePull = answers.takePull.bind(answers)
  answers.takePull = (asked, page, at) => {
    const applied = takePull(asked, page, at)
    if (applied) tell({ page, holds: rowsOf(store.memory) })
    return applied
  }
  const transaction = store.transaction.bind(store)
  let { life } = store.memory
  store.transaction = (change) =>
    transaction(() => {
      // What found no room has been taken back.
      if (life !== store.memory.life) seen.clear()
      life = store.memory.life
      const result = change()
      const now = seqsOf(store.memory)
      for (const [key, seq] of seen) {
        if ((now.get(key) ?? seq) < seq) tell({ fails: `I11: ${key}` })
      }
      seen.clear()
      for (const [key, seq] of now) seen.set(key, seq)
      return result
    })
}

/** The confirmed documents of each scope: id → [seq, word]. */
export function rowsOf(memory: Memory): Record<string, Record<string, [number, string]>> {
  const rows: Record<string, Record<string, [number, string]>> = {}
  for (const { scope, id, seq, doc } of memory.entries()) (rows[scope] ??= {})[id] = [seq, doc.alias]
  return rows
}

/** By epoch and generation: a reset or a drop begins a new series. */
function seqsOf(memory: Memory): Map<string, number> {
  const { epoch } = memory.meta
  const seqs = new Map<string, number>()
  for (const [name, { generation, pos }] of memory.scopes) seqs.set(`${epoch}/${name}/${generation}`, pos[0])
  for (const { scope, kind, id, generation, seq } of memory.entries()) {
    seqs.set(`${epoch}/${scope}/${kind}/${id}/${generation}`, seq)
  }
  return seqs
}

export function assertSame(inMemory: Body, stored: Body): void {
  deepStrictEqual(stored, inMemory, 'what is stored differs from what is in memory')
}

export function contents(memory: Memory): Body {
  const { meta, scopes, mutations, outgoing, notes } = memory
  const tables = { scopes, mutations, outgoing, notes }
  const rows = Object.entries(tables).map(([name, map]) => [name, Object.fromEntries(map)])
  // As JSON, which has no `undefined`.
  return JSON.parse(JSON.stringify({ meta, entries: memory.entries(), ...Object.fromEntries(rows) }))
}
