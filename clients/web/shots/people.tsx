/** Every page of People in every state, for `make shots`. Names and numbers are made up. */

import type { Documents, EntryOf, Kind, Mutation } from 'handrail'
import type { Colleague, Conversation } from '../src/model/conversations.ts'
import type { Said } from '../src/model/messages.ts'
import type { Turn } from '../src/model/rounds.ts'
import type { ComposerProps } from '../src/screens/people/composer.tsx'
import { Connect, NothingToAnswer, type ConnectProps } from '../src/screens/people/connect.tsx'
import { Members, type MembersProps } from '../src/screens/people/members.tsx'
import type { MessageActs } from '../src/screens/people/message.tsx'
import { MyLine, type MyLineProps } from '../src/screens/people/my_line.tsx'
import { People, type PeopleProps } from '../src/screens/people/people.tsx'
import { Round, type RoundProps } from '../src/screens/people/round.tsx'
import { Blocked, News, Rules } from '../src/screens/people/small_pages.tsx'
import { NoThread, Thread, type ThreadProps } from '../src/screens/people/thread.tsx'
import { audience, reads } from '../src/screens/people/words.ts'
import { counted, language, t } from '../src/text/text.ts'
import type { Shot } from './shot.ts'

const say = (en: string, es: string) => (language.value === 'es' ? es : en)

const nothing = () => {}
const SCOPE = 'group:01990000-0000-7000-8000-000000000001'
const NOW = Date.now()
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const es = () => language.value === 'es'

function entry<K extends Kind>(kind: K, id: string, doc: Partial<Documents[K]>, scope = SCOPE): EntryOf<K> {
  return { scope, kind, id, seq: 1, doc: doc as Documents[K], pending: null } as EntryOf<K>
}

function act(action: string, args: Mutation['args'], more: Partial<Mutation> = {}): Mutation {
  return {
    uuid: 'u', position: 1, clientId: '', lane: 'main', id: 1, state: 'pending', tried: false, action, v: 1, args,
    base: {}, clientTime: ago(1), offsetMs: 0, settledAt: null, result: null, ...more,
  }
}

const refused = (action: string, args: Mutation['args'], code: string) =>
  act(action, args, { state: 'refused', result: { status: 'rejected', code } })

const card = (id: string, alias: string, more: Partial<Documents['member_card']> = {}) =>
  entry('member_card', id, { alias, avatar: '', role: 'member', joined_at: ago(60 * 24 * 30), left_at: null, ...more })

const ANA = card('a0', 'Ana', { role: 'facilitator' })
const JUNE = card('01', 'June', { avatar: 'sun' })
const LEE = card('02', 'Lee')
const HARBOR = card('04', 'Harbor', { avatar: 'boat' })
const TOMAS = card('03', 'Tomas')
const RUTH = card('07', 'Ruth')
const SAM = card('05', 'Sam', { avatar: 'heron' })
const KAI = card('09', 'Kai', { avatar: 'of another app' })
const CARDS = [ANA, JUNE, LEE, HARBOR, TOMAS, RUTH, SAM, KAI]

// The list

const conversation = (name: string, more: Partial<Conversation> = {}): Conversation => ({
  scope: SCOPE, name, last: null, unread: 0, notSent: 0, loading: false, round: null, ended: false, leaving: false, ...more,
})

const evening = (more: Partial<Conversation> = {}) =>
  conversation('Evening group', {
    last: { who: 'June', text: es() ? 'Igual. Lo difícil fue el autobús.' : 'Same. The bus was the hard part.', files: 0, at: ago(120) },
    unread: 2, notSent: 1, ...more,
  })

const TEAM: readonly Colleague[] = [
  { id: '02', name: 'Maria Ortega', role: 'counsellor' },
  { id: '03', name: 'Dana Whitfield', role: 'case_manager' },
]

const people = (more: Partial<PeopleProps> = {}) => (
  <People
    groups={[evening()]}
    pairs={[conversation('Lee', { scope: 'pair:02', last: { who: null, text: es() ? 'Gracias por hoy.' : 'Thank you for today.', files: 0, at: ago(3000) } })]}
    team={TEAM}
    invitations={[]}
    requests={[]}
    asked={[]}
    rounds={[{ scope: SCOPE, name: 'Evening group', shared: false }]}
    news={0}
    blocked={0}
    hidden={false}
    asOf={null}
    getting={false}
    offline={false}
    onDecline={nothing}
    onTakeBack={nothing}
    {...more}
  />
)

const connection = (alias: string, state: Documents['connection']['state']) =>
  entry('connection', alias, { alias, state, card: '04', avatar: '', programme_name: 'Northlight', asked_at: ago(90), pair: null }, 'person:1')

// The thread

const saying = (id: string, who: Said['author'], text: string, minutes: number, more: Partial<Said> = {}): Said => ({
  id, author: who, text, attachments: [], replyTo: null, at: ago(minutes), edited: false, fate: 'sent', why: null,
  entry: entry('message', id, {}) as Said['entry'], act: null, ...more,
})

const PICTURE = { sha256: 'aa', content_sha256: 'bb', size: 120_400, kind: 'image' as const, media_type: 'image/jpeg', width: 800, height: 600 }
const VOICE = { sha256: 'cc', content_sha256: 'dd', size: 84_000, kind: 'audio' as const, media_type: 'audio/ogg', duration_ms: 42_000 }

function talk(): Said[] {
  return es()
    ? [
        saying('1', '02', 'A mí también me pagan el 30. ¿A alguien más le da miedo ese día?', 1300),
        saying('2', null, 'A mí. Le pedí a Dee que guarde mi tarjeta ese día.', 1270),
        saying('3', '01', 'Igual. Lo difícil fue el autobús. Me bajé dos paradas antes y caminé.', 130),
        saying('4', '04', 'Muy bien.', 125, { replyTo: '3' }),
      ]
    : [
        saying('1', '02', 'Payday is on the 30th for me too. Anyone else dreading it?', 1300),
        saying('2', null, 'Me. I asked Dee to hold my card that day.', 1270),
        saying('3', '01', 'Same. The bus was the hard part. I got off two stops early and walked.', 130),
        saying('4', '04', 'Well done.', 125, { replyTo: '3' }),
      ]
}

const post = (text: string) => act('groups.post_message', { group: 'x', text })

function fates(): Said[] {
  const words = es()
    ? ['Mañana camino otra vez.', 'Caminar también me ayuda.', 'El lunes puedo ir contigo, June.', 'Esta es la foto del lago.', 'Cambié esto.']
    : ['I will walk again tomorrow.', 'Walking helps me as well.', 'I can go with you on Monday, June.', 'Here is the picture of the lake.', 'I changed this.']
  return [
    saying('5', '04', '', 90, { fate: 'gone', why: 'blocked' }),
    saying('6', '03', '', 80, { fate: 'gone', why: 'withdrawn' }),
    saying('7', null, '', 70, { fate: 'gone', why: 'withdrawn' }),
    saying('8', null, words[0]!, 60, { edited: true }),
    saying('9', null, words[4]!, 50, { fate: 'notsent', act: act('groups.edit_message', { message: '9', text: words[4] }, { state: 'refused', result: { status: 'rejected', code: 'conflict', current: ['message', '9', 9, { text: '' }] } }) }),
    saying('10', null, words[1]!, 3, { fate: 'sending', act: post('') }),
    saying('11', null, words[2]!, 2, { fate: 'waiting', act: post('') }),
    saying('12', null, words[3]!, 1, { fate: 'notsent', entry: null, act: refused('groups.post_message', {}, 'too_large') }),
  ]
}

const acts: MessageActs = {
  onReply: nothing, onCopy: nothing, onEdit: nothing, onTakeBack: nothing, onAgain: nothing, onDelete: nothing,
  bothHref: () => '/', load: () => new Promise(nothing),
}

const composer = (more: Partial<ComposerProps> = {}): ComposerProps => ({
  name: 'Evening group', kind: 'group', text: '', onText: nothing, onSend: nothing, files: [], onPicture: nothing,
  onTakeOff: nothing, recording: null, canAttach: true, canRecord: true, onRecord: nothing, onRecorded: nothing, trouble: null,
  working: false, about: null, onForget: nothing, found: null, whom: counted('warn.people', 8), onAnyway: nothing,
  onTakeOut: nothing, hours: reads({ here: true, until: '20:00' }, ['Ana']), ...more,
})

const WAYS = [
  { key: 'members.round', hint: undefined },
  { key: 'members.title', hint: undefined },
  { key: 'members.rules', hint: undefined },
] as const

const thread = (more: Partial<ThreadProps> = {}) => (
  <Thread
    kind="group"
    name="Evening group"
    audience={audience('thread.see', 7, ['Ana'])}
    ways={WAYS.map(({ key }) => ({ title: t(key), href: `/${key}` }))}
    said={talk()}
    cards={CARDS}
    newFrom={null}
    earlier="more"
    onEarlier={nothing}
    loading={false}
    offline={false}
    typing={[]}
    asOf={null}
    acts={acts}
    closed={null}
    composer={composer()}
    ask={null}
    {...more}
  />
)

const NUMBER = () => (es() ? 'Sí puedo. Escríbeme al 555-0117 cuando salgas' : 'I can. Text me at 555-0117 when you leave')

// The round

const line = (kind: 'success' | 'hard' | 'plan', text: string, pending: string | null = null) => ({
  ...entry('round_line', `${text}${kind}`, { kind, text }), pending,
})

function turn(who: EntryOf<'member_card'>, more: Partial<Turn> = {}): Turn {
  return { card: who, isMine: who === SAM, lines: {}, supports: [], isBlocked: false, ...more }
}

const support = (from: string, isMine = false) => ({ from, isMine, word: 'with_you' as const, text: '', pending: false })

function turns(mine: Turn['lines'] = {}): Turn[] {
  const [walked, pay, call, boss, early] = es()
    ? ['Me bajé antes del autobús y caminé.', 'El día de pago.', 'Llamar a Lee.', 'Le dije a mi jefa que necesito los jueves.', 'Dormir temprano.']
    : ['Got off the bus early and walked.', 'Pay on the 30th.', 'Call Lee.', 'Asked my boss for Thursdays.', 'Early night.']
  return [
    turn(JUNE, { lines: { success: line('success', walked!), hard: line('hard', pay!), plan: line('plan', call!) }, supports: [support('02'), support('05', true)] }),
    turn(HARBOR, { lines: { success: line('success', boss!), plan: line('plan', early!) } }),
    turn(SAM, { lines: mine }),
    turn(LEE),
    turn(RUTH, { isBlocked: true }),
  ]
}

const OPEN = { on: '2026-11-19', topic: '', opened: NOW - 20 * 60_000, closed: null }
const rang = () => (es() ? 'Llamé a Dee de camino a casa.' : 'Rang Dee on the way home.')

const round = (more: Partial<RoundProps> = {}) => (
  <Round
    group="Evening group"
    back="/"
    lineHref="/"
    round={OPEN}
    turns={turns()}
    cards={CARDS}
    leaders={['Ana']}
    ready={{ texts: [rang()], fromCheckIn: true }}
    passed={false}
    offline={false}
    asOf={null}
    loading={false}
    refused={[]}
    onPass={nothing}
    onShare={nothing}
    onSupport={nothing}
    onCopy={nothing}
    onPost={nothing}
    onDelete={nothing}
    {...more}
  />
)

const myLine = (more: Partial<MyLineProps> = {}) => (
  <MyLine
    back="/"
    lines={{ success: rang(), plan: es() ? 'Directo a casa, té, a dormir a las diez.' : 'Straight home, tea, bed at ten.' }}
    said={[]}
    fromCheckIn
    audience={audience('round.who', 7, ['Ana'])}
    isOpen
    onLines={nothing}
    onPass={nothing}
    onShare={nothing}
    onKeep={nothing}
    {...more}
  />
)

// Members and connections

const members = (more: Partial<MembersProps> = {}) => (
  <Members
    name="Evening group"
    kind="group"
    back="/"
    members={CARDS.map((each) => ({
      card: each,
      isMine: each === SAM,
      between: each === HARBOR ? t('people.asked', { name: 'Harbor' }) : each === TOMAS ? t('members.blocked') : null,
      connectHref: each === JUNE ? '/' : null,
      writeHref: each === LEE ? '/' : null,
      canBlock: each !== SAM && each !== ANA && each !== TOMAS,
    }))}
    onBlock={nothing}
    onLeave={nothing}
    leaving={null}
    {...more}
  />
)

function words(): ConnectProps['words'] {
  return es()
    ? {
        lang: 'es', title: 'Conectar con Harbor', intro: 'Solo pueden escribirse si las dos personas dicen que sí. La conexión sigue aunque una de las dos deje el grupo. Así que Harbor seguiría sabiendo que te conoce de Northlight.',
        elements: { discloser: 'Northlight', information: 'Que participo en Northlight, el alias y la imagen que uso, y lo que le escribo a esta persona. Nunca mi nombre legal, mi expediente médico ni mis datos de contacto.', recipient: 'Una persona, a quien conozco como Harbor.', purpose: 'Apoyarnos en la recuperación.', revocation: 'Puedo terminar la conexión cuando quiera en la app.', expiry: 'Termina cuando cualquiera de las dos personas la termina.' },
        if_you_refuse: 'No cambia nada, y nadie se entera de que dijiste que no.', may_pass_on: 'Las dos personas prometen no contar lo que saben. Pero esta ley no obliga a la otra persona como obliga a Northlight.', promise: 'Guardo para mí quién es esta persona y lo que escribimos.', agree: 'Acepto conectarnos.', decline: 'Ahora no.',
      }
    : {
        lang: 'en', title: 'Connecting with Harbor', intro: 'You two can write to each other only if you both say yes. The connection stays if one of you leaves the group. So Harbor would still know you from Northlight.',
        elements: { discloser: 'Northlight', information: 'That I take part at Northlight, the alias and picture I use, and what I write to this person. Never my legal name, my health record or my contact details.', recipient: 'One person, known to me as Harbor.', purpose: 'To support each other in recovery.', revocation: 'I can end the connection at any time in the app.', expiry: 'It ends when either of us ends the connection.' },
        if_you_refuse: 'Nothing changes, and no one finds out that you said no.', may_pass_on: 'You both promise to keep what you learn to yourselves. But this law does not bind a peer the way it binds Northlight.', promise: 'I keep who this is, and what we write, to myself.', agree: 'I agree to connect.', decline: 'Not now.',
      }
}

const connect = (more: Partial<ConnectProps> = {}) => (
  <Connect peer="Harbor" words={words()} onYes={nothing} onNo={nothing} onLater={nothing} {...more} />
)

export const SHOTS: readonly Shot[] = [
  { name: 'people', render: () => people() },
  { name: 'people, asked', render: () => people({ requests: [{ entry: connection('Harbor', 'waiting'), answering: false }], asked: [connection('Ruth', 'asked')], blocked: 1, news: 2 }) },
  { name: 'people, answering', render: () => people({ requests: [{ entry: connection('Harbor', 'waiting'), answering: true }], groups: [evening({ leaving: true, unread: 0, notSent: 0 })], rounds: [] }) },
  { name: 'people, offline', render: () => people({ asOf: t('status.as_of', { time: say('8:10 AM', '8:10 a. m.') }), groups: [evening({ loading: true })], getting: true, offline: true }) },
  { name: 'people, invited', render: () => people({ groups: [], pairs: [], rounds: [], invitations: [entry('group_invitation', 'i', { group_name: 'Evening group', state: 'open' }, 'person:1')] }) },
  { name: 'people, hidden mode', render: () => people({ hidden: true }) },
  { name: 'people, no groups', render: () => people({ groups: [], pairs: [], rounds: [] }) },
  { name: 'people, getting', render: () => people({ groups: [], pairs: [], rounds: [], team: [], getting: true }) },
  { name: 'people, full', render: () => people({ full: true }) },
  { name: 'people, empty', render: () => people({ groups: [], pairs: [], rounds: [], team: [] }) },
  { name: 'thread', render: () => thread({ newFrom: '3' }) },
  { name: 'thread, fates', render: () => thread({ said: [...talk().slice(2), ...fates()], earlier: 'begin' }) },
  { name: 'thread, warning', render: () => thread({ composer: composer({ text: NUMBER(), found: { kind: 'number', words: '555-0117' } }) }) },
  { name: 'thread, reply', render: () => thread({ composer: composer({ about: { title: t('thread.replying', { name: 'June' }), text: talk()[2]!.text }, text: '' }) }) },
  { name: 'thread, files', render: () => thread({ said: [...talk(), saying('p', '01', '', 20, { attachments: [PICTURE] }), saying('v', '02', '', 19, { attachments: [VOICE] })], composer: composer({ files: [{ kind: 'image', bytes: new Uint8Array(180_000) }] }) }) },
  { name: 'thread, recording', render: () => thread({ composer: composer({ recording: 42_000 }) }) },
  { name: 'thread, trouble', render: () => thread({ composer: composer({ trouble: 'attach.heic', text: 'x'.repeat(4012), hours: reads({ here: false, in: 3, weekday: 1, at: '08:00' }, ['Ana']) }) }) },
  { name: 'people, not here', render: () => people({ groups: [], pairs: [], rounds: [], team: [], getting: true, offline: true }) },
  { name: 'thread, not all here', render: () => thread({ said: talk().slice(2), loading: true, offline: true }) },
  { name: 'thread, getting', render: () => thread({ said: talk().slice(2), loading: true }) },
  { name: 'thread, offline', render: () => thread({ earlier: 'offline', asOf: t('status.as_of', { time: say('8:10 AM', '8:10 a. m.') }), composer: composer({ hours: reads(null, []) }) }) },
  { name: 'thread, writing', render: () => thread({ typing: ['June', 'Lee'] }) },
  { name: 'thread, empty', render: () => thread({ said: [], earlier: 'begin' }) },
  { name: 'thread, take back', render: () => thread({ ask: { about: 'back', onYes: nothing, onNo: nothing } }) },
  { name: 'thread, hostile', render: () => thread({ said: [saying('1', '01', 'W'.repeat(400), 3), saying('2', '02', '<script>alert(1)</script> \u202eright to left\u202c مرحبا', 2), saying('3', null, `${'line\n'.repeat(5)}end`, 1)] }) },
  { name: 'pair', render: () => thread({ kind: 'pair', name: 'Lee', audience: t('thread.see_pair', { name: 'Lee' }), ways: [{ title: t('members.title'), href: '/' }], said: talk().slice(0, 2), composer: composer({ name: 'Lee', kind: 'pair', hours: t('thread.right_now') }) }) },
  { name: 'thread, leaving, full', render: () => thread({ closed: t('people.leaving'), full: true }) },
  { name: 'pair, ended', render: () => thread({ kind: 'pair', name: 'Lee', audience: t('thread.see_pair', { name: 'Lee' }), ways: [], said: talk().slice(0, 2), closed: t('thread.ended') }) },
  { name: 'thread, gone', render: () => <NoThread /> },
  { name: 'members', render: () => members() },
  { name: 'members, leaving', render: () => members({ onLeave: null, leaving: t('people.leaving') }) },
  { name: 'members of a pair', render: () => members({ kind: 'pair', name: 'Lee', members: [LEE, SAM].map((each) => ({ card: each, isMine: each === SAM, between: null, connectHref: null, writeHref: null, canBlock: each === LEE })) }) },
  { name: 'rules', render: () => <Rules name="Evening group" back="/" rules={[{ code: 'a', text: { en: 'What is said here stays here.', es: 'Lo que se dice aquí se queda aquí.' } }, { code: 'b', text: { en: 'Nobody has to speak.', es: 'Nadie tiene que hablar.' } }]} /> },
  { name: 'connect', render: () => connect() },
  { name: 'connect, asking', render: () => connect({ onNo: null }) },
  { name: 'connect, no form', render: () => connect({ words: null }) },
  { name: 'connect, gone', render: () => <NothingToAnswer /> },
  { name: 'blocked', render: () => <Blocked onUnblock={nothing} blocks={[{ id: '1', alias: 'Harbor', since: ago(9000), waiting: null }, { id: '2', alias: 'Ruth', since: ago(900), waiting: t('blocked.waiting') }]} /> },
  { name: 'blocked, none', render: () => <Blocked onUnblock={nothing} blocks={[]} /> },
  { name: 'news', render: () => <News items={[entry('inbox_item', '1', { programme_name: 'Northlight', received_at: ago(3000), text: { en: 'Alumni evening on Thursday, 7 PM.\nBring someone, if you like.', es: 'Noche de reencuentro el jueves, 7 p. m.\nTrae a alguien, si quieres.' } }, 'person:1')]} /> },
  { name: 'news, none', render: () => <News items={[]} /> },
  { name: 'round, my turn', render: () => round() },
  { name: 'round, nothing ready', render: () => round({ ready: null }) },
  { name: 'round, before', render: () => round({ round: null, turns: [], ready: { texts: [rang()], fromCheckIn: true } }) },
  { name: 'round, before, empty', render: () => round({ round: null, turns: [], ready: null }) },
  { name: 'round, passed', render: () => round({ passed: true }) },
  { name: 'round, shared', render: () => round({ turns: turns({ success: line('success', rang(), 'u') }) }) },
  { name: 'round, closed', render: () => round({ round: { ...OPEN, closed: NOW - 1000 }, ready: null, turns: turns({ success: line('success', rang()) }) }) },
  { name: 'round, offline', render: () => round({ offline: true, asOf: t('status.as_of', { time: say('6:10 PM', '6:10 p. m.') }) }) },
  { name: 'round, too late', render: () => round({ round: { ...OPEN, closed: NOW - 1000 }, ready: null, refused: [refused('groups.add_line', { text: rang() }, 'closed')] }) },
  { name: 'my line', render: () => myLine() },
  { name: 'my line, before', render: () => myLine({ isOpen: false }) },
  { name: 'my line, one said', render: () => myLine({ said: ['success'] }) },
]
