import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calendarFile } from '../src/model/calendar.ts'
import { arrivalAt, coming, missedYesterday, nextOf, type Session, sessionsOf } from '../src/model/sessions.ts'

const NEW_YORK = 'America/New_York'
const SIX_PM = Date.parse('2026-11-19T23:00:00Z')
const HOUR = 3_600_000

type Appointments = Parameters<typeof sessionsOf>[0]
type Series = Parameters<typeof sessionsOf>[1]

const RULE = { kind: 'group', title: 'Evening group', rule: 'FREQ=DAILY', first_date: '2026-11-01', times: ['18:00'], slots: [0], time_zone: NEW_YORK, minutes: 180, place: 'Room 4', video_link: '', ended_on: null }
const series = [{ scope: 'group:1', kind: 'session_series', id: 'evening', seq: 1, pending: null, doc: RULE }] as unknown as Series

function appointment(day: string, changes: object = {}) {
  const starts = Date.parse(`${day}T23:00:00Z`)
  const times = { starts_at: new Date(starts).toISOString(), ends_at: new Date(starts + 3 * HOUR).toISOString() }
  const doc = { series: 'evening', local_date: day, slot: 0, kind: 'group', title: 'Evening group', ...times, time_zone: NEW_YORK, place: 'Room 4', video_link: '', status: 'booked', reason: '', ...changes }
  return { scope: 'group:1', kind: 'appointment', id: day, seq: 1, pending: null, doc }
}

const of = (...list: object[]): Session[] => sessionsOf(list as unknown as Appointments, series)

test('sessions come in order of time, and without those that were withdrawn', () => {
  const sessions = of(appointment('2026-11-20'), appointment('2026-11-18', { status: 'withdrawn' }), appointment('2026-11-19'))
  assert.deepEqual(sessions.map(({ id }) => id), ['2026-11-19', '2026-11-20'])
})

test('sessions that are over are left out', () => {
  const list = [appointment('2026-11-18'), appointment('2026-11-19')] as unknown as Appointments
  assert.deepEqual(sessionsOf(list, series, SIX_PM).map(({ id }) => id), ['2026-11-19'])
})

test('a session as it is on the timetable has not changed', () => {
  const [one] = of(appointment('2026-11-19'), appointment('2026-11-20'))
  assert.equal(one!.otherPlace, false)
  assert.equal(one!.movedFrom, null)
})

test('another room and another time are seen', () => {
  const [one] = of(appointment('2026-11-19', { place: 'Room 2', starts_at: '2026-11-20T00:30:00Z' }), appointment('2026-11-20'))
  assert.equal(one!.otherPlace, true)
  assert.deepEqual(one!.movedFrom, ['2026-11-19', '18:00'])
})

test('a session moved to the next day is moved, at the same hour too', () => {
  const [one] = of(appointment('2026-11-19', { starts_at: '2026-11-20T23:00:00Z' }), appointment('2026-11-21'))
  assert.deepEqual(one!.movedFrom, ['2026-11-19', '18:00'])
})

test('before a change of the whole series the sessions are not called changed', () => {
  const [one, other] = of(appointment('2026-11-19', { place: 'Room 9', starts_at: '2026-11-19T22:00:00Z' }), appointment('2026-11-20', { place: 'Room 9', starts_at: '2026-11-20T22:00:00Z' }))
  assert.equal(one!.otherPlace, false)
  assert.equal(one!.movedFrom, null)
  assert.equal(other!.movedFrom, null)
})

test('the night of the clock change keeps the hour on the wall', () => {
  // On November 1, 2026 clocks in New York go back from EDT to EST.
  const [before, after] = of(appointment('2026-10-31', { starts_at: '2026-10-31T22:00:00Z' }), appointment('2026-11-01', { starts_at: '2026-11-01T23:00:00Z' }))
  assert.equal(before!.movedFrom, null)
  assert.equal(after!.movedFrom, null)
})

test('the next session is one that takes place; one that is off before it is named', () => {
  const sessions = of(appointment('2026-11-19', { status: 'cancelled' }), appointment('2026-11-20'))
  const { next, off } = nextOf(sessions, SIX_PM - HOUR)
  assert.equal(next!.id, '2026-11-20')
  assert.equal(off!.id, '2026-11-19')
})

test('one that is off after the next session is not news yet', () => {
  const sessions = of(appointment('2026-11-19'), appointment('2026-11-20', { status: 'cancelled' }))
  assert.equal(nextOf(sessions, SIX_PM - HOUR).off, null)
})

test('a session is next until it ends', () => {
  const sessions = of(appointment('2026-11-19'))
  assert.equal(nextOf(sessions, SIX_PM + 3 * HOUR - 1).next!.id, '2026-11-19')
  assert.equal(nextOf(sessions, SIX_PM + 3 * HOUR).next, null)
  assert.equal(coming(sessions, SIX_PM + 3 * HOUR).length, 0)
})

test('I can say that I am here from one hour before until the end', () => {
  const [one] = of(appointment('2026-11-19'))
  const at = (now: number) => arrivalAt(one!, [], [], now)
  assert.equal(at(SIX_PM - HOUR - 1), 'closed')
  assert.equal(at(SIX_PM - HOUR), 'open')
  assert.equal(at(SIX_PM + 3 * HOUR), 'open')
  assert.equal(at(SIX_PM + 3 * HOUR + 1), 'closed')
})

test('what I said shows at once, and then what my team made of it', () => {
  const [one] = of(appointment('2026-11-19'))
  const report = (state: string) => [{ doc: { appointment_id: one!.id, state } }] as unknown as Parameters<typeof arrivalAt>[1]
  assert.equal(arrivalAt(one!, [], [one!.id], SIX_PM), 'said')
  assert.equal(arrivalAt(one!, report('waiting'), [], SIX_PM), 'said')
  assert.equal(arrivalAt(one!, report('confirmed'), [], SIX_PM), 'confirmed')
  assert.equal(arrivalAt(one!, report('declined'), [one!.id], SIX_PM), 'declined')
})

test('a cancelled session takes no arrivals', () => {
  const [one] = of(appointment('2026-11-19', { status: 'cancelled' }))
  assert.equal(arrivalAt(one!, [], [], SIX_PM), 'closed')
})

test('only a missed session of yesterday is asked about', () => {
  const entry = (status: string, starts_at: string) => ({ doc: { status, starts_at } })
  const find = (...list: object[]) => missedYesterday(list as unknown as Parameters<typeof missedYesterday>[0], Date.parse('2026-11-20T13:00:00Z'), NEW_YORK)
  const yesterday = entry('absent', '2026-11-19T23:00:00Z')
  assert.equal(find(entry('absent', '2026-11-18T23:00:00Z'), yesterday), yesterday)
  assert.equal(find(entry('excused', '2026-11-19T23:00:00Z')), null)
  // 11 PM on the 18th in New York is already the 19th in UTC.
  assert.equal(find(entry('absent', '2026-11-19T04:00:00Z')), null)
})

test('the calendar learns a time, and nothing else', () => {
  const file = calendarFile(of(appointment('2026-11-19'), appointment('2026-11-20')), 'Appointment', SIX_PM)
  assert.equal(file.match(/BEGIN:VEVENT/g)?.length, 2)
  assert.match(file, /\r\nDTSTART:20261119T230000Z\r\nDTEND:20261120T020000Z\r\nSUMMARY:Appointment\r\n/)
  assert.doesNotMatch(file, /group|Room/i)
})
