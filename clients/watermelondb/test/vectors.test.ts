/** Replays docs/vectors: the adapter must send exactly their requests, and must have the expected
 * state at the end of every sync. */
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
  ['no SHA-256 in React Native without a native module', (step) => !!step['request']?.path.endsWith('/digest')],
  ['the app has tokens and keys', (step) => !!step['request']?.path.match(/refresh|receipt/)],
]

class Replay {
  private readonly database = newDatabase()
  private readonly steps: Step[]
  private readonly expected: Step = {}
  private now: number
  private nextId = ''
  private readonly handrail: Handrail

  constructor(private readonly vector: Step) {
    this.steps = [...vector['steps']]
    const given = vector['given']
    this.now = Date.parse(given.clock)
    this.handrail = new Handrail({
      database: this.database, home: given.home, kinds: KINDS, app: given.app,
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
    for (let step = this.steps.shift(); step; step = this.steps.shift()) await this.act(step)
  }

  private async act(step: Step): Promise<void> {
    this.learn(step)
    if ('do' in step) await this.perform(step['do'])
    if ('dismiss' in step) await this.handrail.dismiss(step['dismiss'])
    if ('time_passes' in step) this.now += step['time_passes'] * 1000
    if ('sync' in step) await this.sync()
    else await this.compare()
  }

  private async perform(action: Step): Promise<void> {
    this.nextId = action['uuid']
    const base: Record<string, number> = {}
    for (const [scope, kind, id] of action['base']) base[`${kind}/${id}`] = this.seqOf(scope, kind, id)
    await this.handrail.do(action['action'], action['args'], { urgent: action['urgent'], v: action['v'], base })
  }

  private async sync(): Promise<void> {
    const outcome = await this.handrail.sync().then(() => 'done', nameOf)
    const end = this.steps.shift() ?? {}
    assert.equal(outcome, end['ends'])
    this.learn(end)
    await this.compare()
  }

  private async answer(url: string, init: { body: string }): Promise<any> {
    const step = this.steps.shift() ?? {}
    this.learn(step)
    assert.deepEqual([url.replace(/^https?:\/\/[^/]+/, ''), JSON.parse(init.body)], [step['request'].path, step['request'].body])
    if (step['fate'] !== 'delivered') throw new TypeError('network error')
    const { status, body, headers } = step['answer']
    return { status, text: async () => JSON.stringify(body), headers: new Headers(headers ?? {}) }
  }

  private async backOff(ms: number): Promise<void> {
    const step = this.steps.shift() ?? {}
    this.learn(step)
    assert.equal(ms, step['backs_off'].at_most * 1000)
    this.now += ms
  }

  private learn(step: Step): void { Object.assign(this.expected, step['expect'] ?? {}) }

  private seqOf(scope: string, kind: string, id: string): number {
    return this.expected['entries'][scope].find((entry: unknown[]) => entry[0] === kind && entry[1] === id)[2]
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
      outbox: numbered(queued.filter((row) => row['state'] === 'pending'), memory.lmid),
      sent: queued.filter((row) => row['state'] === 'sent').map((row) => row['id']),
      not_sent: refused.map((row) => [row['id'], JSON.parse(row['result']).code]),
      update_screen: memory.tooOld,
      home: memory.home ?? this.vector['given'].home,
      screen: (await this.handrail.isLocked()) ? 'lease ran out' : 'open',
    }
    assert.deepEqual(state, Object.fromEntries(Object.keys(state).map((name) => [name, this.expected[name]])))
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

function numbered(rows: Step[], lmid: Record<string, number>): unknown[] {
  const last = { ...lmid }
  return rows.map((row) => {
    last[row['lane']] = (last[row['lane']] ?? 0) + 1
    return [row['lane'], last[row['lane']], row['id']]
  })
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
  const why = NOT_APPLICABLE.find(([, is]) => vector['steps'].some(is))?.[0]
  if (!why) played += 1
  test(`vector ${vector['name']}`, { skip: why ?? false }, () => new Replay(vector).run())
}
test('most vectors of pull and push apply', () => assert.ok(played >= 15, String(played)))
