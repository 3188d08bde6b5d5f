import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOf, hasEnded, type Holdings, isLeaving } from '../src/model/conversations.ts'
import { cardId } from '../src/model/ids.ts'
import { PEOPLE_OVERLAYS } from '../src/model/people_overlays.ts'
import { currentRound, hasShared, hasSpoken, lineFromCheckIn, supportable, turns } from '../src/model/rounds.ts'
import { act, entry, GROUP, message, USER } from './people_entries.ts'

const MINE = cardId(USER, GROUP)
const card = (id: string, alias: string, more = {}) =>
  entry('member_card', id, 1, { alias, avatar: '', role: 'member', joined_at: '2026-11-01T08:00:00Z', left_at: null, ...more })
const line = (id: string, author: string, kind: 'success' | 'hard' | 'plan', text: string, seq: number | null = 1) =>
  entry('round_line', id, seq, { round: 'r', author, kind, text })
const round = entry('round', 'r', 1, { on_date: '2026-11-19', topic: '', opened_at: '2026-11-19T18:04:00Z', closed_at: null })

test('the row of a group has its last message, the unread and the unsent', () => {
  const held: Holdings = {
    user: USER, pairs: [], rounds: [], markers: [], blocks: [], connections: [], outbox: [], loading: [],
    groups: [entry('group', GROUP.slice(6), 1, { name: 'Evening group' })],
    cards: [card('june', 'June')],
    messages: () => [message('a', 1, 'june', 'first'), message('b', 2, 'june', 'Same.'), message('c', 3, MINE, '', { withdrawn_at: '2026-11-19T09:00:00Z' })],
    notSent: [act('u', 1, 'groups.post_message', { group: GROUP.slice(6), text: 'x' }, { state: 'refused' })],
  }
  const [row] = groupsOf(held)
  assert.deepEqual([row!.name, row!.last?.who, row!.last?.text, row!.unread, row!.notSent], ['Evening group', 'June', 'Same.', 2, 1])
})

test('a round has everyone in it, those who lead only once they have spoken', () => {
  const cards = [card('noor', 'Noor', { role: 'facilitator' }), card('june', 'June'), card(MINE, 'Sam', { joined_at: '2026-11-02T08:00:00Z' }), card('gone', '', { left_at: '2026-11-18T08:00:00Z' })]
  const lines = [line('l1', 'june', 'hard', 'Pay day'), line('l2', 'june', 'success', 'Walked'), line('l3', 'gone', 'plan', 'Rest')]
  const supports = [entry('support', 's', 1, { line: 'l2', author: MINE, word: 'with_you', text: '' })]
  const all = turns({ round, cards, lines, supports, blocks: [], mine: MINE })
  assert.deepEqual(all.map((turn) => [turn.card.id, hasSpoken(turn)]), [['june', true], [MINE, false], ['gone', true]])
  assert.equal(supportable(all[0]!)!.id, 'l2')
  assert.deepEqual(all[0]!.supports.map(({ isMine, word }) => [isMine, word]), [[true, 'with_you']])
})

test('a line that waits cannot be supported yet', () => {
  const [turn] = turns({ round, cards: [card('june', 'June')], lines: [line('l', 'june', 'success', 'x', null)], supports: [], blocks: [], mine: MINE })
  assert.equal(supportable(turn!), null)
})

test('the open round comes before a newer closed one', () => {
  const closed = entry('round', 'c', 2, { on_date: '2026-11-20', topic: '', opened_at: '2026-11-20T18:00:00Z', closed_at: '2026-11-20T19:00:00Z' })
  assert.equal(currentRound([closed, round])!.id, 'r')
  assert.equal(currentRound([closed])!.id, 'c')
  assert.equal(currentRound([]), null)
})

test('who has said something in a round has shared', () => {
  assert.ok(hasShared(round, [line('l', MINE, 'hard', 'Pay day')], MINE))
  assert.ok(!hasShared(round, [line('l', 'june', 'hard', 'Pay day')], MINE))
})

test('nothing more is written where the person has ended it or is leaving', () => {
  const pair = entry('pair', 'p', 1, { ended_at: null }, 'pair:p')
  const connection = (state: 'connected' | 'ended') => entry('connection', 'c', 1, { pair: 'p', state }, `person:${USER}`)
  assert.ok(hasEnded(pair, [connection('ended')]) && !hasEnded(pair, [connection('connected')]))
  const leave = act('u', 1, 'groups.leave', { group: GROUP.slice(6) })
  assert.ok(isLeaving(GROUP, [leave]) && !isLeaving('group:other', [leave]))
})

test('only a check-in of that day that may be shared gives a line', () => {
  const checkIn = (date: string, shared: boolean) =>
    entry('check_in', date, 1, { local_date: date, success: 'Walked', success_shared: shared, slot: 'day', recorded_at: '2026-11-19T08:00:00Z' }, 'care:x')
  assert.equal(lineFromCheckIn([checkIn('2026-11-19', true)], '2026-11-19')?.text, 'Walked')
  assert.equal(lineFromCheckIn([checkIn('2026-11-19', false)], '2026-11-19'), null)
  assert.equal(lineFromCheckIn([checkIn('2026-11-18', true)], '2026-11-19'), null)
})

test('a post shows at once, as mine', () => {
  const project = PEOPLE_OVERLAYS['groups.post_message']!
  const id = GROUP.slice(6)
  const args = { group: id, id: 'x', text: 'Hi', attachments: ['ff'], reply_to: null }
  const shown = project(args, () => undefined, { uuid: 'u', clientTime: '2026-11-19T09:00:00Z', user: USER }) as any
  assert.deepEqual([shown.scope, shown.id, shown.fields.author, shown.fields.attachments[0].sha256], [GROUP, 'x', MINE, 'ff'])
})

test('nothing is laid over a message that this phone does not have', () => {
  const project = PEOPLE_OVERLAYS['groups.withdraw_message']!
  const about = { uuid: 'u', clientTime: '2026-11-19T09:00:00Z', user: USER }
  assert.equal(project({ message: 'x' }, () => undefined, about), null)
  const found = project({ message: 'a' }, () => message('a', 1, MINE, 'words'), about) as any
  assert.deepEqual([found.fields.text, found.fields.withdrawn_at], ['', '2026-11-19T09:00:00Z'])
})
