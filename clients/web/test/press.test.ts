import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneAtATime } from '../src/press.ts'

const full = Object.assign(new Error(), { name: 'StorageFull' })

test('two quick taps do one thing, and a third after it another', async () => {
  let times = 0
  let finish = () => {}
  const press = oneAtATime(() => {})
  const work = () => new Promise<void>((done) => ((times += 1), (finish = done)))
  const first = press(work)
  await press(work)
  assert.equal(times, 1)
  finish()
  await first
  void press(work)
  assert.equal(times, 2)
})

test('a full phone is said until something is done again, and other faults are not hidden', async () => {
  let isFull: boolean | null = null
  const press = oneAtATime((now) => (isFull = now))
  await press(() => Promise.reject(full))
  assert.equal(isFull, true)
  await press(async () => {})
  assert.equal(isFull, false)
  await assert.rejects(press(() => Promise.reject(new Error('other'))), /other/)
  await press(async () => void (isFull = null))
  assert.equal(isFull, null)
})
