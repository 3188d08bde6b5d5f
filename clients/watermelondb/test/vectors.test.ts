/** Replays docs/vectors: the adapter keeps the reference phone's schedule, so it must send exactly
 * its requests, and must have the expected state at the end of every sync. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Handrail, Stuck, Unreachable, UpgradeRequired, Wiped } from '../src/index'
import { KINDS, newDatabase, raws } from './phone'

const FOLDER = process.env['HANDRAIL_VECTORS'] ?? join(__dirname, '../../../../docs/vectors')
type Step = Record<string, any>

/** Vectors that do not apply to this adapter, and why. */
const NOT_APPLICABLE: [why: string, is: (step: Step) => boolean][] = [
  ['frames are hints here: any of them means sync()', (step) => 'frame' in step || 'closes' in step],
  ['syncs do not overlap, and each does everything', (step) => 'meanwhile' in step || ('sync' in step && step['sync'] !== 'sync')],
  ['WatermelonDB tests crashes itself', (step) => 'crash' in step || step['fate'] === 'crash'],
  ['the app restores data', (step) => 'copy' in step],
  ['no SHA-256 in React Native without a native module', (step) => pathOf(step).endsWith('/digest')],
  ['the app has tokens and keys', (step) => /refresh|receipt/.test(pathOf(step))],
  ['the app sends files and reads history', (step) => 'scrolls_up' in step || /blobs/.test(pathOf(step))],
]

function pathOf(exchange: Step): string { return (exchange['must'] ?? exchange['may'])?.path ?? '' }

class Replay {
  private readonly database = newDatabase()
  private readonly expected: Step = {}
  private exchanges: Step[] = []
  private last: Step = {}
  private now: number
  private nextId = ''
  private handrail: Handrail

  constructor(private readonly vector: Step) {
    this.now = Date.parse(vector['given'].clock)
    this.handrail = this.open(vector['given'].app)
  }

  private open(app: ConstructorParameters<typeof Handrail>[0]['app']): Handrail {
    const given = this.vector['given']
    return new Handrail({
      database: this.database, home: given.home, kinds: KINDS, app,
      credentials: {
        install: async () => given.install,
        accessToken: async () => given.tokens.access_token,
        refresh: async () => { throw new Error('not part of this') },
        wiped: async () => undefined,
      },
      newId: () => this.nextId,
      fetch: (url, init) => this.answer(url, init),
      now: () => this.now,
      sleep: (ms) => this.backOff(ms),
      random: () => 1,
    })
  }

  async run(): Promise<void> {
    for (const step of this.vector['steps']) await this.act(step)
  }

  private async act(step: Step): Promise<void> {
    if ('do' in step) await this.perform(step['do'])
    if ('dismiss' in step) await this.handrail.dismiss(step['dismiss'])
    if ('time_passes' in step) this.now += step['time_passes'] * 1000
    if ('updates' in step) this.handrail = this.open({ ...this.vector['given'].app, ...step['updates'] })
    if ('sync' in step) await this.sync(step)
    Object.assign(this.expected, step['state'], step['reference'])
    await this.compare()
  }

  private async perform(action: Step): Promise<void> {
    this.nextId = action['uuid']
    const base: Record<string, number> = {}
    for (const [, kind, id, seq] of action['base']) base[`${kind}/${id}`] = seq
    await this.handrail.do(action['action'], action['args'], { urgent: action['urgent'], v: action['v'], base })
  }

  private async sync(step: Step): Promise<void> {
    this.exchanges = [...step['exchanges']]
    const outcome = await this.handrail.sync().then(() => 'done', nameOf)
    assert.deepEqual([outcome, this.exchanges.filter((left) => 'must' in left)], [step['ends'], []])
  }

  private async answer(url: string, init: { body: string }): Promise<any> {
    const exchange = (this.last = this.exchanges.shift() ?? {})
    assert.deepEqual([url.replace(/^https?:\/\/[^/]+/, ''), JSON.parse(init.body)], [pathOf(exchange), exchange['reference']?.body])
    if (exchange['fate'] !== 'delivered') throw new TypeError('network error')
    const { status, body, headers } = exchange['answer']
    return { status, text: async () => JSON.stringify(body), headers: new Headers(headers ?? {}) }
  }

  private async backOff(ms: number): Promise<void> {
    assert.equal(ms, this.last['waits']?.at_most * 1000)
    this.now += ms
  }

  private async compare(): Promise<void> {
    const memory = await this.handrail.memory()
    const queued = (await raws(this.database, 'handrail_outbox')).sort((a, b) => a['position'] - b['position'])
    const refused = (await raws(this.database, 'handrail_not_sent')).sort((a, b) => a['position'] - b['position'])
    const state = {
      client_id: this.expected['next']?.includes('register') ? this.expected['client_id'] : memory.clientId,
      cursor: await this.cursor(memory.epoch),
      entries: await this.entries(),
      acknowledged: memory.lmid,
      outbox: queued.filter((row) => row['state'] === 'pending').map((row) => [row['lane'], row['id']]),
      sent: queued.filter((row) => row['state'] === 'sent').map((row) => row['id']),
      not_sent: refused.map((row) => [row['id'], JSON.parse(row['result']).code]),
      update_screen: memory.tooOld,
      home: memory.home ?? this.vector['given'].home,
      screen: (await this.handrail.isLocked()) ? 'lease ran out' : 'open',
    }
    const expected = { ...this.expected, entries: known(this.expected['entries']) }
    assert.deepEqual(state, Object.fromEntries(Object.keys(state).map((name) => [name, (expected as Step)[name]])))
  }

  private async cursor(epoch: string | null): Promise<unknown> {
    if (epoch === null) return {}
    const scopes = await raws(this.database, 'handrail_scopes')
    return { epoch, scopes: Object.fromEntries(scopes.map((row) => [row['id'], JSON.parse(row['pos'])])) }
  }

  private async entries(): Promise<unknown> {
    const entries: Record<string, unknown[][]> = {}
    for (const scope of await raws(this.database, 'handrail_scopes')) entries[scope['id']] = []
    for (const [kind, { table }] of Object.entries(KINDS))
      for (const row of await raws(this.database, table)) entries[row['scope']]!.push([kind, row['object_id'], row['seq']])
    for (const rows of Object.values(entries)) rows.sort((a, b) => Number(a[2]) - Number(b[2]))
    return entries
  }
}

/** The adapter leaves out kinds that the app has no table for. */
function known(entries: Record<string, unknown[][]>): unknown {
  return Object.fromEntries(Object.entries(entries).map(([scope, rows]) => [scope, rows.filter((row) => String(row[0]) in KINDS)]))
}

function nameOf(error: unknown): string {
  if (error instanceof UpgradeRequired) return 'upgrade_required'
  if (error instanceof Wiped) return 'wiped'
  if (error instanceof Stuck || error instanceof Unreachable) return 'stuck'
  throw error
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'schema.json')
let played = 0
for (const file of files) {
  const vector: Step = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
  const steps = vector['steps'].flatMap((step: Step) => [step, ...(step['exchanges'] ?? [])])
  const why = NOT_APPLICABLE.find(([, is]) => steps.some(is))?.[0]
  if (!why) played += 1
  test(`vector ${vector['name']}`, { skip: why ?? false }, () => new Replay(vector).run())
}
test('most vectors of pull and push apply', () => assert.ok(played >= 15, String(played)))
