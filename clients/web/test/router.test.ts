import assert from 'node:assert/strict'
import { test } from 'node:test'

const MOST = 50

/** A browser's list of pages, which drops the first when there are too many. */
class History {
  scrollRestoration = 'auto'
  entries: { path: string; state: unknown }[] = [{ path: '/', state: null }]
  at = 0
  onPop: (event: { state: unknown }) => void = () => {}

  get length() {
    return this.entries.length
  }

  get state(): any {
    return this.entries[this.at]!.state
  }

  pushState(state: unknown, _: string, path: string): void {
    this.entries = [...this.entries.slice(0, this.at + 1), { path, state }].slice(-MOST)
    this.at = this.entries.length - 1
  }

  replaceState(state: unknown, _: string, path = this.entries[this.at]!.path): void {
    this.entries[this.at] = { path, state }
  }

  back(): void {
    this.go(-1)
  }

  go(by: number): void {
    if (!this.entries[this.at + by]) return
    this.at += by
    this.onPop({ state: this.state })
  }
}

const history = new History()
Object.assign(globalThis, {
  history,
  location: { origin: 'http://localhost', get pathname() { return history.entries[history.at]!.path } },
  scrollY: 0,
  addEventListener: (type: string, listener: any) => type === 'popstate' && (history.onPop = listener),
})
const { back, forget, go, place, startRouter } = await import('../src/shell/router.ts')
startRouter()

test('however long one has walked about, nothing of it is left behind', () => {
  for (const [steps, returns] of [[3, 0], [120, 0], [60, 20]] as const) {
    for (let n = 0; n < steps; n++) go(`/check-ins/2026-11-19/${n}`)
    for (let n = 0; n < returns; n++) back('/')
    assert.equal(place.value.name, 'check_in_day')
    forget()
    assert.equal(place.value.name, 'today')
    assert.deepEqual(new Set(history.entries.map(({ path }) => path)), new Set(['/']))
  }
})
