/** What the pages of Tools read from this phone. */

import { allAttempts, type Attempt, type Done, open, shareInput } from '../../model/attempts.ts'
import { exerciseAt, inUse, type Exercise } from '../../model/exercises.ts'
import { idOf } from '../../model/ids.ts'
import { counsellor, staffName } from '../../model/staff.ts'
import { entries, kept, phone, status } from '../../phone.ts'
import { language } from '../../text/text.ts'
import * as today from '../today/here.ts'

const KEPT = 'attempts'
export const REASONS = 'reasons'
export const URGE = 'urge'
export const draftName = (exercise: string) => `draft/${exercise}`

export function exercises(): Exercise[] {
  return inUse(entries('exercise'), language.value)
}

export function exercise(id: string, version: number | null = null): Exercise | undefined {
  return exerciseAt(entries('exercise'), id, version, language.value)
}

export function attempts(): Attempt[] {
  void status.value // a fate changes with the network
  return allAttempts(entries('attempt'), kept<Done[]>(KEPT) ?? [], phone().notSent(), (uuid) => phone().fate(uuid))
}

/** What was asked of this person and is still to do. */
export function asked() {
  return open(entries('assignment'), attempts())
}

export function nameOf(user: string): string {
  return staffName(entries('staff_member'), user) ?? ''
}

/** The care record where new things go, if there is one. */
export function record(): string | null {
  const own = today.record()
  return own && idOf(own.scope)
}

/** Who reads what is shared: the counsellor's name, '' for a team without one, null for nobody. */
export function team(): string | null {
  const own = record()
  return own === null ? null : (counsellor(entries('care_team_member'), entries('staff_member'), own) ?? '')
}

export async function keepHere(done: Done): Promise<void> {
  await phone().keep(KEPT, [...others(done.id), done])
}

export async function deleteHere(id: string): Promise<void> {
  await phone().keep(KEPT, others(id))
}

/** Send it to the care team. Without a care record it stays here. */
export async function share(done: Done): Promise<void> {
  const own = entries('assignment').find(({ id }) => id === done.assignment)
  const to = own ? idOf(own.scope) : record()
  if (to === null) return keepHere(done)
  // One id for the attempt and the act: after a crash in between it still counts once.
  await phone().act('practice.record_attempt', shareInput(done, to), { uuid: done.id })
  await deleteHere(done.id)
}

function others(id: string): Done[] {
  return (kept<Done[]>(KEPT) ?? []).filter((each) => each.id !== id)
}
