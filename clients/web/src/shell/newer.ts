/** A newer version of the app that waits. It takes over when the person says so, or by itself at the
 *  next start. */

import { signal } from '@preact/signals'
import * as offline from '../offline.ts'
import { phone, status } from '../phone.ts'

export const isWaiting = signal(false)
/** The person has put the offer away. */
export const isPutAway = signal(false)

/** Load it once everything that was kept is on the disk: the page starts again. */
export async function useNewer(): Promise<void> {
  if (status.peek()) await phone().store.settled()
  await offline.useNewer()
}
