import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CARDS, cardsOf } from '../src/model/first_day.ts'

const NOW = Date.parse('2026-11-02T12:00:00Z')
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
const answers = (answer: string, answered_at: string) => [{ doc: { answer, answered_at } }] as unknown as Parameters<typeof cardsOf>[1]

test('the first day is that of the acknowledgement, and no other', () => {
  assert.deepEqual(cardsOf(undefined, answers('acknowledged', '2026-11-02T08:00:00Z'), NOW, dayOf), [...CARDS])
  assert.deepEqual(cardsOf(undefined, answers('acknowledged', '2026-11-01T23:00:00Z'), NOW, dayOf), [])
  assert.deepEqual(cardsOf(undefined, answers('declined', '2026-11-02T08:00:00Z'), NOW, dayOf), [])
})

test('a card that is put away does not come back', () => {
  const today = answers('acknowledged', '2026-11-02T08:00:00Z')
  assert.deepEqual(cardsOf({ away: ['person'] }, today, NOW, dayOf), ['session', 'tool'])
  assert.deepEqual(cardsOf({ away: [...CARDS] }, today, NOW, dayOf), [])
})
