import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AVATARS, drawingOf } from '../src/model/avatars.ts'

test('a drawing of another app, or none, leaves my letter', () => {
  for (const avatar of ['', 'a-slug', 'constructor']) assert.equal(drawingOf(avatar), null)
  for (const avatar of AVATARS) assert.match(drawingOf(avatar)!, /^M/)
})
