import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answersOf, changesFrom, draftOf, isAnswered, isHard, type Own, replyTo, saysMore, silenceBefore, stepsOf, withTick } from '../src/model/check_in.ts'
import { isAfterLapse, slotAt } from '../src/model/due.ts'
import { dayOf, daysBetween, isDay, later, wallTime } from '../src/model/days.ts'
import { TODAY_OVERLAYS } from '../src/model/today_overlays.ts'
import { checkInId } from '../src/model/ids.ts'

type Asked = Parameters<typeof stepsOf>[0]
type Doc = Parameters<typeof answersOf>[0]

const ALL: Asked['questions'] = ['success', 'mood', 'craving_now', 'craving_worst', 'sleep_hours', 'sleep_quality', 'halt', 'medication', 'used', 'plan']
const once: Asked = { slots: ['day'], questions: ALL }
const twice: Asked = { slots: ['morning', 'evening'], questions: ALL }
const plain = { slot: 'day', askUse: true, silence: 1 } as const
const EMPTY = { success: null, success_shared: false, mood: null, craving_now: null, craving_worst: null, sleep_hours: null, sleep_quality: null, halt: null, medication: null, used: null, used_what: null, plan: null, gap_reason: null } as unknown as Doc

test('everything the programme asks is asked once, the plan last', () => {
  assert.deepEqual(stepsOf(once, plain), ['success', 'mood', 'craving_now', 'craving_worst', 'sleep', 'halt', 'medication', 'used', 'last'])
})

test('what the programme does not ask, and what the person switched off, is not asked', () => {
  assert.deepEqual(stepsOf({ slots: ['day'], questions: ['mood', 'sleep_quality', 'used'] }, { ...plain, askUse: false }), ['mood', 'sleep', 'last'])
})

test('after four days of silence one may say why', () => {
  assert.ok(!stepsOf(once, { ...plain, silence: 3 }).includes('gap'))
  assert.ok(stepsOf(once, { ...plain, silence: 4 }).includes('gap'))
  assert.ok(!stepsOf(once, { ...plain, silence: null }).includes('gap'))
})

test('with two check-ins a day nothing about the night is asked in the evening', () => {
  assert.ok(!stepsOf(twice, { ...plain, slot: 'evening' }).includes('sleep'))
  assert.ok(!stepsOf(twice, { ...plain, slot: 'morning' }).includes('used'))
})

test('the slot follows the hour', () => {
  assert.equal(slotAt(once, 20), 'day')
  assert.equal(slotAt(twice, 9), 'morning')
  assert.equal(slotAt(twice, 20), 'evening')
  assert.equal(slotAt({ slots: ['evening'], questions: ALL }, 9), 'evening')
})

test('only answers that are new are sent; hours as the server wants them', () => {
  assert.deepEqual(changesFrom(null, { mood: 3, craving_now: 0, used: false, sleep_hours: 6, success: '' }), { mood: 3, craving_now: 0, used: false, sleep_hours: '6' })
  const before = { ...EMPTY, mood: 3, halt: ['tired'], plan: 'Walk' } as Doc
  assert.deepEqual(changesFrom(before, { mood: 3, halt: ['tired'] }), {})
  assert.deepEqual(changesFrom(before, { ...answersOf(before), mood: 4, plan: '' }), { mood: 4, plan: null })
})

test('what was written about use is not sent with a no', () => {
  assert.deepEqual(changesFrom(null, { used: false, used_what: 'Two beers' }), { used: false })
  const before = { ...EMPTY, used: true, used_what: 'Two beers' } as Doc
  assert.deepEqual(changesFrom(before, { ...answersOf(before), used: false }), { used: false, used_what: null })
  assert.deepEqual(changesFrom(before, { mood: 4 }), { mood: 4 })
})

test('a draft has only what is answered now, and none is left of words that were deleted', () => {
  assert.deepEqual(draftOf('mood', 'success', {}, { mood: 3 }), { step: 'mood', answers: {} })
  assert.deepEqual(draftOf('success', 'success', { success: 'I slept.' }, {}), { step: 'success', answers: { success: 'I slept.' } })
  assert.equal(draftOf('success', 'success', { success: '' }, {}), null)
  assert.deepEqual(draftOf('success', 'success', { success: '' }, { success: 'I slept.' }), { step: 'success', answers: { success: '' } })
})

test('with the last tick gone nothing is answered, which is not the same as none of these', () => {
  assert.deepEqual(withTick(null, 'tired', true), ['tired'])
  assert.deepEqual(withTick([], 'hungry', true), ['hungry'])
  assert.deepEqual(withTick(['hungry', 'tired'], 'hungry', false), ['tired'])
  assert.equal(withTick(['tired'], 'tired', false), null)
})

test('an address may hold what is no day', () => {
  assert.ok(isDay('2026-02-28'))
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', 'start']) assert.ok(!isDay(text), text)
})

test('nothing answered is nothing to send; no urge and no use are answers', () => {
  assert.equal(isAnswered({ success: '', plan: '' }), false)
  assert.equal(isAnswered({ craving_now: 0 }), true)
  assert.equal(isAnswered({ halt: [] }), true)
})

test('an urge of 7, or use, leads to the offer', () => {
  assert.equal(isHard({ craving_now: 6, used: false }), false)
  assert.equal(isHard({ craving_now: 7 }), true)
  assert.equal(isHard({ used: true }), true)
})

test('the reply speaks of the hardest answer first', () => {
  assert.equal(replyTo({ used: true, craving_now: 9, plan: 'Walk' }), 'used')
  assert.equal(replyTo({ craving_now: 9, plan: 'Walk' }), 'urge_plan')
  assert.equal(replyTo({ craving_now: 9 }), 'urge')
  assert.equal(replyTo({ mood: 1, success: 'I slept.' }), 'low')
  assert.equal(replyTo({ halt: ['tired'], success: 'I slept.' }), 'halt')
  assert.equal(replyTo({ success: 'I slept.' }), 'success')
  assert.equal(replyTo({ mood: 4 }), 'thanks')
  assert.equal(replyTo({}), 'nothing')
})

test('silence is counted from the last check-in before the day', () => {
  assert.equal(silenceBefore('2026-11-19', ['2026-11-10', '2026-11-14', '2026-11-20']), 5)
  assert.equal(silenceBefore('2026-11-19', []), null)
})

test('use counts for 72 hours, also when only this phone knows it', () => {
  const at = Date.parse('2026-11-19T12:00:00Z')
  const sent = [{ doc: { used: true, recorded_at: '2026-11-19T12:00:00Z' } }] as unknown as Parameters<typeof isAfterLapse>[0]
  assert.equal(isAfterLapse(sent, [], at + 72 * 3_600_000 - 1), true)
  assert.equal(isAfterLapse(sent, [], at + 72 * 3_600_000), false)
  const own: Own[] = [{ day: '2026-11-19', slot: 'day', answers: { used: true }, at: at }]
  assert.equal(isAfterLapse([], own, at + 1), true)
  assert.equal(isAfterLapse([], [{ ...own[0]!, answers: { used: false } }], at + 1), false)
})

test('days are those of the wall, on the night of the clock change too', () => {
  const NEW_YORK = 'America/New_York'
  assert.equal(dayOf(Date.parse('2026-11-20T04:59:00Z'), NEW_YORK), '2026-11-19')
  assert.deepEqual(wallTime(Date.parse('2026-11-20T05:00:00Z'), NEW_YORK), ['2026-11-20', '00:00'])
  assert.equal(later('2026-10-31', 2), '2026-11-02')
  assert.equal(daysBetween('2026-10-31', '2026-11-02'), 2)
})

test('a check-in that waits is shown at once, over what was saved before', () => {
  const record = '01a2002e-dd22-7544-be10-b6eadff8dc91'
  const project = TODAY_OVERLAYS['practice.record_check_in']!
  const act = { uuid: 'u', clientTime: '2026-11-19T13:00:00Z', user: 'me' }
  const args = { record, local_date: '2026-11-19', slot: 'day', time_zone: 'UTC', mood: 4, sleep_hours: '6' } as const
  const fresh = project(args, () => undefined, act) as { scope: string; id: string; fields: Record<string, unknown> }
  assert.equal(fresh.scope, `care:${record}`)
  assert.equal(fresh.id, checkInId(record, '2026-11-19', 'day'))
  assert.equal(fresh.fields.mood, 4)
  assert.equal(fresh.fields.sleep_hours, 6)
  assert.equal(fresh.fields.plan, null)
  const over = project(args, () => ({ doc: { plan: 'Walk', signed_at: null } }) as never, act) as typeof fresh
  assert.ok(!('plan' in over.fields))
  assert.equal(project(args, () => ({ doc: { signed_at: '2026-11-19T12:00:00Z' } }) as never, act), null)
})

test('only what I have not saved counts as begun', () => {
  assert.ok(saysMore({ plan: 'Ring Dee' }, {}))
  assert.ok(saysMore({ plan: null }, { plan: 'Ring Dee' }))
  assert.ok(!saysMore({ plan: 'Ring Dee' }, { plan: 'Ring Dee', mood: 2 }))
  assert.ok(!saysMore({ success: '' }, {}))
})
