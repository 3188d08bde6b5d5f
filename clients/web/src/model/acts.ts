/** What a queued act is to the person who did it: what to call it, what they wrote, and what can be
 *  done if it was refused. */

import type { Action, Entry, Inputs, Mutation } from 'handrail'
import type { Day } from './days.ts'
import type { QUIET } from './quiet.ts'

/** What staff do, in their console. */
type OfStaff =
  | `alumni.${'announce' | 'change_announcement' | 'draft_announcement' | 'stop_announcement'}`
  | `care.${
      | 'admit_patient' | 'answer_correction_request' | 'assign_team_member' | 'cancel_session' | 'change_level'
      | 'change_series' | 'change_session' | 'change_settings' | 'correct_person' | 'create_series' | 'end_episode'
      | 'end_series' | 'end_team_member' | 'link_records' | 'make_alumnus' | 'readmit' | 'record_attendance'
      | 'reopen_episode' | 'restore_session' | 'undo_admission' | 'unlink_records'}`
  | `groups.${
      | 'add_facilitator' | 'close_round' | 'create' | 'invite_member' | 'open_round' | 'remove_member' | 'step_back'
      | 'withdraw_invitation'}`
  | `people.${
      | 'approve_invitation' | 'change_role' | 'correct_staff' | 'end_staff' | 'invite_staff' | 'renew_invitation'
      | 'revoke_invitation' | 'sign_out_person'}`
  | `practice.${'assign_exercise' | 'review_attempt' | 'sign_check_in' | 'withdraw_assignment'}`

/** What only works with a connection, so it is never queued. */
type AtOnce =
  | `people.${
      | 'confirm_address' | 'register_push' | 'report_phone_lost' | 'request_address_code' | 'revoke_session'
      | 'sign_out' | 'unregister_push'}`

export type OwnAct = Exclude<Action, OfStaff | AtOnce | (typeof QUIET)[number]>

/** What the person wrote, line by line: an answer, or a question's id and its answer. */
type Lines = readonly unknown[]

export interface Wording {
  /** In `text/`: `act.…`. */
  name: string
  day?: Day
  /** The id of the group or pair that it was for. */
  where?: string
  lines?: Lines
  /** The field of the arguments that is the text: it can be changed and sent again. */
  text?: 'text' | 'wanted'
}

type Tellers = { readonly [A in OwnAct]: (args: Inputs[A]) => Wording }

/** A new act is a type error until it has its words. */
const WORDINGS: Tellers = {
  'alumni.accept_connection': () => ({ name: 'accept' }),
  'alumni.block_person': () => ({ name: 'block' }),
  'alumni.decline_connection': () => ({ name: 'decline' }),
  'alumni.edit_message': ({ text }) => ({ name: 'edit', lines: [text], text: 'text' }),
  'alumni.end_connection': () => ({ name: 'end' }),
  'alumni.post_message': ({ pair, text }) => ({ name: 'message', where: pair, lines: [text], text: 'text' }),
  'alumni.request_connection': () => ({ name: 'connect' }),
  'alumni.unblock_person': () => ({ name: 'unblock' }),
  'alumni.withdraw_message': () => ({ name: 'withdraw' }),
  'care.report_arrival': () => ({ name: 'here' }),
  'care.request_correction': ({ wanted }) => ({ name: 'correction', lines: [wanted], text: 'wanted' }),
  'care.set_reminder_preferences': () => ({ name: 'reminders' }),
  'groups.add_line': ({ text }) => ({ name: 'line', lines: [text], text: 'text' }),
  'groups.decline_invitation': () => ({ name: 'no_group' }),
  'groups.edit_message': ({ text }) => ({ name: 'edit', lines: [text], text: 'text' }),
  'groups.join': ({ alias }) => ({ name: 'join', lines: [alias] }),
  'groups.leave': ({ group }) => ({ name: 'leave', where: group }),
  'groups.post_message': ({ group, text }) => ({ name: 'message', where: group, lines: [text], text: 'text' }),
  'groups.support_line': ({ text }) => ({ name: 'support', lines: [text] }),
  'groups.withdraw_message': () => ({ name: 'withdraw' }),
  'people.confirm_recovery': () => ({ name: 'code_yes' }),
  'people.refuse_recovery': () => ({ name: 'code_no' }),
  'practice.record_attempt': ({ answers }) => ({ name: 'tool', lines: Object.values(answers ?? {}) }),
  'practice.record_check_in': ({ local_date, success, used_what, plan, gap_reason }) => ({
    name: 'check_in',
    ...(local_date && { day: local_date }),
    lines: [success, used_what, plan, gap_reason],
  }),
  'privacy.acknowledge_notice': ({ signed_name }) => ({ name: 'notice', lines: [signed_name] }),
  'privacy.decline_notice': () => ({ name: 'notice' }),
  'privacy.revoke_consent': () => ({ name: 'stop_sharing' }),
}

/** An act of an older app has no words of its own. */
export function wordsOf({ action, args }: Pick<Mutation, 'action' | 'args'>): Wording {
  const teller = (WORDINGS as { [action: string]: ((args: any) => Wording) | undefined })[action]
  return teller?.(args) ?? { name: 'other', lines: Object.values(args) }
}

/** What they wrote, in full: a list is one line, and ids and numbers are no words. */
export function written({ lines = [] }: Wording): string[] {
  return lines.flatMap((line) => {
    if (typeof line === 'string') return line.trim() ? [line] : []
    if (!Array.isArray(line)) return []
    const all = line.filter((each) => typeof each === 'string' && each.trim())
    return all.length ? [all.join(', ')] : []
  })
}

/** Refusals that have words of their own, `refusal.…`. */
export const REASONS = [
  'alias_is_legal_name', 'alias_taken', 'answered', 'blobs_missing', 'blocked_by_you', 'cancelled', 'closed',
  'conflict', 'full', 'internal', 'locked', 'not_allowed', 'not_found', 'not_in_force', 'not_now', 'not_understood',
  'over', 'said_already', 'supported_already', 'superseded', 'too_large', 'too_many_pixels', 'version_unknown',
  'withdrawn',
] as const
export type Reason = (typeof REASONS)[number]

/** The server could take the same at another time. */
const PASSING: readonly (Reason | undefined)[] = ['internal', 'version_unknown', 'blobs_missing']

/** The files are lost, or the server cannot read them: the words can go without them. */
const WITHOUT_FILES: readonly (Reason | undefined)[] = ['blobs_missing', 'not_understood', 'too_many_pixels']

export function reasonOf({ result }: Pick<Mutation, 'result'>): Reason | undefined {
  const code = result?.code
  return REASONS.find((reason) => reason === code)
}

/** `edit`: send it with other words. `again`: send the same. `look`: its page has the
 *  ways. */
export type Way = 'both' | 'edit' | 'again' | 'look' | null

export function wayOf(mutation: Mutation, inWords: Wording): Way {
  const reason = reasonOf(mutation)
  if (reason === 'conflict' && inConflict(mutation)) return 'both'
  if (mutation.action === 'groups.join' && reason?.startsWith('alias')) return 'look'
  if (mutation.action === 'practice.record_attempt') return 'look'
  const isPassing = PASSING.includes(reason)
  const isLong = reason === undefined || reason === 'too_large'
  if (inWords.text && (isPassing || isLong || filesOf(mutation) === 'lost')) return 'edit'
  return isPassing ? 'again' : null
}

export interface Conflict {
  mutation: Mutation
  /** What holds now: the entry that stands against it. */
  now: Entry
}

const WITH_BASE = ['care.set_reminder_preferences', 'groups.edit_message', 'alumni.edit_message']

/** Null unless there are two versions to choose from. */
export function inConflict(mutation: Mutation | undefined): Conflict | null {
  const current = mutation?.result?.current
  const isOpen = mutation?.result?.code === 'conflict' && WITH_BASE.includes(mutation.action)
  if (!isOpen || !current) return null
  const [kind, id, seq, doc] = current
  return { mutation, now: { scope: '', kind, id, seq, doc, pending: null } }
}

/** Arguments for sending something again. Nothing of a refused act was kept under its id. Its files
 *  are sent beside them. */
export function again({ args }: Pick<Mutation, 'args'>, changes: Mutation['args'] = {}): Mutation['args'] {
  const { attachments: _, ...others } = args
  return { ...others, ...changes }
}

/** What the person had seen, for sending it again. */
export function baseOf({ base }: Pick<Mutation, 'base'>): Entry[] {
  return Object.entries(base).map(([name, seq]) => {
    const [kind = '', id = ''] = name.split('/')
    return { scope: '', kind, id, seq, doc: {}, pending: null }
  })
}

/** Its picture or recording: whether that can go again. */
export function filesOf(mutation: Pick<Mutation, 'args' | 'result'>): 'kept' | 'lost' | null {
  const { attachments } = mutation.args
  if (!Array.isArray(attachments) || attachments.length === 0) return null
  return WITHOUT_FILES.includes(reasonOf(mutation)) ? 'lost' : 'kept'
}
