/** What a person is asked on the first day, and by whom: the notice, groups, and new codes. */

import type { EntryOf, Overlays } from 'handrail'

type Names = EntryOf<'notice_request'>['doc']['names']

/** A notice in force that this person has not acknowledged. */
export interface OpenNotice {
  notice: EntryOf<'notice'>
  names: Names
  /** They have answered that they do not want to confirm it. */
  declined: boolean
  /** The answer to it that this phone could not send yet. */
  waits: 'acknowledged' | 'declined' | null
}

/** Null if nobody has asked, or if it is answered and the server has the answer.
 *  `today`: YYYY-MM-DD. */
export function openNotice(
  notices: readonly EntryOf<'notice'>[],
  requests: readonly EntryOf<'notice_request'>[],
  answers: readonly EntryOf<'notice_acknowledgement'>[],
  language: string,
  today: string,
): OpenNotice | null {
  const request = [...requests].sort((a, b) => (a.doc.asked_at < b.doc.asked_at ? -1 : 1)).pop()
  const notice = inForce(notices, language, today)
  if (!request || !notice) return null
  const own = answers.filter(({ doc }) => doc.notice === notice.id || doc.version === notice.doc.version)
  const acknowledged = own.find(({ doc }) => doc.answer === 'acknowledged')
  if (acknowledged && !acknowledged.pending) return null
  const pending = acknowledged ?? own.find((answer) => answer.pending)
  return {
    notice,
    names: request.doc.names,
    declined: own.some(({ doc }) => doc.answer === 'declined'),
    waits: pending?.doc.answer ?? null,
  }
}

/** The newest text that holds today: in the language that is spoken here, or as it is. */
export function inForce<E extends EntryOf<'notice'> | EntryOf<'consent_form'>>(
  texts: readonly E[],
  language: string,
  today: string,
): E | undefined {
  const valid = texts.filter(({ doc }) => doc.effective_on <= today)
  const spoken = valid.filter(({ doc }) => doc.locale === language)
  const order = (text: E) => `${text.doc.effective_on} ${text.doc.version}`
  return (spoken.length ? spoken : valid).sort((a, b) => (order(a) < order(b) ? -1 : 1)).at(-1)
}

/** The form of a group's consent. */
export function groupForm(
  forms: readonly EntryOf<'consent_form'>[],
  language: string,
  today: string,
): EntryOf<'consent_form'> | undefined {
  const own = forms.filter(({ doc }) => doc.kind === 'peer_group_visibility')
  return inForce(own, language, today)
}

/** Words in braces are filled in, each by a text or by a text in this language. */
export function filled(text: string, names: Names, language: string): string {
  return text.replace(/\{(\w+)\}/g, (blank, name) => {
    const value = names[name]
    if (value === undefined || typeof value === 'string') return value ?? blank
    return value[language] ?? Object.values(value)[0] ?? blank
  })
}

export function openInvitations(invitations: readonly EntryOf<'group_invitation'>[]): EntryOf<'group_invitation'>[] {
  return invitations.filter(({ doc }) => doc.state === 'open')
}

/** New codes for this account that can still be used or refused, and those whose refusal the server
 *  does not have yet: they still work. `now`: milliseconds. */
export function openRecoveries(recoveries: readonly EntryOf<'account_recovery'>[], now: number): EntryOf<'account_recovery'>[] {
  return recoveries.filter(({ doc, pending }) => {
    const isOver = doc.used_at || doc.revoked_at || Date.parse(doc.expires_at) <= now
    return !isOver && (!doc.refused_at || pending !== null)
  })
}

/** Whether this name would say who the person is. The server judges again. */
export function saysWho(alias: string, names: readonly string[]): boolean {
  const words = (text: string) => plain(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1)
  const own = new Set(names.flatMap(words))
  return words(alias).some((word) => own.has(word))
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

type Act = { uuid: string; clientTime: string; user: string }

function answer(given: 'acknowledged' | 'declined') {
  return (args: { id?: string; notice: string; signed_name?: string }, _: unknown, { uuid, clientTime, user }: Act) => ({
    scope: `person:${user}`,
    kind: 'notice_acknowledgement',
    id: args.id ?? uuid,
    fields: {
      notice: args.notice, version: '', locale: '', answer: given,
      signed_name: args.signed_name ?? '', answered_at: clientTime,
    },
  })
}

function mark(user: string, kind: string, id: string, fields: object) {
  return { scope: `person:${user}`, kind, id, fields: { ...fields } }
}

/** What these answers show before the server has them. */
export const FIRST_OVERLAYS: Overlays = {
  'privacy.acknowledge_notice': answer('acknowledged'),
  'privacy.decline_notice': answer('declined'),
  'groups.join': ({ invitation }, _, { clientTime, user }) =>
    mark(user, 'group_invitation', invitation, { state: 'joined', answered_at: clientTime }),
  'groups.decline_invitation': ({ invitation }, _, { clientTime, user }) =>
    mark(user, 'group_invitation', invitation, { state: 'declined', answered_at: clientTime }),
  'people.refuse_recovery': ({ recovery }, _, { clientTime, user }) =>
    mark(user, 'account_recovery', recovery, { refused_at: clientTime }),
  'people.confirm_recovery': ({ recovery }, _, { clientTime, user }) =>
    mark(user, 'account_recovery', recovery, { confirmed_at: clientTime }),
}
