import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allAttempts, answered, doneOf, filled, open, shareInput, type Done } from '../src/model/attempts.ts'
import { breathAt, paceOf, SLOW } from '../src/model/breathing.ts'
import { begin, finished, turned, withAnswer, withWatch } from '../src/model/draft.ts'
import { exerciseAt, firstSentence, fits, inUse, needsOf, type Exercise } from '../src/model/exercises.ts'
import { spentAt, started, stopped, UNUSED } from '../src/model/stopwatch.ts'
import { TOOLS_OVERLAYS } from '../src/model/tools_overlays.ts'
import { beginUrge, isOver, minutesWaited, urgeDone } from '../src/model/urge.ts'
import { whatHelps } from '../src/model/what_helps.ts'

const NOW = Date.parse('2026-11-19T21:00:00Z')
const RECORD = '01a2002e-0000-7000-8000-000000000001'

const HALT: Exercise = {
  exercise: 'halt',
  slug: 'halt',
  version: 1,
  method: 'matrix',
  needs: ['craving', 'anger'],
  minutes: 3,
  title: 'HALT',
  summary: 'Four questions. That is all.',
  rating: { about: 'craving', question: 'How strong?' },
  steps: [
    {
      id: 'feel',
      title: 'Feel',
      fields: [
        { id: 'which', type: 'choice', many: true, label: 'Which?', options: [{ id: 'tired', label: 'Tired' }] },
        { id: 'words', type: 'text', label: 'Words' },
        { id: 'pause', type: 'timer', label: 'Pause', seconds: 60 },
      ],
    },
  ],
}
const WEIGH: Exercise = { ...HALT, exercise: 'weigh', title: 'Abacus', rating: { about: 'confidence', question: '' } }

function entry<D>(kind: string, id: string, doc: D, scope = `care:${RECORD}`, pending: string | null = null): any {
  return { scope, kind, id, seq: pending ? null : 1, doc, pending }
}

function done(id: string, before: number | null, after: number | null, exercise = 'halt'): Done {
  const at = `2026-11-19T20:0${id.length}:00Z`
  return { id, exercise, version: 1, assignment: null, started_at: at, finished_at: at, before, after, answers: {} }
}

test('the library shows the newest version in use, in the language of the app if it is here', () => {
  const withdrawn = { ...HALT, exercise: 'old', withdrawn: true }
  const entries = [
    entry('exercise', '1', HALT, 'library:en'),
    entry('exercise', '2', { ...HALT, version: 2, title: 'HALT now' }, 'library:en'),
    entry('exercise', '3', WEIGH, 'library:en'),
    entry('exercise', '4', withdrawn, 'library:en'),
  ]
  assert.deepEqual(inUse(entries, 'en').map(({ title }) => title), ['Abacus', 'HALT now'])
  assert.deepEqual(inUse(entries, 'es').length, 2)
  assert.equal(exerciseAt(entries, 'halt', 1, 'en')?.title, 'HALT')
  assert.equal(exerciseAt(entries, 'halt', 7, 'en')?.title, 'HALT now')
  assert.equal(exerciseAt(entries, 'old', null, 'en')?.exercise, 'old')
  assert.equal(exerciseAt(entries, 'none', 1, 'en'), undefined)
})

test('tools are filtered by what they are for and how long they take', () => {
  assert.ok(fits(HALT, { need: 'anger', minutes: 3 }))
  assert.ok(!fits(HALT, { need: 'shame', minutes: null }))
  assert.ok(!fits(HALT, { need: null, minutes: 2 }))
  assert.deepEqual(needsOf([HALT, { ...HALT, needs: ['anger'] }]), ['anger', 'craving'])
  assert.equal(firstSentence(HALT.summary), 'Four questions.')
  assert.equal(firstSentence('No full stop'), 'No full stop')
})

test('what helps is counted from shared and kept attempts, with a minimum', () => {
  const attempts = allAttempts(
    [entry('attempt', 'a', { ...done('a', 8, 5), received_at: '2026-11-19T20:10:00Z' })],
    [done('bb', 6, 6), done('ccc', 7, 2), done('dddd', 9, null)],
    [],
    () => null,
  )
  assert.deepEqual(whatHelps(undefined, attempts, [HALT]), [{ exercise: 'halt', rated: 3, eased: 2, mean_relief: 8 / 3 }])
  assert.deepEqual(whatHelps({ minimum_runs: 4, items: [] }, attempts, [HALT]), [])
})

test('more confidence is better, and the server knows attempts that are not here yet', () => {
  const kept = [done('a', 2, 6, 'weigh'), done('bb', 4, 3, 'weigh'), done('ccc', 1, 2, 'weigh')]
  const attempts = allAttempts([], kept, [], () => null)
  const theirs = { exercise: 'halt', rated: 9, eased: 9, mean_relief: 3 }
  const ranked = whatHelps({ minimum_runs: 3, items: [theirs] }, attempts, [WEIGH, HALT])
  assert.deepEqual(ranked.map(({ exercise, eased, rated }) => [exercise, eased, rated]), [
    ['halt', 9, 9],
    ['weigh', 2, 3],
  ])
})

test('attempts are listed with what became of them, the newest first', () => {
  const refused = { action: 'practice.record_attempt', uuid: 'm2', args: { ...done('ccc', 5, 5), record: RECORD } }
  const other = { action: 'groups.post_message', uuid: 'm3', args: {} }
  const attempts = allAttempts(
    [
      entry('attempt', 'a', { ...done('a', 8, 5), received_at: 'then' }),
      entry('attempt', 'dddd', done('dddd', 8, 5), undefined, 'm1'),
    ],
    [done('bb', 1, 1)],
    [refused, other] as any,
    (uuid) => (uuid === 'm1' ? 'waiting' : null),
  )
  assert.deepEqual(
    attempts.map(({ id, fate, record }) => [id, fate, record]),
    [
      ['dddd', 'waiting', RECORD],
      ['ccc', 'not sent', RECORD],
      ['bb', 'kept', null],
      ['a', 'sent', RECORD],
    ],
  )
  assert.deepEqual(doneOf(attempts[1]!), done('ccc', 5, 5))
})

test('an attempt that is kept and on its way is there once', () => {
  const shared = entry('attempt', 'a', done('a', 8, 5), undefined, 'm')
  const attempts = allAttempts([shared], [done('a', 8, 5), done('bb', 1, 1)], [], () => 'waiting')
  assert.deepEqual(attempts.map(({ id, fate }) => [id, fate]), [['bb', 'kept'], ['a', 'waiting']])
})

test('what is shared names the record, and nothing that is not known', () => {
  assert.deepEqual(shareInput(done('a', 8, 5), RECORD), { ...done('a', 8, 5), record: RECORD })
  const early = shareInput({ ...done('a', 8, 5), exercise: null, version: null }, RECORD)
  assert.ok(!('exercise' in early) && !('version' in early))
})

test('an assignment is open until it is done or withdrawn, the first planned on top', () => {
  const doc = { exercise: 'halt', due_on: null, note: '', assigned_by: 'n', assigned_at: '2026-11-01', withdrawn_at: null }
  const assignments = [
    entry('assignment', 'later', { ...doc, due_on: '2026-11-25' }),
    entry('assignment', 'any', doc),
    entry('assignment', 'soon', { ...doc, due_on: '2026-11-20' }),
    entry('assignment', 'gone', { ...doc, withdrawn_at: '2026-11-02' }),
    entry('assignment', 'done', doc),
  ]
  const attempts = allAttempts([], [{ ...done('a', 1, 1), assignment: 'done' }], [], () => null)
  assert.deepEqual(open(assignments, attempts).map(({ id }) => id), ['soon', 'later', 'any'])
})

test('an exercise is begun, filled in and finished; what was left empty is not sent', () => {
  const [which, words, pause] = HALT.steps[0]!.fields!
  let draft = begin(HALT, 'id', null, NOW)
  draft = withAnswer(draft, which!, ['tired'])
  draft = withAnswer(draft, words!, '  ')
  draft = withWatch({ ...draft, page: 1 }, pause!, { spent: 5, since: NOW })
  assert.deepEqual(turned(HALT, draft, 2, NOW + 3_000).watches, { pause: { spent: 8, since: null } })
  const end = finished(HALT, { ...draft, before: 8, after: 6 }, NOW + 20_000, NOW + 30_000)
  assert.deepEqual(end.answers, { which: ['tired'], pause: 25 })
  assert.equal(end.finished_at, '2026-11-19T21:00:30.000Z')
  assert.ok(!('page' in end) && !('watches' in end))
  assert.deepEqual(filled({ a: ' x ', b: [' ', 'y'], c: [], d: 0 }), { a: 'x', b: ['y'], d: 0 })
})

test('answers are read with their questions, also those of a version that is not here', () => {
  const read = answered(HALT, { words: 'Mine', which: ['tired', 'unknown'], gone: 'Kept' })
  assert.deepEqual(
    read.map(({ field, answer }) => [field?.label ?? null, answer]),
    [
      ['Which?', ['Tired', 'unknown']],
      ['Words', 'Mine'],
      [null, 'Kept'],
    ],
  )
  assert.deepEqual(answered(undefined, { a: 3 }), [{ field: null, answer: 3 }])
})

test('a stopwatch goes on while the app is closed, stops by itself, and survives a clock set back', () => {
  const watch = started(UNUSED, NOW)
  assert.equal(spentAt(watch, NOW + 90_900, 900), 90)
  assert.equal(spentAt(watch, NOW + 3_600_000, 900), 900)
  assert.equal(spentAt({ ...watch, spent: 12 }, NOW - 60_000, 900), 12)
  assert.equal(started(watch, NOW + 5_000), watch)
  assert.deepEqual(stopped(watch, NOW + 7_000, 900), { spent: 7, since: null })
})

test('a breath goes in, holds, goes out and holds, at the pace that was chosen', () => {
  const box = paceOf({ pace: 'box_four' })
  const phases = [0, 4, 8, 12, 16].map((second) => breathAt(box, second))
  assert.deepEqual(phases.map(({ phase, full, left, round }) => [phase, full, left, round]), [
    ['in', true, 4, 1],
    ['hold', true, 4, 1],
    ['out', false, 4, 1],
    ['hold', false, 4, 1],
    ['in', true, 4, 2],
  ])
  assert.equal(breathAt(box, 7).left, 1)
  assert.equal(paceOf({}), SLOW)
  assert.deepEqual([3, 4, 9, 10].map((second) => breathAt(SLOW, second).phase), ['in', 'out', 'out', 'in'])
})

test('the urge tool becomes an attempt: numbers, breaths and the way, never reasons', () => {
  const urge = beginUrge('id', NOW)
  const waited = { ...urge, before: 8, after: 5, breaths: { spent: 40, since: null }, way: 'move' as const }
  const attempt = urgeDone(waited, HALT, null, NOW, NOW + 60_000)
  assert.deepEqual(attempt.answers, { breaths: 40, choice: 'move' })
  assert.deepEqual([attempt.exercise, attempt.before, attempt.after], ['halt', 8, 5])
  assert.deepEqual([urgeDone(urge, undefined, null, NOW, null).exercise, urge.step], [null, 'number'])
  assert.equal(beginUrge('id', NOW, 5).step, 'breathe')
  assert.equal(minutesWaited({ ...urge, wait: { spent: 540, since: null } }, NOW), 9)
  assert.ok(!isOver(urge, NOW + 5 * 3_600_000) && isOver(urge, NOW + 7 * 3_600_000))
})

test('a recorded attempt shows at once', () => {
  const input = shareInput(done('a', 8, 5), RECORD)
  const at = { uuid: 'm', clientTime: '2026-11-19T20:01:00Z', user: 'sam' }
  const shown = TOOLS_OVERLAYS['practice.record_attempt']!(input, () => undefined, at) as any
  assert.deepEqual([shown.scope, shown.kind, shown.id], [`care:${RECORD}`, 'attempt', 'a'])
  assert.deepEqual([shown.fields.before, shown.fields.after, shown.fields.recorded_at], [8, 5, at.clientTime])
})
