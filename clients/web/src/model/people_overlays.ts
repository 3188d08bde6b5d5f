/** What acts of People show at once. */

import type { Documents, Overlays, Projected } from 'handrail'
import { cardId } from './ids.ts'

/** What is known of a file before the server has looked at it: its name. */
export function unsentFile(sha256: string): Documents['message']['attachments'][number] {
  return { sha256, content_sha256: '', size: 0, kind: 'image', media_type: '' }
}

type Act = { uuid: string; clientTime: string; user: string }

function post(scope: string, args: Record<string, any>, { uuid, clientTime, user }: Act): Projected {
  const files: string[] = args.attachments ?? []
  return {
    scope,
    kind: 'message',
    id: args.id ?? uuid,
    fields: {
      author: cardId(user, scope),
      text: args.text,
      attachments: files.map(unsentFile),
      reply_to: args.reply_to ?? null,
      written_at: clientTime,
      received_at: clientTime,
      edited_at: null,
      withdrawn_at: null,
    },
  }
}

type Find = (scope: string | null, kind: string, id: string) => { scope: string } | undefined

/** Over an entry that the phone has; nothing is shown over one that it does not have. */
function over(find: Find, kind: string, id: string, fields: Record<string, unknown>): Projected | null {
  const entry = find(null, kind, id)
  return entry ? { scope: entry.scope, kind, id, fields } : null
}

const withdraw = (args: { message: string }, find: Find, { clientTime }: Act) =>
  over(find, 'message', args.message, { text: '', attachments: [], withdrawn_at: clientTime })

const edit = (args: { message: string; text: string }, find: Find, { clientTime }: Act) =>
  over(find, 'message', args.message, { text: args.text, edited_at: clientTime })

const settle = (state: string) => (args: { connection: string }, find: Find, { clientTime }: Act) =>
  over(find, 'connection', args.connection, {
    state,
    [state === 'ended' ? 'ended_at' : 'answered_at']: clientTime,
  })

export const PEOPLE_OVERLAYS: Overlays = {
  'groups.post_message': (args, _find, act) => post(`group:${args.group}`, args, act),
  'alumni.post_message': (args, _find, act) => post(`pair:${args.pair}`, args, act),
  'groups.edit_message': edit,
  'alumni.edit_message': edit,
  'groups.withdraw_message': withdraw,
  'alumni.withdraw_message': withdraw,
  'groups.add_line': (args, find, { uuid, clientTime, user }) => {
    const round = find(null, 'round', args.round)
    if (!round) return null
    return {
      scope: round.scope,
      kind: 'round_line',
      id: args.id ?? uuid,
      fields: {
        round: args.round,
        author: cardId(user, round.scope),
        kind: args.kind,
        text: args.text,
        written_at: clientTime,
        received_at: clientTime,
      },
    }
  },
  'groups.support_line': (args, find, { uuid, clientTime, user }) => {
    const line = find(null, 'round_line', args.line)
    if (!line) return null
    return {
      scope: line.scope,
      kind: 'support',
      id: args.id ?? uuid,
      fields: {
        line: args.line,
        author: cardId(user, line.scope),
        word: args.word,
        text: args.text ?? '',
        written_at: clientTime,
      },
    }
  },
  'alumni.request_connection': (args, find, { clientTime, user }) => {
    const card = find(null, 'member_card', args.card) as { doc: any } | undefined
    if (!card) return null
    return {
      scope: `person:${user}`,
      kind: 'connection',
      id: args.id,
      fields: {
        card: args.card,
        alias: card.doc.alias,
        avatar: card.doc.avatar,
        programme_name: '',
        state: 'asked',
        asked_at: clientTime,
        answered_at: null,
        ended_at: null,
        pair: null,
      },
    }
  },
  'alumni.block_person': (args, find, { uuid, clientTime, user }) => {
    const card = find(null, 'member_card', args.card) as { doc: any } | undefined
    if (!card) return null
    const fields = { card: args.card, alias: card.doc.alias, since: clientTime }
    return { scope: `person:${user}`, kind: 'block', id: uuid, fields }
  },
  'alumni.decline_connection': settle('declined'),
  'alumni.end_connection': settle('ended'),
}
