import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cardId, idOf } from '../src/model/ids.ts'
import { firstFour, isAway, needsYou, newestNews, newLevel, nextTool, unreadMessage } from '../src/model/today.ts'
import { lineNow } from '../src/model/team.ts'
import { weekAt } from '../src/model/week.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-19T13:00:00Z')
const any = <T>(value: unknown) => value as T

test('there are at most four cards, in the fixed order', () => {
  const all = { news: true, wrote: true, tool: true, check_in: true, next: true, lapse: true, needs_you: true }
  assert.deepEqual([...firstFour(all)], ['needs_you', 'lapse', 'next', 'check_in'])
  assert.deepEqual([...firstFour({ news: true, next: false })], ['news'])
})

test('only a conflict needs the person', () => {
  const refused = (code: string) => any<Parameters<typeof needsYou>[0]>([{ result: { status: 'rejected', code } }])
  assert.equal(needsYou(refused('conflict')), true)
  assert.equal(needsYou(refused('not_allowed')), false)
})

test('two weeks away is away, and a new phone knows it by the last check-in', () => {
  assert.equal(isAway(NOW - 13 * DAY, [], NOW), false)
  assert.equal(isAway(NOW - 14 * DAY, [], NOW), true)
  assert.equal(isAway(undefined, ['2026-11-01', '2026-10-20'], NOW), true)
  assert.equal(isAway(undefined, [], NOW), false)
})

test('a change of level is news for a week, until it was seen', () => {
  const changes = any<Parameters<typeof newLevel>[0]>([{ id: 'a', doc: { recorded_at: '2026-11-18T10:00:00Z' } }])
  assert.equal(newLevel(changes, [], NOW)?.id, 'a')
  assert.equal(newLevel(changes, ['a'], NOW), null)
  assert.equal(newLevel(changes, [], NOW + 7 * DAY), null)
})

test('the tool that is planned first comes first, and none that was tried or withdrawn', () => {
  const given = (id: string, due_on: string | null, withdrawn_at: string | null = null) => ({ id, doc: { due_on, withdrawn_at } })
  const all = any<Parameters<typeof nextTool>[0]>([given('a', null), given('b', '2026-11-21'), given('c', '2026-11-20'), given('d', '2026-11-19', 'x')])
  assert.equal(nextTool(all, [])?.id, 'c')
  assert.equal(nextTool(all, any([{ doc: { assignment: 'c' } }]))?.id, 'b')
})

test('the newest message of another person that was not read', () => {
  const me = '01a2002e-dd22-7544-be10-b6eadff8dc91'
  const scope = 'group:01a2002e-dd22-7544-be10-b6eadff8dc92'
  const said = (id: string, author: string, seq: number, hour: number) => ({ id, scope, seq, doc: { author, withdrawn_at: null, received_at: `2026-11-19T0${hour}:00:00Z` } })
  const threads = any<Parameters<typeof unreadMessage>[0]>([[], [said('1', 'lee', 5, 1), said('2', 'lee', 6, 2), said('3', cardId(me, scope), 7, 3)]])
  const read = (seq: number) => any<Parameters<typeof unreadMessage>[1]>([{ doc: { scope: idOf(scope), seq } }])
  assert.equal(unreadMessage(threads, [], me)?.id, '2')
  assert.equal(unreadMessage(threads, read(5), me)?.id, '2')
  assert.equal(unreadMessage(threads, read(6), me), null)
  // What was edited comes later in the server's order, and is no newer for it.
  assert.equal(unreadMessage(any([[said('2', 'lee', 6, 2), said('1', 'lee', 8, 1)]]), [], me)?.id, '2')
})

test('news that was put away does not come back', () => {
  const items = any<Parameters<typeof newestNews>[0]>([{ id: 'a', doc: { received_at: '2026-11-18T10:00:00Z' } }, { id: 'b', doc: { received_at: '2026-11-19T10:00:00Z' } }])
  assert.equal(newestNews(items, [])?.id, 'b')
  assert.equal(newestNews(items, ['b'])?.id, 'a')
})

test('the front desk while staff are there, else the line of the programme', () => {
  const programme = any<Parameters<typeof lineNow>[0]>({
    time_zone: 'America/New_York',
    staffed_hours: [{ days: ['thursday'], from: '08:00', to: '20:00' }],
    contacts: { front_desk: { number: '555-0141' } },
    helplines: [{ kind: 'crisis', number: '988', hours: '24/7' }, { kind: 'programme', number: '555-0140', hours: '6 AM to 10 PM' }],
  })
  assert.deepEqual(lineNow(programme, NOW), { number: '555-0141', until: '20:00' })
  // It need not be open day and night.
  assert.deepEqual(lineNow(programme, NOW + 12 * 3_600_000), { number: '555-0140', hours: '6 AM to 10 PM' })
})

test('hours are those of this week, to the half hour; none agreed is no ring', () => {
  const week = (doc: object) => any<Parameters<typeof weekAt>[1]>([{ doc: { week_start: '2026-11-16', week_end: '2026-11-22', minutes_done: 379, minutes_target: 540, ...doc } }])
  assert.deepEqual(weekAt('2026-11-22', week({}), [], NOW), { done: 6, target: 9, left: 0 })
  assert.equal(weekAt('2026-11-23', week({}), [], NOW), null)
  assert.equal(weekAt('2026-11-22', week({ minutes_target: 0 }), [], NOW), null)
})
