/** The adapter against a real server: HANDRAIL_URL, and a patient's HANDRAIL_CODE, HANDRAIL_BORN and
 * HANDRAIL_CHECK_IN (the arguments of today's check-in, as JSON). */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Database } from '@nozbe/watermelondb'
import { Handrail, Wiped } from '../src/index'
import type { Credentials } from '../src/index'
import { KINDS, newDatabase, raws } from './phone'

const { HANDRAIL_URL: home = '', HANDRAIL_CODE: code, HANDRAIL_BORN: born } = process.env
const checkIn = JSON.parse(process.env['HANDRAIL_CHECK_IN'] ?? '{}')

async function call(path: string, body: object): Promise<any> {
  const answer = await fetch(home + path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  })
  return answer.status === 204 ? {} : answer.json()
}

/** Tokens in memory; a real app keeps them in the keystore. */
class Keys implements Credentials {
  tokens: Record<string, string> = {}
  receipts: (string | null)[] = []
  private readonly secret = randomUUID()

  async enrol(): Promise<void> {
    const device = { platform: 'android', app: '1.0.0', name: 'Watermelon' }
    this.tokens = await call('/api/v1/enrolment', { code, date_of_birth: born, install: this.secret, device })
    assert.ok(this.tokens['access_token'], JSON.stringify(this.tokens))
  }
  async install(): Promise<string> { return this.secret }
  async accessToken(): Promise<string> { return this.tokens['access_token'] ?? '' }
  async refresh(): Promise<void> {
    const fresh = await call('/api/v1/sessions/refresh', { refresh_token: this.tokens['refresh_token'] })
    assert.ok(fresh.access_token, JSON.stringify(fresh))
    this.tokens = { ...this.tokens, ...fresh }
  }
  async wiped(receipt: string | null): Promise<void> {
    this.receipts.push(receipt)
    await call('/api/v1/sessions/wipe-receipt', { receipt })
  }
}

class Phone {
  readonly database: Database = newDatabase()
  readonly handrail: Handrail
  /** Lose the next answer to a path that contains this. */
  losesAnswerTo = ''
  requests: string[] = []

  constructor(readonly keys: Keys) {
    this.handrail = new Handrail({
      database: this.database, home, credentials: keys, kinds: KINDS, newId: randomUUID,
      app: { platform: 'android', version: '1.0.0', schema: 1 },
      sleep: async () => undefined,
      fetch: (url, init) => this.fetch(url, init),
    })
  }

  async fetch(url: string, init: { method: string; headers: Record<string, string>; body: string }): Promise<Response> {
    this.requests.push(new URL(url).pathname)
    const answer = await fetch(url, init)
    if (!this.losesAnswerTo || !url.includes(this.losesAnswerTo)) return answer
    this.losesAnswerTo = ''
    throw new TypeError('network error')
  }

  async moods(): Promise<unknown[]> {
    return (await raws(this.database, 'check_ins')).map((row) => row['mood'])
  }
}

test('a phone from enrolment through a bad network to its wipe', { skip: home ? false : 'HANDRAIL_URL is not set' }, async (t) => {
  const keys = new Keys()
  await keys.enrol()
  const one = new Phone(keys)

  await t.test('pulls everything', async () => {
    await one.handrail.sync()
    const scopes = (await raws(one.database, 'handrail_scopes')).map((row) => String(row['id']).split(':')[0])
    assert.deepEqual(new Set(scopes), new Set(['person', 'care', 'program', 'library']))
    assert.equal(await one.handrail.isLocked(), false)
  })

  await t.test('pushes once although the answer was lost', async () => {
    one.losesAnswerTo = '/sync/push'
    await one.handrail.do('practice.record_check_in', { ...checkIn, mood: 4 })
    await one.handrail.sync()
    assert.equal(one.requests.filter((path) => path.endsWith('/push')).length, 2)
    assert.deepEqual(await one.moods(), [4])
    assert.deepEqual((await raws(one.database, 'handrail_outbox')).map((row) => row['state']), ['sent'])
  })

  await t.test('keeps the text of a refused mutation', async () => {
    await one.handrail.do('groups.post_message', { group: randomUUID(), id: randomUUID(), text: 'dear words' })
    await one.handrail.do('practice.record_check_in', { ...checkIn, mood: 3 })
    await one.handrail.sync()
    const [refused, ...more] = await raws(one.database, 'handrail_not_sent')
    assert.equal(more.length, 0)
    assert.equal(JSON.parse(refused!['args']).text, 'dear words')
    assert.equal(JSON.parse(refused!['result']).code, 'not_found')
    assert.deepEqual(await one.moods(), [3])
  })

  await t.test('continues with a new token, and on a second phone', async () => {
    keys.tokens['access_token'] = keys.tokens['access_token']!.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))
    const two = new Phone(keys)
    await two.handrail.sync()
    assert.deepEqual(await two.moods(), [3])
    await two.handrail.do('practice.record_check_in', { ...checkIn, mood: 5 })
    await two.handrail.sync()
    await one.handrail.sync()
    assert.deepEqual(await one.moods(), [5])
  })

  await t.test('is erased after it was reported lost', async () => {
    await one.handrail.do('people.report_phone_lost', { session: keys.tokens['session'] })
    await assert.rejects(async () => { await one.handrail.sync(); await one.handrail.sync() }, Wiped)
    assert.deepEqual(await one.moods(), [])
    assert.equal((await raws(one.database, 'handrail_scopes')).length, 0)
    assert.equal(typeof keys.receipts[0], 'string')
  })
})
