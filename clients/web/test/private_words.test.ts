import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPrivate, takeOut } from '../src/model/private_words.ts'

const SAM = { given: 'Sam', family: 'Reyes' }
const kind = (text: string) => findPrivate(text, SAM)?.kind ?? null

test('a phone number is found as people write it', () => {
  for (const text of [
    'Text me at 555-0117 when you leave', 'call (503) 555 0117', '+1 503.555.0117', '5035550117', 'mi cel: 503 555 0117',
  ]) {
    assert.equal(kind(text), 'number', text)
  }
})

test('what is no private number is left alone', () => {
  for (const text of [
    'Call 988 or 911', '1-800-662-4357 helped me', 'I got 120 days', 'on 11/19/2026', 'since 2026-11-19', 'at 17:30',
    'from 8 to 12, 3 times', '10 000 steps', 'it was 2024 - 2026', 'room 12, floor 3',
  ]) {
    assert.equal(kind(text), null, text)
  }
})

test('an address and an email are found', () => {
  assert.equal(kind('I live at 12 Oak Street, apt 4'), 'address')
  assert.equal(kind('vivo en calle Luna 45'), 'address')
  assert.equal(kind('1420 ne broadway ave'), 'address')
  assert.equal(kind('write to sam.r+x@mail.example'), 'email')
  assert.equal(kind('12 people on the street'), null)
  assert.equal(kind('two blocks from Main Street'), null)
})

test('the full name is found, the first name alone is not', () => {
  assert.equal(kind('I am Sam'), null)
  assert.equal(kind('Sam Reyes here'), 'name')
  assert.equal(kind('SAM  J. REYES'), 'name')
  assert.equal(kind('Samuel Reyesson'), null)
  assert.equal(findPrivate('Sam Reyes', { given: '', family: '' }), null)
  assert.equal(findPrivate('a (b c', { given: 'a (b', family: 'c' })?.kind, 'name')
})

test('taking it out leaves the other words', () => {
  const text = 'I can. Text me at 555-0117 when you leave'
  assert.equal(takeOut(text, findPrivate(text, SAM)!), 'I can. Text me at when you leave')
})

test('hostile text of four thousand letters is looked through to its end', () => {
  const texts = ['a'.repeat(4000), '1 '.repeat(2000), '12 a '.repeat(800), '\u202e\u200b'.repeat(2000), '1.'.repeat(2000)]
  for (const text of [...texts, `${'a.'.repeat(2000)}@`]) findPrivate(text, SAM)
})
