/** What pending acts of Today and the check-in show at once. */

import type { Overlays } from 'handrail'
import { checkInId } from './ids.ts'

// The fields of a check-in that nobody has written yet.
const EMPTY = {
  success: null,
  success_shared: false,
  mood: null,
  craving_now: null,
  craving_worst: null,
  sleep_hours: null,
  sleep_quality: null,
  halt: null,
  medication: null,
  used: null,
  used_what: null,
  plan: null,
  gap_reason: null,
  signed_by: null,
  signed_at: null,
}

export const TODAY_OVERLAYS: Overlays = {
  'practice.record_check_in': (args, find, { clientTime }) => {
    const { record, local_date = '', slot, id: _, ...answers } = args
    const scope = `care:${record}`
    const id = checkInId(record, local_date, slot)
    const before = find(scope, 'check_in', id)
    // The team has signed it: the server will refuse the change, so it is not shown.
    if (before?.doc.signed_at) return null
    const hours = answers.sleep_hours
    const slept = hours === undefined ? {} : { sleep_hours: hours === null ? null : Number(hours) }
    const fields = { ...(before ? {} : EMPTY), ...answers, ...slept, local_date, slot }
    return { scope, kind: 'check_in', id, fields: { ...fields, recorded_at: clientTime, received_at: clientTime } }
  },
}
