import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useNewer } from '../src/offline.ts'

/** A page that has heard of no newer version, and what it does. `coming`: the server has one. */
function page(coming: boolean): string[] {
  const done: string[] = []
  const worker = { onstatechange: () => {}, postMessage: (text: string) => void done.push(text) }
  const registration: { waiting: object | null; installing: object | null; update(): Promise<void> } = {
    waiting: null,
    installing: null,
    async update() {
      done.push('update')
      if (!coming) return
      registration.installing = worker
      setTimeout(() => {
        Object.assign(registration, { waiting: worker, installing: null })
        worker.onstatechange()
      })
    },
  }
  const serviceWorker = Object.assign(new EventTarget(), { getRegistration: async () => registration })
  Object.defineProperty(navigator, 'serviceWorker', { value: serviceWorker, configurable: true })
  Object.assign(globalThis, { location: { reload: () => void done.push('reload') } })
  return done
}

test('a page that the server calls too old gets the version that the server has', async () => {
  const done = page(true)
  await useNewer()
  assert.deepEqual(done, ['update', 'use the newer version'])
})

test('without a newer version, the page starts again', async () => {
  const done = page(false)
  await useNewer()
  assert.deepEqual(done, ['update', 'reload'])
})
