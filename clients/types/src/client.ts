/** A strict client's use of the types that openapi-typescript generates from /api/schema. */

import type { components, operations, paths } from './api'

export type Entry = components['schemas']['Entry']
export type Mutation = components['schemas']['Mutation']
export type Problem = components['schemas']['ProblemDocument']
export type Pulled = operations['sync.pull']['responses'][200]['content']['application/json']
export type Pushed = operations['sync.push']['responses'][200]['content']['application/json']
export type Cursor = NonNullable<operations['sync.pull']['requestBody']['content']['application/json']['cursor']>

type Posts = { [Path in keyof paths]: paths[Path] extends { post: unknown } ? Path : never }[keyof paths]
type Body<Path extends Posts> = paths[Path] extends { post: { requestBody: { content: { 'application/json': infer Sent } } } } ? Sent : never
type Answer<Path extends Posts> = paths[Path] extends { post: { responses: { 200: { content: { 'application/json': infer Got } } } } } ? Got : never

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
  }
}

/** POST with the types of this path. Throws Refused with the problem document. */
export async function post<Path extends Posts>(home: string, path: Path, body: Body<Path>, token: string): Promise<Answer<Path>> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
  const answer = await fetch(home + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Refused((await answer.json()) as Problem)
  return (await answer.json()) as Answer<Path>
}

/** A mutation's `args` are those of its `action`: anything else does not compile. */
export function edit(id: number, uuid: string, message: string, text: string, seq: number): Mutation {
  return { id, uuid, action: 'groups.edit_message', v: 1, args: { message, text }, base: { [`message/${message}`]: seq } }
}

// @ts-expect-error  a mutation of this action has another input
export const wrong: Mutation = { id: 1, uuid: '', action: 'groups.edit_message', args: { mood: 3 } }

/** `action` tells the mutations apart. */
export function textOf(mutation: Mutation): string | null {
  switch (mutation.action) {
    case 'groups.post_message':
      return mutation.args.text
    case 'practice.record_check_in':
      return mutation.args.plan ?? null
    default:
      return null
  }
}

/** The first member of an entry tells the documents apart. */
export function line([kind, id, seq, document]: Entry): string {
  return `${kind}/${id}@${seq}: ${JSON.stringify(document)}`
}

export function moodsOf(entries: Entry[]): (number | null)[] {
  return entries.flatMap((entry) => (entry[0] === 'check_in' ? [entry[3].mood] : []))
}

export function attachmentsOf(entry: Entry): { sha256: string; width?: number }[] {
  return entry[0] === 'message' ? entry[3].attachments : []
}

export interface Store {
  cursor(): Cursor
  /** One transaction: see "Pull" in docs/protocol.md. */
  apply(page: Pulled): void
  /** Into the "not sent" box, with the entry as it is now, if there is one. */
  refuse(id: number, problem: Problem, current: Entry | undefined): void
  settle(id: number): void
}

export async function pullAll(home: string, token: string, clientId: string, store: Store): Promise<void> {
  for (let more = true; more; ) {
    const page = await post(home, '/api/v1/sync/pull', { client_id: clientId, schema: 1, cursor: store.cursor() }, token)
    for (const { scope, purge } of page.drop) console.log(`drop ${scope} ${purge}`)
    for (const scope of page.scopes) {
      const [seq] = scope.pos
      const reset: 'purge' | 'sweep' | null = scope.reset
      console.log(scope.scope, seq, scope.head, reset, scope.put.map(line), scope.del.map(([kind, id]) => `${kind}/${id}`))
    }
    store.apply(page)
    more = page.has_more
  }
}

/** Push one batch. Returns the milliseconds to wait before the rest, or null if all was taken. */
export async function push(home: string, token: string, clientId: string, queue: Mutation[], store: Store): Promise<number | null> {
  const pushed: Pushed = await post(home, '/api/v1/sync/push', { client_id: clientId, schema: 1, lane: 'main', mutations: queue }, token)
  for (const result of pushed.results) {
    if (result.status === 'applied') store.settle(result.id)
    else if (result.problem) store.refuse(result.id, result.problem, result.current)
    for (const [field, sentences] of Object.entries(result.ignored ?? {})) console.warn(field, sentences.join(' '))
  }
  if (pushed.stopped?.missing) console.log('send first', pushed.stopped.missing.join(', '))
  return pushed.stopped ? pushed.stopped.retry_after_ms : null
}

export async function register(home: string, token: string, install: string): Promise<{ clientId: string; most: number }> {
  const { client_id, limits } = await post(home, '/api/v1/sync/clients', { install, platform: 'web', app: '1.0', schema: 1 }, token)
  return { clientId: client_id, most: limits.mutations }
}

/** Signing in with a code by e-mail: the good answer to the request is 401. */
export async function askForCode(home: string, email: string): Promise<string | undefined> {
  try {
    await post(home, '/auth/app/v1/auth/code/request', { email }, '')
  } catch (error) {
    if (error instanceof Refused && error.problem.code === 'sign_in_unfinished') return error.problem.meta?.session_token
    throw error
  }
  return undefined
}

export type Tokens = operations['auth.code.confirm.post']['responses'][200]['content']['application/json']['meta']
export const accessToken = ({ access_token }: Tokens): string => access_token
