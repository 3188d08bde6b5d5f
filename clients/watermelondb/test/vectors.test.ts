/** docs/vectors, read to the adapter: it must ask word for word what they say, and hold at the end
 * of every sync what they expect. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Handrail, Stuck, Unreachable, UpgradeRequired, Wiped } from '../src/index'
import { KINDS, newDatabase, raws } from './phone'

const FOLDER = process.env['HANDRAIL_VECTORS'] ?? join(__dirname, '../../../../docs/vectors')
type Step = Record<string, any>

/** What this adapter leaves to others, with the reason. */
const WHY_NOT: [why: string, is: (step: Step) => boolean][] = [
  ['frames are hints here: any of them means sync()', (step) => 'frame' in step || 'closes' in step],
  ['a sync is one at a time and whole', (step) => 'meanwhile' in step || ('sync' in step && step['sync'] !== 'sync')],
  ['an app that dies is for WatermelonDB to test', (step) => 'crash' in step || step['fate'] === 'crash'],
  ['restored data comes from the app', (step) => 'copy' in step],
  ['no SHA-256 in React Native without a native module', (step) => !!step['request']?.path.endsWith('/digest')],
  ['tokens and keys are the app\'s', (step) => !!step['request']?.path.match(/refresh|receipt/)],
]

class Replay {
  private readonly database = newDatabase()
  private readonly left: Step[]
  private readonly expected: Step = {}
  private now: number
  private nextId = ''
  private readonly handrail: Handrail

  constructor(private readonly vector: Step) {
    this.left = [...vector['steps']]
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
      sleep: (ms) => this.backsOff(ms),
      random: () => 1,
    })
  }

  async run(): Promise<void> {
    for (let step = this.left.shift(); step; step = this.left.shift()) await this.act(step)
  }

  private async act(step: Step): Promise<void> {
    this.learn(step)
    if ('do' in step) await this.does(step['do'])
    if ('dismiss' in step) await this.handrail.dismiss(step['dismiss'])
    if ('time_passes' in step) this.now += step['time_passes'] * 1000
    if ('sync' in step) await this.syncs()
    else await this.compare()
  }

  private async does(told: Step): Promise<void> {
    this.nextId = told['uuid']
    const base: Record<string, number> = {}
    for (const [scope, kind, id] of told['base']) base[`${kind}/${id}`] = this.seqOf(scope, kind, id)
    await this.handrail.do(told['action'], told['args'], { urgent: told['urgent'], v: told['v'], base })
  }

  private async syncs(): Promise<void> {
    const outcome = await this.handrail.sync().then(() => 'done', nameOf)
    const end = this.left.shift() ?? {}
    assert.equal(outcome, end['ends'])
    this.learn(end)
    await this.compare()
  }

  private async answer(url: string, init: { body: string }): Promise<any> {
    const step = this.left.shift() ?? {}
    this.learn(step)
    assert.deepEqual([url.replace(/^https?:\/\/[^/]+/, ''), JSON.parse(init.body)], [step['request'].path, step['request'].body])
    if (step['fate'] !== 'delivered') throw new TypeError('network error')
    const { status, body, headers } = step['answer']
    return { status, text: async () => JSON.stringify(body), headers: new Headers(headers ?? {}) }
  }

  private async backsOff(ms: number): Promise<void> {
    const step = this.left.shift() ?? {}
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
    const held: Record<string, unknown[][]> = {}
    for (const scope of await raws(this.database, 'handrail_scopes')) held[scope['id']] = []
    for (const [kind, { table }] of Object.entries(KINDS))
      for (const row of await raws(this.database, table)) held[row['scope']]!.push([kind, row['object_id'], row['seq']])
    for (const rows of Object.values(held)) rows.sort((a, b) => Number(a[2]) - Number(b[2]))
    return held
  }
}

function numbered(rows: Step[], lmid: Record<string, number>): unknown[] {
  const last = { ...lmid }
  return rows.map((row) => {
    last[row['lane']] = (last[row['lane']] ?? 0) + 1
    return [row['lane'], last[row['lane']], row['id']]
  })
}

function nameOf(trouble: unknown): string {
  if (trouble instanceof UpgradeRequired) return 'upgrade_required'
  if (trouble instanceof Wiped) return 'wiped'
  if (trouble instanceof Stuck || trouble instanceof Unreachable) return 'stuck'
  throw trouble
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'schema.json')
let played = 0
for (const file of files) {
  const vector: Step = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
  const why = WHY_NOT.find(([, is]) => vector['steps'].some(is))?.[0]
  if (!why) played += 1
  test(`vector ${vector['name']}`, { skip: why ?? false }, () => new Replay(vector).run())
}
test('most of what concerns reading and handing in is played', () => assert.ok(played >= 15, String(played)))
