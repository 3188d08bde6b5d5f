/** `node conform.ts CONTROL STORY…`: a phone with real HTTP and real sockets plays the stories of
 *  `make conform` (docs/conformance.md). Prints each story's last answer. */

import { createHash, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { deviceKey, fetchTransport, newDeviceKeys, systemClock } from '../src/browser.ts'
import { dataKey, webCipher } from '../src/cipher.ts'
import type { Projection } from '../src/core/overlay.ts'
import { PhoneError } from '../src/errors.ts'
import { open } from '../src/phone.ts'
import type { Phone } from '../src/phone.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import type { Body } from '../src/wire_types.ts'
import { nodeSqlite } from './drive/node_sqlite.ts'

/** The actions that stories show as pending. */
const SHOWN = ['groups.post_message', 'groups.edit_message']
const PAUSE_MS = 100

interface Verdict extends Body {
  verdict: string
}

/** Carries out instructions, and describes the phone's state. */
class Client {
  private readonly phone: Phone
  private readonly shows: Map<string, Body>
  /** What was read outside the copy. */
  private more: Body = {}
  private work = 0

  constructor(phone: Phone, shows: Map<string, Body>) {
    this.phone = phone
    this.shows = shows
  }

  static async begin(home: string, live: string): Promise<Client> {
    const shows = new Map<string, Body>()
    const project: Projection = (_args, _find, { uuid }) => (shows.get(uuid) as any) ?? null
    const phone = await open({
      home,
      live,
      app: { platform: 'web', version: '1.0.0' },
      storage: await sqlite(nodeSqlite(new DatabaseSync(':memory:'))),
      cipher: await webCipher(await dataKey(randomBytes(32))),
      deviceKey: deviceKey(await newDeviceKeys()),
      transport: fetchTransport(),
      clock: systemClock,
      overlays: Object.fromEntries(SHOWN.map((action) => [action, project])),
    })
    return new Client(phone, shows)
  }

  async obey(instruction: Body): Promise<void> {
    try {
      await this.carryOut(instruction)
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error // else what it means is seen in the state
    }
  }

  state(): Body {
    const { phone } = this
    const { status } = phone
    const pending = phone.answers.overlay.entries().filter((entry) => entry.pending)
    return {
      busy: this.work > 0 || status.isSyncing,
      screen: status.screen === 'new' ? 'open' : status.screen,
      update_screen: status.needsUpdate,
      entries: phone.store.memory.entries().map((e) => [e.scope, e.kind, e.id, e.seq, e.doc]),
      pending: pending.map((e) => [e.scope, e.kind, e.id, e.doc]),
      outbox: phone.outbox().map((m) => m.uuid),
      not_sent: phone.notSent().map((m) => [m.uuid, m.result && 'code' in m.result ? m.result.code : null]),
      ...this.more,
    }
  }

  async close(): Promise<void> {
    await this.phone.close()
  }

  private async carryOut({ do: what, ...rest }: Body): Promise<void> {
    const { phone } = this
    switch (what) {
      case 'enrol':
        return this.enrol(rest.code, rest.date_of_birth)
      case 'sync':
        return this.background(phone.sync())
      case 'open':
        return phone.foreground()
      case 'act':
        return this.act(rest)
      case 'dismiss':
        return phone.dismiss(rest.uuid)
      case 'wait':
        return pause(rest.seconds * 1000)
      case 'history':
        return this.history(rest.scope, rest.kind)
      case 'read_file':
        return this.readFile(rest)
      case 'forget':
        return phone.store.transaction(() =>
          phone.store.memory.delete(phone.store.memory.find(rest.scope, rest.kind, rest.id)!),
        )
      case 'update':
        phone.app.version = rest.app
        return
    }
    throw new Error(`what is ${what}?`)
  }

  /** Twice, as a person would whose first try got no answer. */
  private async enrol(code: string, dateOfBirth: string): Promise<void> {
    await this.phone.enrol(code, dateOfBirth).catch(() => this.phone.enrol(code, dateOfBirth))
  }

  private background(work: Promise<void>): void {
    this.work++
    work
      .catch((error) => {
        if (!(error instanceof PhoneError)) throw error
      })
      .finally(() => this.work--)
  }

  private async act({ uuid, action, v, args, lane, base = [], shows, files = [] }: Body): Promise<void> {
    if (shows) this.shows.set(uuid, shows)
    const shown = this.phone.answers.overlay.entries()
    await this.phone.act(action, args, {
      uuid,
      v,
      urgent: lane === 'urgent',
      base: shown.filter((e) => base.includes(`${e.kind}/${e.id}`)),
      files: files.map((file: Body) => ({ scope: file.scope, bytes: Buffer.from(file.base64, 'base64') })),
    })
  }

  private async history(scope: string, kind: string): Promise<void> {
    const read: unknown[] = []
    let before: string[] | null = null
    do {
      const page: Awaited<ReturnType<Phone['older']>> = await this.phone.older(scope, kind, before)
      read.push(...page.entries.map((e) => [e.kind, e.id, e.seq, e.doc]))
      before = page.next
    } while (before)
    this.more.history = read
  }

  private async readFile({ scope, kind, id, sha256 }: Body): Promise<void> {
    const bytes = await this.phone.file(this.phone.find(scope, kind, id)!, sha256)
    this.more.files = { [sha256]: createHash('sha256').update(bytes).digest('hex') }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function post(url: string, body: Body = {}): Promise<Body> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return answer.json() as Promise<Body>
}

/** Play one story to its verdict. */
async function play(control: string, name: string): Promise<Verdict> {
  const first = await post(`${control}/conform/stories/${name}`)
  let answer: Verdict = { verdict: 'fail', ...first }
  const client = await Client.begin(first.home, first.live)
  try {
    while (answer.verdict === 'go on' || answer.verdict === 'wait') {
      for (const instruction of answer.instructions ?? []) await client.obey(instruction)
      await pause(PAUSE_MS)
      answer = { verdict: 'fail', ...(await post(`${control}/conform/state`, client.state())) }
    }
  } finally {
    await client.close()
  }
  return answer
}

const [control, ...stories] = parseArgs({ allowPositionals: true }).positionals
for (const name of stories) {
  console.log(JSON.stringify({ story: name, ...(await play(control!, name)) }))
}
process.exit(0)
