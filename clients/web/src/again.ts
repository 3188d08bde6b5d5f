/** Sends again what was refused or taken back. */

import type { Action, Entry, Mutation } from 'handrail'
import { again, baseOf, filesOf } from './model/acts.ts'
import { scopeOf } from './model/messages.ts'
import { phone } from './phone.ts'

export interface File {
  scope: string
  bytes: Uint8Array
}

/** As a new act: with other words, with its files, and on top of what the person had seen. The old one
 *  goes only when the new one is kept. Throws `StorageFull`. */
export async function sendAgain(
  act: Mutation,
  changes: Mutation['args'] = {},
  { files, base = baseOf(act) }: { files?: readonly File[]; base?: readonly Entry[] } = {},
): Promise<void> {
  const how = { files: files ?? (await readFiles(act)), base, urgent: act.lane === 'urgent' }
  await phone().act(act.action as Action, again(act, changes) as never, how)
  await phone().dismiss(act.uuid)
}

/** They lie on this phone as long as the act does. */
export async function readFiles(act: Mutation): Promise<File[]> {
  const scope = scopeOf(act)
  if (scope === null || filesOf(act) !== 'kept') return []
  const files = []
  for (const sha256 of act.args.attachments as string[]) files.push({ scope, bytes: await ownFile(scope, sha256) })
  return files
}

/** A file that this phone wanted to send: its bytes lie here. */
export function ownFile(scope: string, sha256: string): Promise<Uint8Array> {
  const entry: Entry = { scope, kind: 'message', id: '', seq: null, pending: null, doc: { attachments: [{ sha256 }] } }
  return phone().file(entry, sha256)
}
