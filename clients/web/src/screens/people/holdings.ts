import { effect } from '@preact/signals'
import type { Entry, Mutation } from 'handrail'
import { unreadInAll, type Holdings } from '../../model/conversations.ts'
import { entries, phone, status, unread } from '../../phone.ts'

/** What People is made of, as the phone has it now. */
export function holdings(): Holdings {
  return {
    user: status.value?.user ?? '',
    groups: entries('group'),
    pairs: entries('pair'),
    cards: entries('member_card'),
    messages: entries('message'),
    rounds: entries('round'),
    markers: entries('read_marker'),
    blocks: entries('block'),
    connections: entries('connection'),
    outbox: phone().outbox(),
    notSent: phone().notSent(),
    loading: status.value?.loading ?? [],
  }
}

/** The count on the tab follows whatever is read, here or on another phone. */
effect(() => {
  unread.value = status.value?.screen === 'open' ? unreadInAll(holdings()) : 0
})

/** Send again what was refused, as a new act with the same words and files. The old one goes only
 *  when the new one is kept. Throws `StorageFull`. */
export async function sendAgain(act: Mutation, changes: Record<string, unknown> = {}): Promise<void> {
  const { attachments = [], ...args } = act.args as { attachments?: string[] } & Record<string, any>
  const scope = args.group !== undefined ? `group:${args.group}` : `pair:${args.pair}`
  const files = []
  for (const sha256 of attachments) files.push({ scope, bytes: await ownFile(scope, sha256) })
  const id = args.id === undefined ? {} : { id: phone().newId() }
  await phone().act(act.action as 'groups.post_message', { ...args, ...id, ...changes } as any, { files })
  await phone().dismiss(act.uuid)
}

/** A file that this phone wanted to send: its bytes lie here. */
export function ownFile(scope: string, sha256: string): Promise<Uint8Array> {
  const entry: Entry = { scope, kind: 'message', id: '', seq: null, pending: null, doc: { attachments: [{ sha256 }] } }
  return phone().file(entry, sha256)
}
