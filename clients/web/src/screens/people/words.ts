import type { Mutation, Status } from 'handrail'
import type { Duty } from '../../model/duty.ts'
import { reasonOf } from '../../model/acts.ts'
import { dutyWords } from '../help/duty_words.ts'
import { counted, listed, t, wallClock } from '../../text/text.ts'
import { asOfWords } from '../../shell/status_line.tsx'

/** Why something was not sent, in the person's language. The server's own title is English. */
export function reason(act: Mutation): string {
  return t(`refusal.${reasonOf(act) ?? 'other'}`)
}

/** "0:42" */
export function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Who sees what is written, beside the box. */
export function audience(stem: 'thread.see' | 'round.who', others: number, leaders: readonly string[]): string {
  const who = [...(others > 0 ? [counted('audience.others', others)] : []), ...leaders]
  return who.length ? counted(stem, others + leaders.length, { who: listed(who) }) : t('audience.none')
}

/** When the team reads, as far as the programme says. */
export function reads(duty: Duty | null, leaders: readonly string[]): string {
  if (duty?.here && duty.until && leaders.length) {
    return t('thread.reads_until', { leaders: listed(leaders), time: wallClock(duty.until) })
  }
  return duty ? `${dutyWords(duty)}.`.replace(/\.\.$/, '.') : t('thread.right_now')
}

/** "As of 8:10 AM", under what others could have changed since then. */
export function asOf(status: Status | null): string | null {
  return status?.network !== 'offline' || status.lastSynced === null ? null : asOfWords(status.lastSynced)
}
