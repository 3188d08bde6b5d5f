import assert from 'node:assert/strict'
import { test } from 'node:test'
import { after, changing, isNothing, NOTHING, replying, stopped, takenUp } from '../src/model/writing.ts'

const HALF = { ...NOTHING, text: 'Half a thou', replyTo: 'm1' }
const EDITING = { id: 'm2', seq: 7 }

test('what stood in the box comes back after a change, whether it was sent or not', () => {
  const now = changing(HALF, EDITING, 'Said before')
  assert.deepEqual([now.text, now.replyTo, now.editing], ['Said before', null, EDITING])
  assert.deepEqual(stopped(now), HALF)
  assert.deepEqual(after(now, now), HALF)
})

test('another message to change takes nothing away either', () => {
  const now = changing(changing(HALF, EDITING, 'Said before'), { id: 'm3', seq: 9 }, 'Another')
  assert.deepEqual(stopped(now), HALF)
})

test('a reply can be left without losing the words', () => {
  assert.deepEqual(stopped(HALF), { ...HALF, replyTo: null })
  assert.deepEqual(replying(changing(HALF, EDITING, 'Said before'), 'm5'), { ...HALF, replyTo: 'm5' })
})

test('a message comes back into the box beside what is there', () => {
  assert.equal(takenUp(HALF, 'Not sent', null).text, 'Half a thou\nNot sent')
  assert.equal(takenUp(HALF, 'Not sent', null).replyTo, 'm1')
  assert.deepEqual(takenUp(NOTHING, 'Not sent', 'm4'), { ...NOTHING, text: 'Not sent', replyTo: 'm4' })
  assert.deepEqual(takenUp(changing(HALF, EDITING, 'x'), 'Not sent', null), { ...HALF, text: 'Half a thou\nNot sent' })
  // A picture has no words.
  assert.deepEqual(takenUp(NOTHING, '', null), NOTHING)
})

test('what is typed while a message is stored stays in the box', () => {
  const sent = { ...NOTHING, text: 'Hello' }
  assert.deepEqual(after(sent, sent), NOTHING)
  assert.equal(after({ ...sent, text: 'Hello there' }, sent).text, 'there')
  assert.equal(after({ ...sent, text: 'Other' }, sent).text, 'Other')
  assert.ok(isNothing(after(sent, sent)))
})
