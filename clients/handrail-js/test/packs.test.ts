import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../src/core/memory.ts'
import { Packs } from '../src/engine/packs.ts'

type Row = [string, unknown][]

const put = (name: string, value: unknown): Change => ({ table: 'document', name, value })

function commit(rows: Map<string, Row>, changes: Change[]): void {
  for (const { name, value } of changes) {
    if (value === null) rows.delete(name)
    else rows.set(name, structuredClone(value) as Row)
  }
}

test('rows hold each document once, as it is now, and nothing that was deleted', () => {
  const rows = new Map<string, Row>()
  const documents = new Map<string, number>()
  let packs = new Packs()
  let chance = 7
  const any = (below: number) => (chance = (chance * 48271) % 2147483647) % below
  for (let round = 0; round < 400; round++) {
    const changes = Array.from({ length: 1 + any(9) }, () => {
      const name = `d${any(300)}`
      const value = any(3) ? round : null
      if (value === null) documents.delete(name)
      else documents.set(name, value)
      return put(name, value)
    })
    commit(rows, packs.pack(changes))
    if (any(10) === 0) {
      packs = new Packs()
      for (const [name, row] of rows) packs.load(name, row)
    }
    const stored = [...rows.values()].flat()
    assert.equal(stored.length, documents.size)
    assert.deepEqual(new Map(stored), documents)
  }
})

test('thousands of documents are few rows, and a change writes one of them', () => {
  const rows = new Map<string, Row>()
  const packs = new Packs()
  commit(rows, packs.pack(Array.from({ length: 5000 }, (_, i) => put(`d${i}`, i))))
  assert.equal(rows.size, 100)
  const changed = packs.pack([put('d777', 'new'), { table: 'scope', name: 's', value: 1 }])
  assert.deepEqual(changed.map(({ table }) => table), ['scope', 'document'])
})

test('an empty row goes', () => {
  const rows = new Map<string, Row>()
  const packs = new Packs()
  commit(rows, packs.pack([put('a', 1)]))
  commit(rows, packs.pack([put('a', null), put('never there', null)]))
  assert.equal(rows.size, 0)
})
