import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dutyAt } from '../src/model/duty.ts'

type Hours = Parameters<typeof dutyAt>[1]
type Days = Hours[number]['days']

const WEEKDAYS: Days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const EVERY_DAY: Days = ['sunday', ...WEEKDAYS, 'saturday']
const OFFICE = [span(WEEKDAYS, '13:00', '18:00'), span(WEEKDAYS, '08:00', '12:00')]

function span(days: Days, from: string, to: string): Hours[number] {
  return { days, from, to }
}

function duty(now: string, hours: Hours) {
  return dutyAt(Date.parse(now), hours, 'America/New_York')
}

for (const [now, expected] of [
  ['2026-11-19T13:00:00Z', { here: true, until: '12:00' }],
  ['2026-11-19T17:00:00Z', { here: false, in: 0, weekday: 4, at: '13:00' }],
  ['2026-11-19T22:59:00Z', { here: true, until: '18:00' }],
  ['2026-11-19T23:00:00Z', { here: false, in: 1, weekday: 5, at: '08:00' }],
  // Friday evening, and in London already Saturday.
  ['2026-11-21T02:00:00Z', { here: false, in: 3, weekday: 1, at: '08:00' }],
  // The hour of the clock, on both sides of the autumn change.
  ['2026-10-30T12:00:00Z', { here: true, until: '12:00' }],
  ['2026-11-02T12:00:00Z', { here: false, in: 0, weekday: 1, at: '08:00' }],
] as const) {
  test(`Help says whether the team is there, or when it is back: ${now}`, () => {
    assert.deepEqual(duty(now, OFFICE), expected)
  })
}

const AROUND_MIDNIGHT = [span(['saturday'], '23:00', '02:00')]
for (const [now, hours, until] of [
  ['2026-11-19T04:00:00Z', [span(EVERY_DAY, '20:00', '06:00')], '06:00'],
  ['2026-11-22T04:30:00Z', AROUND_MIDNIGHT, '02:00'],
  // From one week into the next.
  ['2026-11-22T06:30:00Z', AROUND_MIDNIGHT, '02:00'],
  ['2026-11-19T13:00:00Z', [span(EVERY_DAY, '12:00', '18:00'), span(EVERY_DAY, '08:00', '12:00')], '18:00'],
  ['2026-11-19T13:00:00Z', [span(EVERY_DAY, '00:00', '12:00'), span(EVERY_DAY, '12:00', '00:00')], null],
] as const) {
  test(`hours may pass midnight and follow one another: ${now}, until ${until}`, () => {
    assert.deepEqual(duty(now, [...hours]), { here: true, until })
  })
}

test('a programme without hours says nothing', () => {
  assert.equal(duty('2026-11-19T13:00:00Z', []), null)
})

test('hours once a week come again in a week', () => {
  const once = [span(['thursday'], '08:00', '09:00')]
  assert.deepEqual(duty('2026-11-19T20:00:00Z', once), { here: false, in: 7, weekday: 4, at: '08:00' })
})
