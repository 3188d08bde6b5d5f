/** What a person has agreed to show to others. */

import type { EntryOf } from 'handrail'
import type { Day } from './days.ts'

type Consents = readonly EntryOf<'consent'>[]

/** In force, the newest first. One that expires by a date is in force on that day. */
export function sharedNow(consents: Consents, user: string | null, today: Day): EntryOf<'consent'>[] {
  return mine(consents, user).filter((consent) => isInForce(consent, today))
}

export function sharedBefore(consents: Consents, user: string | null, today: Day): EntryOf<'consent'>[] {
  return mine(consents, user).filter((consent) => !isInForce(consent, today))
}

/** A stop that waits to be sent has not stopped anything yet. */
export function isInForce({ doc, pending }: EntryOf<'consent'>, today: Day): boolean {
  if (pending !== null) return true
  return doc.state === 'active' && (doc.expires_on === null || today <= doc.expires_on)
}

/** When it ended: a moment, or the last day of one that has expired. Null while it is in force. */
export function endOf(consent: EntryOf<'consent'>, today: Day): number | Day | null {
  const { ended_at, expires_on, signed_at } = consent.doc
  if (isInForce(consent, today)) return null
  return ended_at === null ? (expires_on ?? Date.parse(signed_at)) : Date.parse(ended_at)
}

function mine(consents: Consents, user: string | null): EntryOf<'consent'>[] {
  return consents
    .filter(({ doc }) => doc.patient === user)
    .sort((one, other) => other.doc.signed_at.localeCompare(one.doc.signed_at))
}
