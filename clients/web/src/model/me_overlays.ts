/** What pending acts of Me show at once. */

import type { Overlays } from 'handrail'

export const ME_OVERLAYS: Overlays = {
  'care.set_reminder_preferences': (args, _, { user }) => ({
    scope: `person:${user}`,
    kind: 'reminder_preferences',
    id: user,
    fields: { ...args },
  }),
  'care.request_correction': ({ id, record, field, wanted }, _, { uuid, clientTime }) => ({
    scope: `care:${record}`,
    kind: 'correction_request',
    id: id ?? uuid,
    fields: {
      record, field, wanted, asked_at: clientTime, state: 'open', answer: '', answered_by: null, answered_at: null,
    },
  }),
  'privacy.revoke_consent': ({ consent }, find, { clientTime }) => {
    const scope = find(null, 'consent', consent)?.scope
    return scope ? { scope, kind: 'consent', id: consent, fields: { state: 'revoked', ended_at: clientTime } } : null
  },
}
