/** Two tabs of one browser, in one process: one storage, two phones, each with its own network. */

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Closed } from '../src/errors.ts'
import type { Phone } from '../src/phone.ts'
import type { Cipher, Reply, Transport } from '../src/ports.ts'
import { sealedByDatabase } from '../src/cipher.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { openInTabs } from '../src/tabs.ts'
import type { Body } from '../src/wire_types.ts'
import { assertSame, contents } from './drive/watch.ts'
import { Store } from '../src/engine/store.ts'
import { nodeSqlite } from './drive/node_sqlite.ts'

const AT = '2026-03-02T15:00:00Z'
const LEASE = '2026-04-01T15:00:00Z'
const TIMES = { server_time: AT, lease_expires_at: LEASE }
const TOKENS = { access_token: 'a', access_expires_at: LEASE, refresh_token: 'r', session: 's' }
const LIMITS = { mutations: 50, bytes: 524288 }
const cipher: Cipher = sealedByDatabase
let names = 0

/** What a tab sends waits here. */
class Network implements Transport {
  needsTicket = true
  private readonly requests: { url: string; body: Body; resolve: (reply: Reply) => void }[] = []

  post(url: string, body: string | Uint8Array): Promise<Reply> {
    return new Promise((resolve) => this.requests.push({ url, body: JSON.parse(String(body)), resolve }))
  }

  get(): never {
    throw new Closed()
  }

  dial(): never {
    throw new Closed()
  }

  /** Answer the next request, which must be to this path. Returns its body. */
  async answer(path: string, answer: Body): Promise<Body> {
    const request = await until(() => this.requests.shift())
    assert.ok(request.url.endsWith(path), request.url)
    request.resolve({ status: 200, headers: {}, content: new TextEncoder().encode(JSON.stringify(answer)) })
    return request.body
  }
}

const clock = { now: () => Date.parse(AT), after: () => () => {} }
const opened: Phone[] = []
afterEach(async () => {
  for (const phone of opened.splice(0)) await phone.close()
})

/** Two tabs; the first leads, is signed in and has registered. */
async function twoTabs() {
  const database = nodeSqlite(new DatabaseSync(':memory:'))
  const storage = { ...(await sqlite(database)), close: async () => {} }
  const name = `tabs ${++names}`
  const networks = [new Network(), new Network()] as const
  const open = async (transport: Transport) => {
    const app = { platform: 'web', version: '1' } as const
    const phone = await openInTabs({ home: 'http://localhost', app, storage, cipher, transport, clock }, name)
    opened.push(phone)
    return phone
  }
  const first = await open(networks[0])
  const enrolled = first.enrol('code', '1990-04-01')
  await networks[0].answer('enrolment', { user: 'ana', ...TOKENS })
  await enrolled
  const synced = first.sync()
  await networks[0].answer('clients', { client_id: 'c', epoch: 'e', limits: LIMITS, ...TIMES })
  await networks[0].answer('pull', page(1))
  await synced
  const second = await open(networks[1])
  return { storage, networks, tabs: [first, second] as const }
}

function page(head: number): Body {
  const put = [['message', `m${head}`, head, { text: String(head) }]]
  const reset = head === 1 ? 'sweep' : null
  const scope = { scope: 'group:g', pos: [head, 0, '1.1'], head, reset, put, del: [] }
  return { epoch: 'e', has_more: false, drop: [], lmid: {}, results: [], scopes: [scope], ...TIMES }
}

async function until<T>(seen: () => T | undefined | null | false): Promise<T> {
  for (let tries = 0; tries < 1000; tries++) {
    const value = seen()
    if (value) return value
    await setTimeout(5)
  }
  throw new assert.AssertionError({ message: `never: ${seen}` })
}

const POST = 'groups.post_message'

test('what is done in the one tab is shown in the other, and sent once', async () => {
  const { networks, tabs: [first, second] } = await twoTabs()
  const uuid = await second.act(POST, { group: 'g', id: 'm', text: 'Hello' } as never)
  assert.deepEqual(first.outbox().map((m) => m.uuid), [uuid])
  await until(() => second.fate(uuid) !== null)
  const synced = second.sync()
  const results = [{ id: 1, uuid, status: 'applied' }]
  const pushed = await networks[0].answer('push', { lmid: { main: 1 }, results, pull: page(2) })
  await synced
  assert.deepEqual(pushed.mutations.map((m: Body) => m.uuid), [uuid])
  await until(() => second.fate(uuid) === 'sent')
})

test('a tab that follows writes nothing', async () => {
  const { tabs: [, second] } = await twoTabs()
  await assert.rejects(second.store.transaction(() => second.store.memory.setMeta({ lease: AT })), Closed)
  await assert.rejects(second.session.remark(), Closed)
})

test('of two changes of the keystore at once both are kept', async () => {
  const { tabs: [first] } = await twoTabs()
  const [, mark] = await Promise.all([first.session.move('http://elsewhere'), first.session.remark()])
  assert.deepEqual([first.session.home, first.session.mark], ['http://elsewhere', mark])
})

test('a tab that no longer leads writes nothing, whatever comes late', async () => {
  const { storage, networks, tabs: [first, second] } = await twoTabs()
  const uuid = await first.act(POST, { group: 'g', id: 'm', text: 'Hello' } as never)
  const late = first.sync().catch((error) => error)
  await setTimeout(20) // its push is on the way
  second.foreground()
  await networks[1].answer('push', { lmid: { main: 1 }, results: [{ id: 1, uuid, status: 'applied' }], pull: page(2) })
  await until(() => second.fate(uuid) === 'sent')
  const another = await second.act(POST, { group: 'g', id: 'n', text: 'Again' } as never)
  await networks[0].answer('push', { lmid: { main: 1 }, results: [{ id: 1, uuid, status: 'applied' }], pull: page(3) })
  assert.ok((await late) instanceof Closed)
  await until(() => first.fate(another) !== null)
  await second.store.settled()
  const stored = new Store(storage, cipher, () => {})
  await stored.load()
  assertSame(contents(second.store.memory), contents(stored.memory))
})
