/** Phones that another process drives: a line of JSON on stdin is a command, a line on stdout is its
 *  answer, once every phone waits for its world again. */

import { createInterface } from 'node:readline'
import { Driven } from './drive/driven.ts'
import type { Command } from './drive/driven.ts'
import type { Event } from './drive/ports.ts'
import { PhoneError } from '../src/errors.ts'
import { settle } from './drive/settle.ts'

const phones = new Map<string, Driven>()
const numbers = { last: 0 }
let events: Event[] = []
let defect: unknown = null
process.on('unhandledRejection', (error) => (defect ??= error))
process.on('uncaughtException', (error) => (defect ??= error))

async function obey(command: Command): Promise<unknown> {
  if (command.do === 'forget') {
    phones.get(command.phone)?.close()
    phones.delete(command.phone)
    return null
  }
  const phone = phones.get(command.phone) ?? new Driven(command.phone, (event) => events.push(event), numbers)
  phones.set(command.phone, phone)
  return phone.obey(command, phones)
}

for await (const line of createInterface({ input: process.stdin })) {
  const command: Command = JSON.parse(line)
  let value: unknown
  let refused: string | null = null
  const refuse = (error: unknown) => {
    if (error instanceof PhoneError) refused = error.name
    else defect ??= error
  }
  // A dying app never answers, so its command is not waited for.
  obey(command).then((answer) => (value = answer), refuse)
  await settle().catch((error) => (defect ??= error))
  const failed = defect instanceof Error ? (defect.stack ?? String(defect)) : defect
  const answer = failed === null ? { value: value ?? null, refused, events } : { defect: failed, events }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
  events = []
  defect = null
}
