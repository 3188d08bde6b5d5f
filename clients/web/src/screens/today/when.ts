import { dayOf, daysBetween } from '../../model/days.ts'
import { clock, day, dayWithin, language, t, weekday } from '../../text/text.ts'

/** "Today", "Tomorrow", "Monday"; a week or more away with its date. */
export function nearDay(at: number, now: number, zone?: string): string {
  const days = daysBetween(dayOf(now, zone), dayOf(at, zone))
  if (days === 0) return t('session.today')
  if (days === 1) return t('session.tomorrow')
  if (days === -1) return t('session.yesterday')
  return days > 1 && days < 7 ? weekday(at, zone) : day(at, zone)
}

/** "Today, 6:00 PM" */
export function near(at: number, now: number, zone?: string): string {
  return `${nearDay(at, now, zone)}, ${clock(at, zone)}`
}

/** The same inside a sentence: "today, 6:00 PM". */
export function nearWithin(at: number, now: number, zone?: string): string {
  const words = near(at, now, zone)
  const isName = language.value === 'en' && Math.abs(daysBetween(dayOf(now, zone), dayOf(at, zone))) > 1
  return isName ? words : words.charAt(0).toLowerCase() + words.slice(1)
}

/** The heading over the next session: "Next, today". */
export function nextTitle(at: number, now: number, zone?: string): string {
  const days = daysBetween(dayOf(now, zone), dayOf(at, zone))
  if (days <= 0) return t('session.next_today')
  return days === 1 ? t('session.next_tomorrow') : t('session.next_on', { day: dayWithin(at, zone) })
}
