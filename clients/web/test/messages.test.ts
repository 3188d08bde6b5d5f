import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fate } from 'handrail'
import { inOrder, newest, readUpTo, said, unread } from '../src/model/messages.ts'
import { act, entry, GROUP, message, USER } from './people_entries.ts'

const ID = GROUP.slice(6)
const base = {
  scope: GROUP, mine: 'me', blocked: new Set<string>(), outbox: [], notSent: [], offline: false,
  fate: (): Fate => 'waiting',
}
type Thread = Parameters<typeof said>[0]
const show = (thread: Partial<Thread> & Pick<Thread, 'messages'>) =>
  said({ ...base, ...thread }).map(({ text, fate }) => `${text}: ${fate}`)

test('messages come oldest to newest, by when they came', () => {
  const late = message('b', 9, 'lee', 'edited later', { received_at: '2026-11-19T08:00:00Z' })
  const waits = message('c', null, 'me', 'not sent yet', { received_at: '2026-11-19T07:00:00Z' })
  const messages = inOrder([waits, message('a', 2, 'june', 'second'), late])
  assert.deepEqual(messages.map(({ doc }) => doc.text), ['edited later', 'second', 'not sent yet'])
})

test('what is not sent is always last, in the order of writing', () => {
  const outbox = [act('u2', 2, 'groups.post_message', { group: ID, id: 'x', text: 'waits' })]
  const notSent = [act('u1', 1, 'groups.post_message', { group: ID, id: 'y', text: 'refused' }, { state: 'refused' })]
  const messages = [message('x', null, 'me', 'waits', {}, 'u2'), message('a', 50, 'june', 'came')]
  const fate = (uuid: string): Fate => (uuid === 'u1' ? 'not sent' : 'waiting')
  assert.deepEqual(show({ messages, outbox, notSent, fate }), ['came: sent', 'refused: notsent', 'waits: sending'])
  assert.deepEqual(show({ messages, outbox, notSent, fate, offline: true }).at(-1), 'waits: waiting')
})

test('a refused post of another group is not shown here', () => {
  const notSent = [act('u1', 1, 'groups.post_message', { group: 'other', text: 'elsewhere' }, { state: 'refused' })]
  assert.deepEqual(show({ messages: [], notSent }), [])
})

test('a message of a blocked person, and one that was taken back, are gone', () => {
  const messages = [message('a', 1, 'harbor', 'hidden'), message('b', 2, 'lee', '', { withdrawn_at: '2026-11-19T09:00:00Z' })]
  const shown = said({ ...base, messages, blocked: new Set(['harbor']) })
  assert.deepEqual(shown.map(({ fate, why }) => [fate, why]), [['gone', 'blocked'], ['gone', 'withdrawn']])
})

test('a refused change stays visible on the message, even if that was taken back meanwhile', () => {
  const notSent = [act('u1', 1, 'groups.edit_message', { message: 'a', text: 'mine' }, { state: 'refused' })]
  const messages = [message('a', 1, 'me', '', { withdrawn_at: '2026-11-19T09:00:00Z' })]
  const [shown] = said({ ...base, messages, notSent, fate: () => 'not sent' })
  assert.deepEqual([shown!.fate, shown!.text], ['notsent', 'mine'])
})

test('what has not changed is the same object, and what has is another', () => {
  const messages = [message('a', 1, 'lee', 'first'), message('b', 2, 'harbor', 'second')]
  const [a, b] = said({ ...base, messages })
  const [again, hidden] = said({ ...base, messages, blocked: new Set(['harbor']) })
  assert.equal(again, a)
  assert.notEqual(hidden, b)
  assert.equal(hidden!.fate, 'gone')
})

test('unread are messages of others after the marker, the pending marker included', () => {
  const messages = [message('a', 1, 'june', '1'), message('b', 2, 'me', '2'), message('c', 3, 'lee', '3'), message('d', 4, 'harbor', '4')]
  const marker = entry('read_marker', 'm', 1, { scope: ID, seq: 1 }, `person:${USER}`)
  const upTo = readUpTo(GROUP, [marker], [])
  assert.deepEqual(unread(messages, upTo, 'me').map(({ id }) => id), ['c', 'd'])
  assert.deepEqual(unread(messages, upTo, 'me', new Set(['harbor'])).map(({ id }) => id), ['c'])
  const marking = [act('u', 1, 'groups.mark_read', { group: ID, seq: 3 })]
  assert.equal(readUpTo(GROUP, [marker], marking), 3)
  assert.equal(newest(messages, 3), 4)
  assert.equal(newest(messages, 4), null)
})
