import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalized } from '../src/vault/words.ts'

test('words count, not how a keyboard writes them', () => {
  assert.equal(normalized('  Lámpara\trío  VERDE piedra '), 'lampara rio verde piedra')
  assert.notEqual(normalized('lamp river green stone'), normalized('lamp river stone green'))
})
