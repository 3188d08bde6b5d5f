import { calendarFile } from '../model/calendar.ts'
import type { Session } from '../model/sessions.ts'
import { t } from '../text/text.ts'

/** Hand sessions to the phone's own calendar, as a file with a name that says nothing. */
export function saveToCalendar(sessions: readonly Session[], now: number): void {
  const file = new Blob([calendarFile(sessions, t('session.add_title'), now)], { type: 'text/calendar' })
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = 'appointment.ics'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
