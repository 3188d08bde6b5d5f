import assert from 'node:assert/strict'
import { test } from 'node:test'
import { record } from '../src/media/recorder.ts'

test('a recorder that does not begin leaves no microphone on', async () => {
  let isOn = true
  const stream = { getTracks: () => [{ stop: () => (isOn = false) }] }
  const mediaDevices = { getUserMedia: async () => stream }
  Object.defineProperty(navigator, 'mediaDevices', { value: mediaDevices, configurable: true })
  Object.assign(globalThis, {
    MediaRecorder: class {
      static isTypeSupported(): boolean {
        return true
      }
      state = 'inactive'
      start(): void {
        throw new DOMException('The microphone is in use.', 'NotSupportedError')
      }
    },
  })
  await assert.rejects(record(), { name: 'NotSupportedError' })
  assert.equal(isOn, false)
})
