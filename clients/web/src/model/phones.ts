/** The phones and browsers on which a person is signed in. */

import type { EntryOf } from 'handrail'
import { DAY_MS } from './days.ts'

export interface Device {
  id: string
  name: string
  since: number
  ended: number | null
  why: string
  /** It has been ordered to erase what it holds. */
  erases: boolean
  /** When it said that it had. */
  erased: number | null
  pushesStopped: boolean
}

/** Ended ones are shown for so long. */
const SHOWN_MS = 90 * DAY_MS

export function devicesOf(sessions: readonly EntryOf<'device_session'>[]): Device[] {
  return sessions
    .map(({ id, doc }): Device => {
      const { name, created_at, revoked_at, revoked_why, wipe_requested_at, wipe_acked_at, pushes_stopped_at } = doc
      return {
        id,
        name,
        since: Date.parse(created_at),
        ended: at(revoked_at),
        why: revoked_why,
        erases: wipe_requested_at !== null,
        erased: at(wipe_acked_at),
        // An older server does not say it.
        pushesStopped: Boolean(pushes_stopped_at),
      }
    })
    .sort((one, other) => other.since - one.since)
}

/** This one, the others that are signed in, and those that were signed out of late.
 *  `own`: the id of this phone's session. */
export function sorted(devices: readonly Device[], own: string | null, now: number) {
  const open = devices.filter(({ ended }) => ended === null)
  return {
    mine: open.find(({ id }) => id === own) ?? null,
    others: open.filter(({ id }) => id !== own),
    ended: devices.filter(({ ended }) => ended !== null && now - ended < SHOWN_MS),
  }
}

function at(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}
