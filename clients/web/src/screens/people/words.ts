import type { Mutation, Status } from 'handrail'
import type { Duty } from '../../model/duty.ts'
import { reasonOf } from '../../model/acts.ts'
import { dutyWords } from '../help/duty_words.ts'
import { clock, counted, language, moment, t, wallClock } from '../../text/text.ts'

const UNREADABLE = ['not_understood', 'too_many_pixels']

/** Why something was not sent, in the person's language. The server's own title is English. */
export function reason(act: Mutation): string {
  if (UNREADABLE.includes(String(act.result?.code))) return t('thread.unreadable')
  return t(`refusal.${reasonOf(act) ?? 'other'}`)
}

/** "Noor", "Noor and Ines" */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat(language.value, { style: 'long', type: 'conjunction' }).format(names)
}

/** "120 KB", "1.2 MB" */
export function size(bytes: number): string {
  const [value, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1000)), 'KB'] : [bytes / 1e6, 'MB']
  return `${new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 }).format(value)}\u00a0${unit}`
}

/** "0:42" */
export function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Who sees what is written, beside the box. */
export function audience(stem: 'thread.see' | 'round.who', others: number, leaders: readonly string[]): string {
  if (stem === 'thread.see' && leaders.length === 0) return counted('thread.see_alone', others)
  return counted(stem, others, { leaders: list(leaders) })
}

/** When the team reads; null where the programme does not say. */
export function reads(duty: Duty | null, leaders: readonly string[]): string {
  if (duty?.here && duty.until && leaders.length) {
    return t('thread.reads_until', { leaders: list(leaders), time: wallClock(duty.until) })
  }
  return duty ? `${dutyWords(duty)}.`.replace(/\.\.$/, '.') : t('thread.right_now')
}

/** "As of 8:10 AM", under what others could have changed since then. */
export function asOf(status: Status | null): string | null {
  if (status?.network !== 'offline' || status.lastSynced === null) return null
  const at = status.lastSynced
  const isToday = new Date(at).toDateString() === new Date().toDateString()
  return t('status.as_of', { time: isToday ? clock(at) : moment(at) })
}
