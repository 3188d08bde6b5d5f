import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNumber, putBack, without, withPerson } from '../src/model/people_to_call.ts'

const dee = { name: 'Dee', number: '555-0123' }
const sam = { name: 'Sam', number: '555-0456' }
const rosa = { name: 'Rosa', number: '555-0789' }

test('a number can be written as people write it', () => {
  for (const number of ['911', '(555) 010-0199', '+1 555.010.0199']) assert.ok(isNumber(number), number)
  for (const number of ['', 'Maria', '12', '555-CALL']) assert.ok(!isNumber(number), number)
})

test('someone I add comes last, and stands there once', () => {
  assert.deepEqual(withPerson([dee], sam), [dee, sam])
  assert.deepEqual(withPerson([dee, sam], { ...dee }), [dee, sam])
})

test('someone with a new number stays where they stood', () => {
  const changed = { name: 'Dee', number: '555-0199' }
  assert.deepEqual(withPerson([dee, sam], changed, dee), [changed, sam])
  assert.deepEqual(withPerson([dee, sam], sam, dee), [sam])
})

test('someone whom I changed in another window, and who is gone there, is not lost', () => {
  assert.deepEqual(withPerson([sam], { ...dee, name: 'My sister' }, dee), [sam, { ...dee, name: 'My sister' }])
})

test('whom I remove and put back stands where they stood', () => {
  const left = without([dee, sam, rosa], sam)
  assert.deepEqual(left, [dee, rosa])
  assert.deepEqual(putBack(left, sam, 1), [dee, sam, rosa])
})

test('whom I put first is first', () => {
  assert.deepEqual(putBack([dee, sam, rosa], rosa, 0), [rosa, dee, sam])
})
