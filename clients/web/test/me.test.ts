import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, baseOf, filesOf, inConflict, reasonOf, wordsOf, wayOf, written } from '../src/model/acts.ts'
import { things } from '../src/model/quiet.ts'
import { devicesOf, sorted } from '../src/model/phones.ts'
import { choicesOf, comingReminders, differing, halfHours, isFull, toggled, wishesOf } from '../src/model/reminders.ts'
import { endOf, sharedBefore, sharedNow } from '../src/model/sharing.ts'
import { chapterAt, storyOf, weeksInCare } from '../src/model/story.ts'
import { enoughWith, plannedIn, weeksBefore } from '../src/model/planned.ts'

const NOW = Date.parse('2026-11-19T13:00:00Z')
const HOUR = 3_600_000
const TODAY = '2026-11-19'
const any = <T>(value: unknown) => value as T
const entry = (id: string, doc: object, pending: string | null = null) => ({ id, scope: 'care:1', seq: 1, pending, doc })

// The week

const WEEK = { week_start: '2026-11-16', week_end: '2026-11-22' }
const attended = (id: string, status: string, starts_at: string, credited_minutes = 180) =>
  entry(id, { appointment_id: id, title: 'Group', status, starts_at, credited_minutes, week_start: '2026-11-16' })
const session = (id: string, day: string, starts: number, changes: object = {}) =>
  ({ id, scope: 'group:1', title: 'Group', starts, ends: starts + 3 * HOUR, zone: 'UTC', day, place: 'Room 4', cancelled: false, ...changes })
const planned = (attendance: object[], sessions: object[]) =>
  plannedIn(WEEK, any(attendance), any(sessions), NOW, 'UTC')

test('a week has what was attended and what comes, in order, each session once', () => {
  const days = planned(
    [attended('a', 'present', '2026-11-16T18:00:00Z'), attended('old', 'present', '2026-11-09T18:00:00Z')].map((each) =>
      each.id === 'old' ? { ...each, doc: { ...each.doc, week_start: '2026-11-09' } } : each,
    ),
    [
      session('c', '2026-11-20', NOW + 20 * HOUR),
      session('a', '2026-11-16', NOW - 70 * HOUR),
      session('b', '2026-11-19', NOW - HOUR),
      session('gone', '2026-11-20', NOW + 22 * HOUR, { cancelled: true }),
      session('next week', '2026-11-23', NOW + 100 * HOUR),
      session('over', '2026-11-18', NOW - 20 * HOUR),
    ],
  )
  assert.deepEqual(days.map(({ id, went }) => [id, went]), [['a', 'present'], ['over', 'open'], ['b', 'now'], ['c', 'coming']])
})

test('the session that makes it enough counts only what still comes', () => {
  const days = planned([attended('a', 'absent', '2026-11-16T18:00:00Z', 0)], [session('b', '2026-11-20', NOW + HOUR), session('c', '2026-11-21', NOW + 30 * HOUR)])
  assert.equal(enoughWith(180, days)?.id, 'b')
  assert.equal(enoughWith(181, days)?.id, 'c')
  assert.equal(enoughWith(361, days), null)
  assert.equal(enoughWith(0, days), null)
})

test('weeks before are over, and had hours', () => {
  const week = (week_start: string, week_end: string, minutes_target = 540) => entry(week_start, { week_start, week_end, minutes_target })
  const all = [week('2026-11-02', '2026-11-08'), week('2026-11-16', '2026-11-22'), week('2026-11-09', '2026-11-15'), week('2026-10-26', '2026-11-01', 0)]
  assert.deepEqual(weeksBefore(TODAY, any(all)).map((each) => each.week_start), ['2026-11-09', '2026-11-02'])
})

// The story

const STORY = storyOf(
  any([entry('first', { started_on: '2026-01-05', ended_on: '2026-02-02' }), entry('second', { started_on: '2026-11-02', ended_on: null })]),
  any(
    [['a', 'first', 'iop', '2026-01-05'], ['b', 'second', 'php', '2026-11-02'], ['c', 'second', 'iop', '2026-11-16'], ['d', 'second', 'op', '2026-11-30']].map(
      ([id, episode, level, from_date]) => entry(id!, { episode, level, from_date, minutes_target: 540, reason: '', decided_by: 'u' }),
    ),
  ),
)

test('the newest course and chapter come first, and one that begins later is not now', () => {
  assert.deepEqual(STORY.map(({ id, chapters }) => [id, chapters.map((chapter) => chapter.id)]), [['second', ['d', 'c', 'b']], ['first', ['a']]])
  assert.equal(chapterAt(TODAY, STORY)?.id, 'c')
  assert.equal(chapterAt('2026-06-01', STORY), null)
})

test('weeks of care add up over all courses, and never fall', () => {
  assert.equal(weeksInCare(TODAY, STORY), 6)
  assert.equal(weeksInCare('2026-12-31', STORY) > 6, true)
})

// Phones

test('this phone is known by its session, and old sign-outs are forgotten', () => {
  const device = (id: string, created_at: string, revoked_at: string | null = null, more: object = {}) =>
    entry(id, { name: id, created_at, revoked_at, revoked_why: 'lost', wipe_requested_at: revoked_at, wipe_acked_at: null, ...more })
  const devices = devicesOf(any([
    device('old', '2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z'), device('lost', '2026-11-01T00:00:00Z', '2026-11-10T00:00:00Z'),
    device('mine', '2026-11-02T00:00:00Z', null, { pushes_stopped_at: '2026-11-18T00:00:00Z' }), device('other', '2026-11-05T00:00:00Z'),
  ]))
  const { mine, others, ended } = sorted(devices, 'mine', NOW)
  assert.equal(mine?.pushesStopped, true)
  assert.deepEqual([others, ended].map((list) => list.map(({ id }) => id)), [['other'], ['lost']])
  assert.equal(ended[0]?.erases, true)
  assert.equal(sorted(devices, null, NOW).mine, null)
})

// Reminders

const PROGRAMME = { time_zone: 'America/New_York', quiet_hours: { from: '21:30', to: '07:30' }, reminders: { lead_minutes: [60, 1440] } }

test('who has set nothing has the times of the programme', () => {
  assert.deepEqual(wishesOf(undefined, any(PROGRAMME)), { zone: 'America/New_York', quiet: ['21:30', '07:30'], leads: [1440, 60] })
  assert.equal(wishesOf(undefined, undefined), null)
})

test('a change that waits has only its own field', () => {
  const waiting = wishesOf(any(entry('p', { lead_minutes: [15] }, 'm')), any(PROGRAMME))
  assert.deepEqual(waiting, { zone: 'America/New_York', quiet: ['21:30', '07:30'], leads: [15] })
  const off = wishesOf(any(entry('p', { time_zone: 'UTC', quiet_start: null, quiet_end: null, lead_minutes: [] })), any(PROGRAMME))
  assert.deepEqual(off, { zone: 'UTC', quiet: null, leads: [] })
})

test('times before a session can be turned on and off, five at most', () => {
  assert.deepEqual(toggled([1440, 60], 120, true), [1440, 120, 60])
  assert.deepEqual(toggled([1440, 60], 60, false), [1440])
  assert.deepEqual(toggled([60], 60, true), [60])
  assert.deepEqual(choicesOf([720]), [1440, 720, 120, 60, 15])
  assert.deepEqual(choicesOf([5, 4, 3, 2, 1]), [5, 4, 3, 2, 1])
  assert.equal(isFull([1, 2, 3, 4, 5]), true)
  assert.equal(halfHours(['21:45']).length, 49)
})

test('two versions differ only in what was changed', () => {
  const now = { zone: 'UTC', quiet: ['21:30', '07:30'] as const, leads: [60] }
  assert.deepEqual(differing({ lead_minutes: [15], quiet_start: '21:30:00', quiet_end: '07:30:00' }, now), ['leads'])
  assert.deepEqual(differing({ quiet_start: null, quiet_end: null, time_zone: 'UTC' }, now), ['quiet'])
})

test('reminders that are over are not listed', () => {
  const at = (due_at: string) => entry(due_at, { due_at })
  const coming = comingReminders(any([at('2026-11-20T10:00:00Z'), at('2026-11-19T12:59:00Z'), at('2026-11-19T14:00:00Z')]), NOW)
  assert.deepEqual(coming.map(({ due_at }) => due_at), ['2026-11-19T14:00:00Z', '2026-11-20T10:00:00Z'])
})

// Sharing

test('what is stopped stays shared until the server knows', () => {
  const consent = (id: string, state: string, pending: string | null = null, more: object = {}) =>
    entry(id, { patient: 'me', state, signed_at: `2026-11-0${id}T00:00:00Z`, expires_on: null, ...more }, pending)
  const all = any<Parameters<typeof sharedNow>[0]>([
    consent('1', 'active'), consent('2', 'revoked'), consent('3', 'revoked', 'm'), consent('4', 'active', null, { expires_on: '2026-11-18' }),
    consent('5', 'active', null, { patient: 'someone' }), consent('6', 'active', null, { expires_on: TODAY }),
  ])
  assert.deepEqual(sharedNow(all, 'me', TODAY).map(({ id }) => id), ['6', '3', '1'])
  assert.deepEqual(sharedBefore(all, 'me', TODAY).map(({ id }) => id), ['4', '2'])
})

test('what has expired ended on its last day, in every zone', () => {
  const consent = (more: object) => any<Parameters<typeof endOf>[0]>(entry('c', { state: 'active', signed_at: '2026-11-01T00:00:00Z', ended_at: null, expires_on: '2026-11-18', ...more }))
  assert.equal(endOf(consent({}), TODAY), '2026-11-18')
  assert.equal(endOf(consent({}), '2026-11-18'), null)
  assert.equal(endOf(consent({ state: 'revoked', ended_at: '2026-11-10T00:00:00Z' }), TODAY), Date.parse('2026-11-10T00:00:00Z'))
})

// Acts

const act = (action: string, args: object, code: string | null = null, more: object = {}) =>
  any<Parameters<typeof wayOf>[0]>({ uuid: 'u', action, args, result: code && { status: 'rejected', code, ...more } })
const way = (mutation: ReturnType<typeof act>) => wayOf(mutation, wordsOf(mutation))

test('what the app does by itself is no thing of the person', () => {
  const mutations = [act('groups.mark_read', {}), act('groups.post_message', { text: 'Hello' }), act('of.a_newer_app', {})]
  assert.deepEqual(things(mutations).map(({ action }) => action), ['groups.post_message', 'of.a_newer_app'])
})

test('what was written is kept in full, and ids and blanks are no words', () => {
  assert.deepEqual(written(wordsOf(act('practice.record_check_in', { record: 'r', success: 'I slept', plan: ' ', used_what: null }))), ['I slept'])
  assert.deepEqual(written(wordsOf(act('practice.record_attempt', { answers: { a: 'Rain', b: ['Walk', 'Call Lee'], c: 4 } }))), ['Rain', 'Walk, Call Lee'])
})

test('a text can be changed and sent again, unless nothing could help it', () => {
  const message = (code: string) => act('groups.post_message', { text: 'Hello' }, code)
  assert.equal(way(message('too_large')), 'edit')
  assert.equal(way(message('internal')), 'edit')
  assert.equal(way(message('invalid')), 'edit')
  assert.equal(way(message('not_allowed')), null)
  assert.equal(way(act('care.report_arrival', {}, 'internal')), 'again')
  assert.equal(way(act('care.report_arrival', {}, 'over')), null)
  assert.equal(way(act('groups.join', { alias: 'Sam' }, 'alias_taken')), 'look')
  assert.equal(way(act('practice.record_attempt', { answers: {} }, 'internal')), 'look')
  assert.equal(reasonOf(message('some_new_code')), undefined)
})

test('two versions need the other one', () => {
  const current = ['message', 'm', 7, { text: 'Theirs' }]
  const edit = act('groups.edit_message', { message: 'm', text: 'Mine' }, 'conflict', { current })
  assert.equal(inConflict(edit)?.now.seq, 7)
  assert.equal(way(edit), 'both')
  assert.equal(inConflict(act('groups.edit_message', {}, 'conflict')), null)
  assert.equal(inConflict(act('practice.record_check_in', {}, 'conflict', { current })), null)
})

test('a change is sent again on top of what the person had seen', () => {
  const edit = { base: { 'message/m': 7 } }
  assert.deepEqual(baseOf(edit).map(({ kind, id, seq }) => [kind, id, seq]), [['message', 'm', 7]])
})

test('a picture goes again with its words, unless it is lost or cannot be read', () => {
  const post = (code: string, attachments: string[] = ['f']) => act('groups.post_message', { text: 'Hello', attachments }, code)
  assert.equal(filesOf(post('internal')), 'kept')
  assert.equal(filesOf(post('internal', [])), null)
  assert.equal(filesOf(post('not_understood')), 'lost')
  assert.equal(way(post('not_understood')), 'edit')
  assert.equal(reasonOf(post('not_understood')), 'not_understood')
})

test('what is sent again has its id and other words; its files go beside it', () => {
  assert.deepEqual(again(act('groups.post_message', { id: 'x', text: 'a', attachments: ['f'] }), { text: 'b' }), { id: 'x', text: 'b' })
})
