import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filled, groupForm, inForce, openInvitations, openNotice, openRecoveries, FIRST_OVERLAYS, saysWho } from '../src/model/promises.ts'

type Notices = Parameters<typeof openNotice>[0]
type Requests = Parameters<typeof openNotice>[1]
type Answers = Parameters<typeof openNotice>[2]
type Recoveries = Parameters<typeof openRecoveries>[0]

const TODAY = '2026-11-02'
const notice = (id: string, changes: object = {}) =>
  ({ scope: 'library:1', kind: 'notice', id, seq: 1, pending: null, doc: { version: id, locale: 'en', effective_on: '2026-02-16', ...changes } })
const requests = [
  { scope: 'person:1', kind: 'notice_request', id: 'r', seq: 1, pending: null, doc: { programme: 'p', names: { programme: 'Northlight' }, asked_at: '2026-11-01T10:00:00Z' } },
] as unknown as Requests
const answer = (of: string, given: string, pending: string | null = null, version = of) =>
  ({ scope: 'person:1', kind: 'notice_acknowledgement', id: given, seq: null, pending, doc: { notice: of, version, locale: 'en', answer: given, signed_name: '', answered_at: '' } })
const open = (notices: object[], answers: object[] = [], language = 'en') =>
  openNotice(notices as Notices, requests, answers as Answers, language, TODAY)

test('a notice is open until the server has the acknowledgement', () => {
  assert.equal(open([notice('a')])?.notice.id, 'a')
  assert.equal(open([notice('a')], [answer('a', 'acknowledged', 'u')])?.waits, 'acknowledged')
  assert.equal(open([notice('a')], [answer('a', 'acknowledged')]), null)
})

test('nobody has asked, or no text is there: nothing is open', () => {
  assert.equal(openNotice([notice('a')] as unknown as Notices, [], [], 'en', TODAY), null)
  assert.equal(open([]), null)
})

test('a declined notice stays open and says so', () => {
  const declined = open([notice('a')], [answer('a', 'declined')])
  assert.deepEqual([declined?.declined, declined?.waits], [true, null])
  assert.equal(open([notice('a')], [answer('a', 'declined', 'u')])?.waits, 'declined')
  assert.equal(open([notice('a')], [answer('a', 'declined'), answer('a', 'acknowledged')]), null)
})

test('a newer notice is asked again, from its day on', () => {
  const both = [notice('a'), notice('b', { effective_on: '2026-11-02' })]
  assert.equal(open(both, [answer('a', 'acknowledged')])?.notice.id, 'b')
  const later = [notice('a'), notice('b', { effective_on: '2026-11-03' })]
  assert.equal(open(later, [answer('a', 'acknowledged')]), null)
})

test('the same version in another language is answered too', () => {
  const both = [notice('en', { version: '1' }), notice('es', { version: '1', locale: 'es' })]
  assert.equal(open(both, [], 'es')?.notice.id, 'es')
  assert.equal(open(both, [answer('en', 'acknowledged', null, '1')], 'es'), null)
})

test('a text in the other language is better than none', () => {
  assert.equal(inForce([notice('a')] as unknown as Notices, 'es', TODAY)?.id, 'a')
})

test('only the form for groups is one', () => {
  const form = (kind: string) => ({ ...notice(kind, { kind }), kind: 'consent_form' })
  const forms = [form('peer_pair_visibility'), form('peer_group_visibility')] as unknown as Parameters<typeof groupForm>[0]
  assert.equal(groupForm(forms, 'en', TODAY)?.id, 'peer_group_visibility')
  assert.equal(groupForm(forms.slice(0, 1), 'en', TODAY), undefined)
})

test('blanks are filled in by a text or by one in the language', () => {
  const names = { programme: 'Northlight', who: { en: 'Officer', es: 'Responsable' } }
  assert.equal(filled('{who} of {programme}', names, 'es'), 'Responsable of Northlight')
  assert.equal(filled('{who}, {unknown}', names, 'fr'), 'Officer, {unknown}')
})

test('answered invitations are not asked again', () => {
  const invitation = (state: string) => ({ id: state, doc: { state } })
  const all = ['open', 'joined', 'declined', 'withdrawn'].map(invitation) as unknown as Parameters<typeof openInvitations>[0]
  assert.deepEqual(openInvitations(all).map(({ id }) => id), ['open'])
})

test('a new code is shown while it can be refused, and until the refusal is sent', () => {
  const now = Date.parse('2026-11-02T12:00:00Z')
  const code = (changes: object, pending: string | null = null) =>
    [{ pending, doc: { expires_at: '2026-11-03T00:00:00Z', used_at: null, revoked_at: null, refused_at: null, ...changes } }] as unknown as Recoveries
  const isShown = (changes: object, pending: string | null = null) => openRecoveries(code(changes, pending), now).length === 1
  assert.ok(isShown({}))
  assert.ok(isShown({ refused_at: '2026-11-02T11:00:00Z' }, 'u'))
  for (const over of ['refused_at', 'used_at', 'revoked_at']) assert.ok(!isShown({ [over]: '2026-11-02T11:00:00Z' }), over)
  assert.ok(!isShown({ expires_at: '2026-11-02T12:00:00Z' }))
})

test('a name that says who a person is cannot be an alias', () => {
  const names = ['José', 'Rivera', '', '']
  for (const alias of ['jose', 'Rivera 2', 'big-JOSÉ']) assert.ok(saysWho(alias, names), alias)
  for (const alias of ['Heron', 'J', 'Joseph']) assert.ok(!saysWho(alias, names), alias)
})

test('what waits to be sent shows as answered, in the own scope', () => {
  const overlays = FIRST_OVERLAYS as unknown as Record<string, (args: object, find: unknown, mutation: object) => object>
  const mutation = { uuid: 'u', clientTime: '2026-11-02T12:00:00Z', user: '7' }
  const lay = (action: string, args: object) => overlays[action]!(args, () => undefined, mutation) as { scope: string; kind: string; id: string; fields: Record<string, unknown> }
  const signed = lay('privacy.acknowledge_notice', { id: 'i', notice: 'n', signed_name: 'Sam' })
  assert.deepEqual([signed.scope, signed.id, signed.fields.notice, signed.fields.answer], ['person:7', 'i', 'n', 'acknowledged'])
  assert.equal(lay('privacy.decline_notice', { notice: 'n' }).id, 'u')
  assert.equal(lay('groups.join', { invitation: 'g' }).fields.state, 'joined')
  assert.equal(lay('groups.decline_invitation', { invitation: 'g' }).fields.state, 'declined')
  assert.deepEqual(Object.keys(lay('people.refuse_recovery', { recovery: 'c' }).fields), ['refused_at'])
  assert.deepEqual(Object.keys(lay('people.confirm_recovery', { recovery: 'c' }).fields), ['confirmed_at'])
})
