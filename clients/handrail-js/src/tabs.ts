/** One engine for all tabs of a browser. The tab that is looked at leads: it syncs and writes. The
 *  others show the same, and hand on to it what the person does in them. */

import type { Change } from './core/memory.ts'
import * as errors from './errors.ts'
import { Problem } from './errors.ts'
import { Phone } from './phone.ts'
import type { Options, Status } from './phone.ts'

/** What only the leading tab can do. */
const HANDED_ON = [
  'act', 'confirmCode', 'confirmFactor', 'dismiss', 'enrol', 'file', 'get', 'keep', 'older', 'post',
  'requestCode', 'signOut', 'sync', 'takeBack',
] as const satisfies readonly (keyof Phone)[]
type HandedOn = (typeof HANDED_ON)[number]

type Message =
  | { t: 'call'; id: string; name: HandedOn; args: unknown[] }
  | { t: 'done'; id: string; result: unknown; error: Thrown | null }
  | { t: 'changed'; changes: Change[] | null; status: Status }
  | { t: 'led' }
  | { t: 'yield' }

interface Thrown {
  name: string
  message: string
  status?: number
  body?: any
  retryAfter?: number | null
}

interface Call {
  name: HandedOn
  args: unknown[]
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Open the phone in this tab. `name` is the same in all tabs of one person's data. */
export async function openInTabs(options: Options, name: string): Promise<Phone> {
  const tab = new Tab(new Phone(options), `handrail ${name}`)
  await tab.begin()
  return tab.phone
}

class Tab {
  readonly phone: Phone
  private readonly name: string
  private readonly channel: BroadcastChannel
  private readonly calls = new Map<string, Call>()
  private leads = false
  private giveUp: () => void = () => {}
  private isClosed = false
  private wantsForeground = false

  constructor(phone: Phone, name: string) {
    this.phone = phone
    this.name = name
    this.channel = new BroadcastChannel(name)
    this.channel.onmessage = ({ data }) => this.heard(data)
    phone.store.onCommit = (changes) => this.leads && this.tell(changes)
    phone.subscribe(() => this.leads && this.tell([]))
  }

  /** Resolves once this tab shows what is stored, whether it leads or not. */
  async begin(): Promise<void> {
    this.follow()
    const { foreground, background, close } = this.phone
    this.phone.foreground = () => {
      this.wantsForeground = true
      if (this.leads) foreground.call(this.phone)
      else this.send({ t: 'yield' })
    }
    this.phone.background = () => {
      this.wantsForeground = false
      background.call(this.phone)
    }
    this.phone.close = async () => {
      this.isClosed = true
      await close.call(this.phone)
      this.giveUp()
      this.channel.close()
    }
    await this.phone.load()
    void this.queue(foreground)
    // Whether it leads is known by then if no other tab does. No timer: a browser may hold those back.
    await navigator.locks.query()
  }

  /** Wait for the lead, hold it, and wait again after it was given up. */
  private async queue(foreground: () => void): Promise<void> {
    while (!this.isClosed) {
      await navigator.locks.request(this.name, async () => {
        if (this.isClosed) return
        const given = new Promise<void>((resolve) => (this.giveUp = resolve))
        await this.lead(foreground)
        await given
        // What is still under way here must not be written over what the next tab writes.
        await this.phone.store.stop()
      })
    }
  }

  private async lead(foreground: () => void): Promise<void> {
    await this.phone.begin()
    this.leads = true
    for (const name of HANDED_ON) delete (this.phone as Partial<Phone>)[name]
    this.phone.remote = null
    const waiting = [...this.calls.values()]
    this.calls.clear()
    for (const { name, args, resolve, reject } of waiting) this.run(name, args).then(resolve, reject)
    if (this.wantsForeground) foreground.call(this.phone)
    this.send({ t: 'led' })
    this.tell([])
  }

  private follow(): void {
    this.leads = false
    for (const name of HANDED_ON) {
      const handOn = (...args: unknown[]) => this.handOn(name, args)
      ;(this.phone as unknown as Record<HandedOn, typeof handOn>)[name] = handOn
    }
  }

  private handOn(name: HandedOn, args: unknown[]): Promise<unknown> {
    // The same uuid if it has to be handed on again, so that it is done once.
    if (name === 'act') args = [args[0], args[1], { uuid: this.phone.newId(), ...(args[2] as object) }]
    return new Promise((resolve, reject) => {
      const id = crypto.randomUUID()
      this.calls.set(id, { name, args, resolve, reject })
      this.send({ t: 'call', id, name, args })
    })
  }

  private run(name: HandedOn, args: unknown[]): Promise<unknown> {
    return (this.phone[name] as (...args: unknown[]) => Promise<unknown>)(...args)
  }

  private heard(message: Message): void {
    switch (message.t) {
      case 'call':
        if (this.leads) void this.answer(message.id, message.name, message.args)
        break
      case 'done':
        this.done(message)
        break
      case 'changed':
        if (!this.leads) this.phone.follow(message.changes, message.status)
        break
      case 'led':
        // Another tab leads now, and may not have heard what was handed on before.
        for (const [id, { name, args }] of this.calls) this.send({ t: 'call', id, name, args })
        break
      case 'yield':
        if (this.leads && !this.wantsForeground) {
          this.follow()
          this.giveUp()
        }
    }
  }

  private async answer(id: string, name: HandedOn, args: unknown[]): Promise<void> {
    try {
      this.send({ t: 'done', id, result: await this.run(name, args), error: null })
    } catch (error) {
      this.send({ t: 'done', id, result: null, error: thrown(error as Error) })
    }
  }

  private done({ id, result, error }: Extract<Message, { t: 'done' }>): void {
    const call = this.calls.get(id)
    this.calls.delete(id)
    if (error) call?.reject(caught(error))
    else call?.resolve(result)
  }

  private tell(changes: Change[] | null): void {
    // The bytes of files are read from storage.
    const rows = changes && changes.filter(({ table }) => table !== 'file')
    this.send({ t: 'changed', changes: rows, status: this.phone.status })
  }

  private send(message: Message): void {
    if (!this.isClosed) this.channel.postMessage(message)
  }
}

function thrown(error: Error): Thrown {
  const { name, message } = error
  if (!(error instanceof Problem)) return { name, message }
  return { name, message, status: error.status, body: error.body, retryAfter: error.retryAfter }
}

function caught({ name, message, status, body, retryAfter }: Thrown): Error {
  if (name === 'Problem') return new Problem(status!, body, retryAfter ?? null)
  const Type = (errors as unknown as Record<string, new (message: string) => Error>)[name] ?? Error
  return new Type(message)
}
