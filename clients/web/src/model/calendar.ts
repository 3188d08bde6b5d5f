import type { Session } from './sessions.ts'

/** For a calendar that other people see: no name of a group, no place. */
export function calendarFile(sessions: readonly Session[], title: string, now: number): string {
  const stamp = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const events = sessions.flatMap(({ id, starts, ends }) => [
    'BEGIN:VEVENT',
    `UID:${id}`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(starts)}`,
    `DTEND:${stamp(ends)}`,
    `SUMMARY:${title}`,
    'END:VEVENT',
  ])
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//notes//EN', ...events, 'END:VCALENDAR']
  return lines.join('\r\n') + '\r\n'
}
