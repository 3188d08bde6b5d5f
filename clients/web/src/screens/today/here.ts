/** What the pages of this area read from the phone. */

import type { Draft, Own, Slot } from '../../model/check_in.ts'
import { type Day, dayOf } from '../../model/days.ts'
import { PEOPLE_TO_CALL, type PersonToCall } from '../../model/first_day.ts'
import { idOf } from '../../model/ids.ts'
import { arrivalAt, type Session, sessionsOf } from '../../model/sessions.ts'
import { lineNow } from '../../model/team.ts'
import { tryTo } from '../../kept.ts'
import { entries, isOffline, kept, now, phone, queued, status } from '../../phone.ts'

/** Check-ins that stay on this phone, by day and slot. */
const OWN = 'check-ins of mine'
/** Things of Today that were looked at and put away. */
const SEEN = 'today seen'
const MOST_SEEN = 100

export { now }

/** The person's own record of care; null before one has come, and for staff. */
export function record() {
  const user = status.value?.user
  return entries('care_record').find(({ doc }) => doc.user_id === user && doc.replaced_by === null) ?? null
}

export function programme() {
  const id = record()?.doc.programme
  return entries('programme').find(({ scope }) => idOf(scope) === id) ?? entries('programme')[0] ?? null
}

export function team(at: number) {
  const doc = programme()?.doc
  return doc ? lineNow(doc, at) : null
}

/** Whom the person would call. */
export function peopleToCall(): readonly PersonToCall[] {
  return kept<PersonToCall[]>(PEOPLE_TO_CALL) ?? []
}

/** When everything was last read, while there is no connection; else null. */
export function asOf(): number | null {
  return isOffline() ? status.value!.lastSynced : null
}

/** Those that are not over. Working them out takes a moment, so it is done once for each change. */
export function sessions(): Session[] {
  const appointments = entries('appointment')
  const of = [entries('session_series'), status.value?.loading, today(now())]
  const known = worked.get(appointments)
  if (known && of.every((each, place) => each === known.of[place])) return known.sessions
  const sessions = sessionsOf(complete(appointments), entries('session_series'), now())
  worked.set(appointments, { of, sessions })
  return sessions
}

// It goes with the entries: nothing of anyone stays in memory once the app is closed.
const worked = new WeakMap<readonly object[], { of: readonly unknown[]; sessions: Session[] }>()

/** Only scopes that are read to their end: never half a list as if it were all of it. */
export function complete<E extends { scope: string }>(all: readonly E[]): E[] {
  const loading = status.value?.loading ?? []
  return all.filter(({ scope }) => !loading.includes(scope))
}

export function arrival(session: Session, at: number) {
  const waiting = queued('care.report_arrival').map(({ args }) => args.appointment)
  return { arrival: arrivalAt(session, entries('arrival_report'), waiting, at), arrivalWaits: waiting.includes(session.id) }
}

export function reportArrival(session: Session): void {
  tryTo(phone().act('care.report_arrival', { appointment: session.id }))
}

// The check-in

export function today(at: number): Day {
  return dayOf(at)
}

export function own(): Record<string, Own> {
  return kept<Record<string, Own>>(OWN) ?? {}
}

export async function keepOwn(key: string, value: Own | null): Promise<void> {
  const { [key]: _, ...others } = phone().kept<Record<string, Own>>(OWN) ?? {}
  await phone().keep(OWN, value ? { ...others, [key]: value } : others)
}

/** `2026-11-19/day` */
export function keyOf(day: Day, slot: Slot): string {
  return `${day}/${slot}`
}

/** What has been sent, or waits to be. */
export function checkIn(day: Day, slot: Slot) {
  return entries('check_in').find(({ doc }) => doc.local_date === day && doc.slot === slot) ?? null
}

/** How the names of drafts begin. */
export const DRAFT = 'check-in draft '

export function draftName(day: Day, slot: Slot): string {
  return DRAFT + keyOf(day, slot)
}

export function draft(day: Day, slot: Slot): Draft | undefined {
  return kept<Draft>(draftName(day, slot))
}

export function seen(): readonly string[] {
  return kept<string[]>(SEEN) ?? []
}

export function putAway(id: string): void {
  tryTo(phone().keep(SEEN, [...seen(), id].slice(-MOST_SEEN)))
}
