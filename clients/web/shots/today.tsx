/** Pages of Today and the check-in, each in its states. */

import type { VNode } from 'preact'
import type { Answers, Step } from '../src/model/check_in.ts'
import type { Session } from '../src/model/sessions.ts'
import { CheckIn, type CheckInProps } from '../src/screens/today/check_in.tsx'
import { CheckInDone } from '../src/screens/today/check_in_done.tsx'
import { CheckInDay, CheckIns, NoCheckIn } from '../src/screens/today/check_ins.tsx'
import { CantGo, SessionDetails, SessionGone, Sessions } from '../src/screens/today/session.tsx'
import { Today, type TodayProps } from '../src/screens/today/today.tsx'
import { language, t } from '../src/text/text.ts'
import type { Shot } from './shot.ts'

const nothing = () => {}
/** In the language of the picture, as staff would have written it. */
const say = (en: string, es: string) => (language.value === 'es' ? es : en)

/** Thursday, November 19, 8:10 AM in New York. */
const NOW = Date.parse('2026-11-19T13:10:00Z')
const HOUR = 3_600_000

function session(changes: Partial<Session> = {}): Session {
  const starts = Date.parse('2026-11-19T23:00:00Z')
  return {
    id: 'evening',
    scope: 'group:1',
    series: 'evening',
    slot: 0,
    kind: 'group',
    title: say('Evening group with Ana', 'Grupo de la tarde con Ana'),
    starts,
    ends: starts + 3 * HOUR,
    zone: 'America/New_York',
    day: '2026-11-19',
    place: say('Room 4', 'sala 4'),
    video: '',
    cancelled: false,
    reason: '',
    otherPlace: false,
    movedFrom: null,
    ...changes,
  }
}

const next = (changes: Partial<Session> = {}, more: Partial<NonNullable<TodayProps['next']>> = {}) =>
  ({ session: session(changes), now: NOW, arrival: 'closed', asOf: null, onHere: nothing, ...more }) as const

const usual = (): TodayProps => ({
  name: 'Sam',
  now: NOW,
  line: { network: 'online', waiting: 0, notSent: 0 },
  next: next(),
  nextIsNear: true,
  checkIn: { slot: 'morning', state: 'due', at: '', href: '/check-in' },
  week: { done: 6, target: 9, left: 1 },
  tool: {
    title: say('Thought record', 'Registro de pensamientos'),
    from: 'Maria',
    due: Date.parse('2026-11-20T12:00:00Z'),
    minutes: 10,
    offline: false,
    href: '/tools/1',
  },
})

const team = { number: '555-0141', until: '20:00' }
const wrote = () => ({
  who: 'Lee',
  where: say('Evening circle', 'Círculo de la tarde'),
  at: say('Today, 7:50 AM', 'Hoy, 7:50 a. m.'),
  href: '/people/1',
})

const today: Record<string, () => TodayProps> = {
  usual,
  offline: () => ({
    ...usual(),
    line: { network: 'offline', waiting: 2, notSent: 0 },
    getting: [say('messages', 'tus mensajes')],
    next: next({}, { asOf: NOW }),
    checkIn: { slot: 'morning', state: 'waiting', at: '', href: '/check-ins/1' },
    tool: { ...usual().tool!, offline: true },
  }),
  'needs you': () => ({
    ...usual(),
    line: { network: 'online', waiting: 0, notSent: 1 },
    needsYou: true,
    next: next({ otherPlace: true, place: say('Room 2', 'sala 2') }),
    checkIn: null,
    tool: null,
    getting: [say('messages', 'tus mensajes')],
  }),
  'first minute': () => ({ name: '', now: NOW, line: usual().line, getting: (['person', 'care', 'group', 'program', 'library'] as const).map((thing) => t(`today.scope_${thing}`)) }),
  'half done': () => ({ ...usual(), checkIn: { slot: 'day', state: 'begun', at: '', href: '/check-in' } }),
  'checked in': () => ({ ...usual(), checkIn: { slot: 'morning', state: 'sent', at: say('8:14 AM', '8:14 a. m.'), href: '/check-ins/1' }, wrote: wrote() }),
  'checked in only here': () => ({ ...usual(), checkIn: { slot: 'evening', state: 'mine', at: '', href: '/check-ins/1' } }),
  'I can say I am here': () => ({ ...usual(), next: next({ starts: NOW + HOUR / 2, ends: NOW + 3 * HOUR }, { arrival: 'open' }) }),
  'I am here': () => ({ ...usual(), next: next({ starts: NOW - HOUR, ends: NOW + HOUR }, { arrival: 'said' }) }),
  'I am here, waiting': () => ({
    ...usual(),
    line: { network: 'offline', waiting: 1, notSent: 0 },
    next: next({ starts: NOW - HOUR, ends: NOW + HOUR }, { arrival: 'said', arrivalWaits: true, asOf: NOW }),
  }),
  'session moved': () => ({
    ...usual(),
    next: next({ starts: Date.parse('2026-11-20T00:30:00Z'), movedFrom: ['2026-11-19', '18:00'], reason: say('The room is being painted.', 'Están pintando la sala.') }),
  }),
  'session cancelled': () => ({
    ...usual(),
    off: { session: session({ cancelled: true, reason: say('Ana is ill today.', 'Ana no está bien hoy.') }), now: NOW, asOf: null },
    next: next({ starts: NOW + 34 * HOUR, ends: NOW + 37 * HOUR }),
    nextIsNear: false,
  }),
  'nothing due': () => ({
    ...usual(),
    next: next({ starts: NOW + 80 * HOUR, ends: NOW + 83 * HOUR }),
    nextIsNear: false,
    checkIn: { slot: 'morning', state: 'sent', at: say('7:02 AM', '7:02 a. m.'), href: '/check-ins/1' },
    tool: null,
    helped: { title: say('Box breathing', 'Respiración en caja'), href: '/tools/2' },
  }),
  'the morning after a missed session': () => ({
    ...usual(),
    missed: { title: say('Evening group', 'Grupo de la tarde'), time: say('6:00 PM', '6:00 p. m.'), team, onSeen: nothing },
  }),
  'after use': () => ({
    ...usual(),
    lapse: {
      person: { name: 'Dee', number: '555-0118' },
      team,
      next: { when: say('Monday, 6:00 PM', 'Lunes, 6:00 p. m.'), title: say('Evening group', 'Grupo de la tarde') },
      look: '/tools/3',
    },
    wrote: wrote(),
    tool: null,
  }),
  'after use, nobody written down': () => ({ ...usual(), lapse: { person: null, team: { number: '555-0140', hours: '24/7' }, next: null, look: null } }),
  'level changed': () => ({
    ...usual(),
    level: {
      level: say('Outpatient', 'Ambulatorio'),
      before: say('Intensive outpatient', 'Ambulatorio intensivo'),
      hours: 2,
      hoursBefore: 9,
      lines: [say('From Nov. 23 on, your goal is 2 hours a week.', 'Desde el 23 de noviembre tu meta son 2 horas por semana.'), say('Evening group ends for you.', 'El grupo de la tarde termina para ti.'), say('Your talks with Maria go on.', 'Tus pláticas con Maria siguen.')],
      why: say('You asked for evenings with your son.', 'Pediste las noches con tu hijo.'),
      who: 'Maria',
      onSeen: nothing,
    },
  }),
  'back after a long time': () => ({
    ...usual(),
    away: { programme: 'Northlight', number: '555-0141', checkIn: '/check-in', onLook: nothing },
  }),
  'news for alumni': () => ({
    ...usual(),
    next: null,
    week: null,
    tool: null,
    checkIn: null,
    news: {
      programme: 'Northlight',
      text: say('A breakfast for all who were here before. Saturday, 10 AM, the long table.', 'Un desayuno para quienes ya estuvieron aquí. Sábado a las 10, en la mesa larga.'),
      at: say('Yesterday, 4:10 PM', 'Ayer, 4:10 p. m.'),
      onSeen: nothing,
    },
  }),
  'server busy, app too old': () => ({ ...usual(), line: { network: 'busy', waiting: 1, notSent: 0, tooOld: true } }),
}

const STEPS: Step[] = ['success', 'mood', 'craving_now', 'craving_worst', 'sleep', 'halt', 'medication', 'used', 'gap', 'last']

function ask(step: Step, answers: Answers = {}, more: Partial<CheckInProps> = {}): VNode {
  return (
    <CheckIn
      step={step}
      steps={STEPS}
      day="2026-11-19"
      slot="morning"
      today="2026-11-19"
      answers={answers}
      asksWhat
      share="team"
      shares={['team', 'round', 'me']}
      team={say('Maria and Noor', 'Maria y Noor')}
      onAnswer={nothing}
      onShare={nothing}
      pageOf={(step) => `/check-in/${step}`}
      onNext={nothing}
      onSkip={nothing}
      onDay={nothing}
      onStopUse={nothing}
      {...more}
    />
  )
}

const success = () => say('I called someone. Rang Dee on the way home.', 'Llamé a alguien. Hablé con Dee de camino a casa.')
const full = (): Answers => ({
  success: success(),
  mood: 3,
  craving_now: 7,
  craving_worst: 8,
  sleep_hours: 6,
  sleep_quality: 2,
  halt: ['hungry', 'tired'],
  medication: 'taken',
  used: false,
  plan: say('Walk before group', 'Caminar antes del grupo'),
})

const details = (changes: Partial<Session>, arrival: 'closed' | 'open' | 'confirmed' | 'declined' = 'closed') => (
  <SessionDetails session={session(changes)} now={NOW} arrival={arrival} asOf={null} onHere={nothing} />
)
const listed = () => [
  session(),
  session({ id: '2', starts: NOW + 34 * HOUR, title: say('Talk with Maria', 'Plática con Maria'), place: '', video: 'https://video.example/1' }),
  session({ id: '3', starts: NOW + 58 * HOUR, cancelled: true }),
  session({ id: '4', starts: NOW + 240 * HOUR }),
]

export const SHOTS: readonly Shot[] = [
  ...Object.entries(today).map(([name, props]) => ({ name: `today/${name}`, render: () => <Today {...props()} /> })),
  { name: 'session', render: () => details({}) },
  { name: 'session/by video, now', render: () => details({ place: '', video: 'https://video.example/1', starts: NOW + HOUR / 2 }, 'open') },
  { name: 'session/confirmed', render: () => details({ starts: NOW - HOUR, ends: NOW + HOUR }, 'confirmed') },
  { name: 'session/cancelled', render: () => details({ cancelled: true, reason: say('Ana is ill today.', 'Ana no está bien hoy.') }) },
  { name: 'session/gone', render: () => <SessionGone /> },
  {
    name: 'session/cannot go',
    render: () => (
      <CantGo session={session()} now={NOW} team={team} group={{ name: say('Evening circle', 'Círculo de la tarde'), href: '/people/1' }} others={listed().slice(1, 2)} />
    ),
  },
  { name: 'sessions', render: () => <Sessions sessions={listed()} now={NOW} asOf={NOW} /> },
  { name: 'sessions/none', render: () => <Sessions sessions={[]} now={NOW} asOf={null} /> },
  { name: 'check-in/well', render: () => ask('success', { success: success() }) },
  { name: 'check-in/yesterday', render: () => ask('success', {}, { day: '2026-11-18' }) },
  ...STEPS.slice(1, -1).map((step) => ({ name: `check-in/${step}`, render: () => ask(step, full()) })),
  { name: 'check-in/used it', render: () => ask('used', { used: true, used_what: say('Two beers', 'Dos cervezas') }) },
  { name: 'check-in/last', render: () => ask('last', full()) },
  { name: 'check-in/last, sent before', render: () => ask('last', full(), { shares: ['team'] }) },
  { name: 'check-in/phone full', render: () => ask('last', full(), { full: true, share: 'me' }) },
  ...(['used', 'urge_plan', 'low', 'halt', 'success', 'thanks', 'nothing'] as const).map((reply) => ({
    name: `check-in/done, ${reply}`,
    render: () => (
      <CheckInDone
        reply={reply}
        fate={reply === 'nothing' ? '' : say('Saved on this phone. Sent, 8:14 AM.', 'Guardado en este teléfono. Enviado, 8:14 a. m.')}
        hard={reply === 'used' || reply === 'urge_plan'}
        team={team}
      />
    ),
  })),
  {
    name: 'check-ins',
    render: () => (
      <CheckIns
        days={[
          { day: '2026-11-19', slot: 'day', state: 'waiting', at: '', signed: false },
          { day: '2026-11-18', slot: 'day', state: 'open', at: '', signed: false },
          { day: '2026-11-17', slot: 'day', state: 'open', at: '', signed: false, begun: true },
          { day: '2026-11-17', slot: 'evening', state: 'mine', at: '', signed: false },
          { day: '2026-11-16', slot: 'day', state: 'sent', at: say('8:14 AM', '8:14 a. m.'), signed: true },
          { day: '2026-11-15', slot: 'day', state: 'sent', at: say('8:14 AM', '8:14 a. m.'), signed: false, begun: true },
        ]}
        today="2026-11-19"
        asksUse
        onAskUse={nothing}
      />
    ),
  },
  { name: 'check-ins/none', render: () => <CheckIns days={[]} today="2026-11-19" asksUse={null} onAskUse={nothing} /> },
  {
    name: 'check-ins/day',
    render: () => <CheckInDay onDelete={nothing} day="2026-11-19" slot="day" state="waiting" at="" signed={false} answers={full()} forRound unread={false} />,
  },
  {
    name: 'check-ins/day, signed, part unread',
    render: () => (
      <CheckInDay onDelete={nothing} day="2026-11-16" slot="evening" state="sent" at={say('8:14 AM', '8:14 a. m.')} signed answers={{ mood: 4, used: true, used_what: say('Two beers', 'Dos cervezas'), halt: [] }} forRound={false} unread />
    ),
  },
  {
    name: 'check-ins/day, sent from another phone too',
    render: () => <CheckInDay onDelete={nothing} day="2026-11-19" slot="day" state="sent" at={say('8:14 AM', '8:14 a. m.')} signed={false} answers={full()} mine={{ mood: 2 }} forRound={false} unread={false} />,
  },
  {
    name: 'check-ins/day, begun',
    render: () => <CheckInDay onDelete={nothing} day="2026-11-17" slot="day" state="open" at="" signed={false} answers={{}} draft={{ success: success(), mood: 2 }} forRound={false} unread={false} full />,
  },
  {
    name: 'check-ins/day, change begun, signed since',
    render: () => <CheckInDay onDelete={nothing} day="2026-11-16" slot="day" state="sent" at={say('8:14 AM', '8:14 a. m.')} signed answers={{ mood: 4 }} draft={{ mood: 2 }} forRound={false} unread={false} />,
  },
  { name: 'check-ins/no such day', render: () => <NoCheckIn /> },
]
