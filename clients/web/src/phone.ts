import { computed, signal } from '@preact/signals'
import { Locked, Wiped } from 'handrail'
import type { Action, EntryOf, Inputs, Kind, Mutation, Phone, Status } from 'handrail'
import { things } from './model/quiet.ts'

const opened = signal<Phone | null>(null)
const changes = signal(0)
let detach = () => {}

/** Show this phone. Pages that read it through this module follow its changes. */
export function attach(phone: Phone | null): void {
  detach()
  detach = phone?.subscribe(() => void (changes.value += 1)) ?? (() => {})
  opened.value = phone
}

/** The phone, for what changes it: `phone().act(...)`. */
export function phone(): Phone {
  if (!opened.value) throw new Error('There is no phone yet')
  return opened.value
}

/** The server's time, as far as it is known. A page may still ask when the app has just been locked. */
export function now(): number {
  return opened.value?.now() ?? Date.now()
}

/** Null while the app is locked. */
export const status = computed<Status | null>(() => {
  void changes.value
  return opened.value?.status ?? null
})

export function isOffline(): boolean {
  return status.value?.network === 'offline'
}

/** Whether scopes whose names begin so have not been read to their end. */
export function lacks(scopes = ''): boolean {
  const { lastSynced = null, loading = [] } = status.value ?? {}
  return lastSynced === null || loading.some((scope) => scope.startsWith(scopes))
}

/** What is shown: confirmed entries, and over them what waits to be sent. */
export function entries<K extends Kind>(kind: K, scope?: string): EntryOf<K>[] {
  void changes.value
  try {
    return opened.value?.query(kind, scope === undefined ? {} : { scope }) ?? []
  } catch (error) {
    // The lease runs out, or the phone is wiped, while a page is drawn: another page comes next.
    if (error instanceof Locked || error instanceof Wiped) return []
    throw error
  }
}

/** The last refusal of such an act that has not been dismissed. */
export function refused(action: string, fits: (args: Mutation['args']) => boolean): Mutation | undefined {
  void changes.value
  return opened.value?.notSent().filter((each) => each.action === action && fits(each.args)).pop()
}

/** What the app itself keeps here: drafts, settings. */
export function kept<T>(name: string): T | undefined {
  void changes.value
  return opened.value?.kept<T>(name)
}

/** Set by People, which knows what has been read. */
export const unread = signal(0)

/** What stands on the tab of People. */
export const marks = computed(() => {
  void changes.value
  return { unread: unread.value, unsent: notSent().length }
})

/** Acts of this kind that wait to be sent. */
export function queued<A extends Action>(action: A): (Mutation & { args: Inputs[A] })[] {
  void changes.value
  const waiting = opened.value?.outbox() ?? []
  return waiting.filter((mutation): mutation is Mutation & { args: Inputs[A] } => mutation.action === action)
}

/** What the person did and the server does not have yet, in that order. */
export function waiting(): Mutation[] {
  void changes.value
  return things(opened.value?.outbox() ?? [])
}

/** What was refused, until the person has dealt with it. */
export function notSent(): Mutation[] {
  void changes.value
  return things(opened.value?.notSent() ?? [])
}

/** What was sent in the last days. */
export function sent(): Mutation[] {
  void changes.value
  return things(opened.value?.answers.outbox.sent() ?? [])
}
