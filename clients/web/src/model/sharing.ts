/** What a person has agreed to show to others. */

import type { EntryOf } from 'handrail'

type Consents = readonly EntryOf<'consent'>[]

/** In force, the newest first. One that expires by a date is over on that day.
 *  `today`: YYYY-MM-DD. */
export function sharedNow(consents: Consents, user: string | null, today: string): EntryOf<'consent'>[] {
  return mine(consents, user).filter((consent) => isInForce(consent, today))
}

export function sharedBefore(consents: Consents, user: string | null, today: string): EntryOf<'consent'>[] {
  return mine(consents, user).filter((consent) => !isInForce(consent, today))
}

/** A stop that waits to be sent has not stopped anything yet. */
export function isInForce({ doc, pending }: EntryOf<'consent'>, today: string): boolean {
  if (pending !== null) return true
  return doc.state === 'active' && (doc.expires_on === null || today <= doc.expires_on)
}

function mine(consents: Consents, user: string | null): EntryOf<'consent'>[] {
  return consents
    .filter(({ doc }) => doc.patient === user)
    .sort((one, other) => other.doc.signed_at.localeCompare(one.doc.signed_at))
}
