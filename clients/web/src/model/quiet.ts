/** Acts that the app does by itself: they are no things of the person's. */

import type { Mutation } from 'handrail'

export const QUIET = ['alumni.mark_read', 'groups.mark_read'] as const

/** Only what the person did. */
export function things<M extends Pick<Mutation, 'action'>>(mutations: readonly M[]): M[] {
  return mutations.filter(({ action }) => !(QUIET as readonly string[]).includes(action))
}
