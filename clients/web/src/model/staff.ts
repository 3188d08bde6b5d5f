/** Names of people who work in the programme. */

import type { EntryOf } from 'handrail'

type Staff = readonly EntryOf<'staff_member'>[]

/** The name that people call them by. */
export function staffName(staff: Staff, user: string): string | null {
  const doc = staff.find((entry) => entry.doc.user_id === user)?.doc
  return doc ? doc.given_name || doc.name_text : null
}

/** Who counsels this person now. */
export function counsellor(
  team: readonly EntryOf<'care_team_member'>[],
  staff: Staff,
  record: string | null,
): string | null {
  const member = team.find(({ doc }) => doc.record === record && doc.role === 'counsellor' && doc.until === null)
  return member ? staffName(staff, member.doc.user_id) : null
}
