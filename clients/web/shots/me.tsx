/** Pages of Me, each in its states. */

import type { Wishes } from '../src/model/reminders.ts'
import type { Device } from '../src/model/phones.ts'
import type { Planned } from '../src/model/planned.ts'
import { About } from '../src/screens/me/about.tsx'
import { Both, type BothProps } from '../src/screens/me/both.tsx'
import { Calls, type CallsProps, ChangeSheet } from '../src/screens/me/calls.tsx'
import { Correction, type CorrectionProps } from '../src/screens/me/correction.tsx'
import { Data } from '../src/screens/me/data.tsx'
import { Devices, type DevicesProps } from '../src/screens/me/devices.tsx'
import { Display } from '../src/screens/me/display.tsx'
import { Hiding } from '../src/screens/me/hiding.tsx'
import { Hours, type HoursProps } from '../src/screens/me/hours.tsx'
import { Looked } from '../src/screens/me/looked.tsx'
import { Me, type MeProps } from '../src/screens/me/me.tsx'
import { NoticeOf, Notices } from '../src/screens/me/notices.tsx'
import { Prove, type ProveProps } from '../src/screens/me/prove.tsx'
import { Record, type RecordProps } from '../src/screens/me/record.tsx'
import { leadsWords, Reminders, type RemindersProps } from '../src/screens/me/reminders.tsx'
import { ConsentOf, type ConsentProps, Gone, Sharing } from '../src/screens/me/sharing.tsx'
import { Stopped } from '../src/screens/start/alerts.tsx'
import { TabPage } from '../src/shell/frame.tsx'
import { Story } from '../src/screens/me/story.tsx'
import { Decided, type Queued, type Refused, Waiting, type WaitingProps } from '../src/screens/me/waiting.tsx'
import { language, t, wallClock } from '../src/text/text.ts'
import type { Shot } from './shot.ts'

const nothing = () => {}
/** In the language of the picture, as staff would have written it. */
const say = (en: string, es: string) => (language.value === 'es' ? es : en)
const ZONE = 'America/New_York'
const HOUR = 3_600_000
/** Thursday, November 19, 8:30 AM in New York. */
const NOW = Date.parse('2026-11-19T13:30:00Z')
const on = (day: string, time = '12:00') => Date.parse(`${day}T${time}:00-05:00`)
const iop = () => say('Intensive outpatient', 'Ambulatorio intensivo')
const evening = () => say('Evening group', 'Grupo de la tarde')

const me = (): MeProps => ({
  chapter: { level: iop(), from: '2026-11-02', weeks: 4 },
  week: { done: 6, target: 9 },
  calls: 2,
  asked: 0,
  shared: 2,
  lock: 'passkey',
  others: 1,
  unsent: { waiting: 0, notSent: 0 },
  leads: [1440, 60],
})

const planned = (changes: Partial<Planned>): Planned => ({
  id: String(changes.starts),
  title: evening(),
  starts: NOW,
  zone: ZONE,
  place: say('Room 4', 'Sala 4'),
  went: 'present',
  minutes: 180,
  session: null,
  ...changes,
})
const session = { id: 's', scope: 'group:1' } as Planned['session']
const days = () => [
  planned({ starts: on('2026-11-16', '18:00') }),
  planned({ starts: on('2026-11-17', '18:00'), went: 'open' }),
  planned({ starts: on('2026-11-18', '18:00'), went: 'excused', minutes: 0 }),
  planned({ starts: on('2026-11-19', '18:00'), went: 'coming', session }),
  planned({ starts: on('2026-11-20', '15:00'), went: 'coming', title: say('Talk with Maria', 'Plática con Maria'), place: '', minutes: 60, session }),
]
const hours = (): HoursProps => ({
  week: { start: '2026-11-16', end: '2026-11-22', done: 6, target: 9, min: 9, max: 20, level: iop() },
  planned: days(),
  enough: days()[3]!,
  before: [
    { start: '2026-11-09', end: '2026-11-15', done: 9, target: 9 },
    { start: '2026-11-02', end: '2026-11-08', done: 7, target: 9 },
  ],
  counsellor: 'Maria',
  asOf: null,
})

const record = (): RecordProps => ({
  programme: 'Northlight Day Center',
  since: on('2026-11-02'),
  values: { given_name: 'Samuel', family_name: 'Kerr', called: 'Sam', date_of_birth: '1991-04-18', email: 'sam@example.org', phone: '555-0172', locale: language.value },
  asked: [],
  corrected: [],
  canAsk: true,
  asOf: null,
})
const asked = () => ({
  id: 'a',
  field: 'date_of_birth',
  wanted: say('I was born on the 18th, not on the 8th.', 'Nací el 18, no el 8.'),
  state: 'open' as const,
  answer: '',
  at: on('2026-11-17'),
  by: null,
  fate: null,
})

const correction = (): CorrectionProps => ({ draft: { field: null, wanted: '' }, onDraft: nothing, onSend: nothing })

const consent = (): ConsentProps => ({
  id: '1',
  name: evening(),
  kind: 'group',
  since: on('2026-11-03'),
  ended: null,
  stopping: false,
  onStop: nothing,
  doc: {
    locale: language.value,
    signature: 'Samuel Kerr',
    discloser: 'Northlight Day Center',
    information: say('That I take part in Evening group, the alias and picture I choose, and what I write in the group.', 'Que participo en el grupo, el alias y la imagen que elijo, y lo que escribo en el grupo.'),
    recipient: say('The people who are members while I am, and the staff who lead it.', 'Las personas que sean parte mientras yo lo sea, y el personal que lo guía.'),
    purpose: say('To take part in group care and peer support.', 'Participar en la atención en grupo y en el apoyo mutuo.'),
    expiry: say('It ends when I leave Evening group or when the group ends.', 'Termina cuando salgo del grupo o cuando el grupo termina.'),
    revocation: say('I can take this back at any time, in the app or in writing.', 'Puedo retirar este permiso cuando quiera, en la app o por escrito.'),
  },
})

const calls = (): CallsProps => ({
  people: [
    { name: 'Dee', number: '555-0123' },
    { name: say('My sponsor, evenings', 'Mi madrina, por la tarde'), number: '(555) 555-0145' },
  ],
  removed: null,
  onSave: () => Promise.resolve(),
  onFirst: nothing,
  onRemove: nothing,
  onPutBack: nothing,
})

const device = (changes: Partial<Device> = {}): Device => ({
  id: 'mine', name: 'Web app, Android', since: on('2026-11-02'), ended: null, why: '', erases: false, erased: null, pushesStopped: false, ...changes,
})
const devices = (): DevicesProps => ({
  mine: device(),
  others: [device({ id: 'other', name: 'Web app, iPhone', since: on('2026-05-14') })],
  ended: [],
  asOf: null,
  unsent: 0,
  onEnd: nothing,
  onSignOut: nothing,
})
const prove = (): ProveProps => ({ step: 'send', email: 'sam@example.org', onSend: nothing, onCode: nothing, onBack: nothing })

const wishes: Wishes = { zone: ZONE, quiet: ['21:30', '07:30'], leads: [1440, 60] }
const reminders = (): RemindersProps => ({
  wishes,
  push: 'off',
  zone: ZONE,
  coming: [
    { when: say('Today, 5:00 PM', 'Hoy, 5:00 p. m.'), what: say('For the session: Today, 6:00 PM', 'Para la sesión: Hoy, 6:00 p. m.') },
  ],
  hasSessions: true,
  fate: null,
  both: null,
  asOf: null,
  onLead: nothing,
  onQuiet: nothing,
  onZone: nothing,
  onPush: nothing,
  onCalendar: nothing,
})

const checkIn = (): Queued => ({ uuid: '1', title: say('Check-in for Thursday', 'Tu día: jueves'), at: NOW - HOUR / 4, fate: 'saved', canTakeBack: true })
const message = (): Queued => ({ uuid: '2', title: say('Message to Evening group', 'Mensaje para Grupo de la tarde'), at: NOW - HOUR / 6, fate: 'waiting', canTakeBack: false })
const refused = (changes: Partial<Refused> = {}): Refused => ({
  uuid: '3',
  title: say('Message to Morning group', 'Mensaje para Grupo de la mañana'),
  at: NOW - HOUR,
  reason: 'not_allowed',
  written: [say('Thanks for last week, all of you. I will miss Tuesdays.', 'Gracias por la semana pasada. Voy a extrañar los martes.')],
  way: null,
  files: null,
  href: null,
  most: 4000,
  draft: null,
  ...changes,
})
const waiting = (): WaitingProps => ({
  network: 'online',
  lastSynced: NOW,
  tooOld: false,
  full: false,
  queued: [],
  refused: [],
  sent: [],
  takenBack: null,
  onTryNow: nothing,
  onTakeBack: nothing,
  onSendAfterAll: nothing,
  onCopy: nothing,
  onAgain: nothing,
  onDraft: nothing,
  onEdit: nothing,
  onDelete: nothing,
})
const tool = () => ({ uuid: '4', title: say('A tool you did', 'Una práctica que hiciste'), at: NOW - HOUR / 2 })

const both = (): BothProps => ({
  title: say('Change to a message', 'Cambio en un mensaje'),
  at: NOW - HOUR,
  mine: [{ words: say('I get paid on the 30th. Can someone walk with me?', 'Me pagan el 30. ¿Alguien camina conmigo?'), differs: false }],
  now: [{ words: say('I get paid on the 30th.', 'Me pagan el 30.'), differs: false }],
  joined: say('I get paid on the 30th. Can someone walk with me?', 'Me pagan el 30. ¿Alguien camina conmigo?'),
  onJoined: nothing,
  onMine: nothing,
  onTheirs: nothing,
  onSend: nothing,
})
const settings = (): BothProps => {
  const lines = (leads: number[], differs: boolean) => [
    { words: leadsWords(leads), differs },
    { words: say(`Quiet from ${wallClock('21:30')} to ${wallClock('07:30')}`, `Silencio de ${wallClock('21:30')} a ${wallClock('07:30')}`), differs: false },
  ]
  return { ...both(), title: say('Your reminders', 'Tus recordatorios'), mine: lines([1440, 60], true), now: lines([60], true), joined: undefined, onJoined: undefined }
}

const story = () => [
  {
    id: '2',
    began: '2026-11-02',
    ended: null,
    chapters: [
      { id: 'c', level: iop(), from: '2026-11-02', minutes: 540, reason: say('Evenings fit your work.', 'Las tardes van con tu trabajo.'), by: 'maria' },
    ],
  },
  {
    id: '1',
    began: '2025-03-03',
    ended: '2025-06-27',
    chapters: [
      { id: 'b', level: say('Alumni', 'Después del programa'), from: '2025-06-02', minutes: 0, reason: '', by: '' },
      { id: 'a', level: iop(), from: '2025-03-03', minutes: 720, reason: '', by: '' },
    ],
  },
]

const notice = () => ({
  lang: language.value,
  title: say('How we keep what you tell us', 'Cómo guardamos lo que nos cuentas'),
  heading: say('Notice of Privacy Practices of Northlight Day Center', 'Aviso de Prácticas de Privacidad de Northlight Day Center'),
  sections: [
    { id: '1', title: say('What we may do', 'Lo que podemos hacer'), body: say('We use your record to care for you.', 'Usamos tu expediente para atenderte.'), list: undefined },
    { id: '2', title: say('Your rights', 'Tus derechos'), body: undefined, list: [say('See your record', 'Ver tu expediente')] },
  ],
  acknowledge: '',
  decline: '',
})
const confirmed = () => say('You confirmed it on November 2, as Samuel Kerr.', 'Lo confirmaste el 2 de noviembre, como Samuel Kerr.')

export const SHOTS: readonly Shot[] = [
  { name: 'me', render: () => <Me {...me()} /> },
  { name: 'me/something needs the person', render: () => <Me {...me()} unsent={{ waiting: 2, notSent: 1 }} asked={1} lock="words" /> },
  { name: 'me/before care', render: () => <Me {...me()} chapter={null} week={null} calls={0} shared={0} others={0} lock="phone" leads={null} unsent={{ waiting: 1, notSent: 0 }} /> },
  { name: 'hours', render: () => <Hours {...hours()} /> },
  { name: 'hours/offline, enough', render: () => <Hours {...hours()} week={{ ...hours().week!, done: 9.5 }} enough={null} asOf={NOW} counsellor={null} /> },
  { name: 'hours/none', render: () => <Hours week={null} planned={[]} enough={null} before={[]} counsellor={null} asOf={null} /> },
  {
    name: 'story',
    render: () => (
      <Story story={story()} today="2026-11-19" nameOf={(user) => (user === 'maria' ? 'Maria' : null)} levelOf={(code) => code} helped={[{ title: say('Box breathing', 'Respiración en caja'), eased: 7, rated: 9, href: '/tools/1' }]} />
    ),
  },
  { name: 'story/none', render: () => <Story story={[]} today="2026-11-19" nameOf={() => null} levelOf={(code) => code} helped={[]} /> },
  { name: 'record', render: () => <Record {...record()} /> },
  {
    name: 'record/asked and corrected',
    render: () => (
      <Record
        {...record()}
        asOf={NOW}
        asked={[
          { ...asked(), id: 'w', field: 'phone', wanted: '555-0179', fate: say('Saved on this phone', 'Guardado en este teléfono') },
          asked(),
          { ...asked(), id: 'd', field: 'other', wanted: say('I did not say that.', 'Yo no dije eso.'), state: 'declined', answer: say('Let us look at it together on Friday.', 'Veámoslo el viernes.'), by: 'Maria' },
        ]}
        corrected={[{ id: 'c', field: 'date_of_birth', before: '1991-04-08', after: '1991-04-18', reason: say('A mistake in typing.', 'Un error al escribir.'), at: on('2026-11-05'), by: 'Dana' }]}
      />
    ),
  },
  { name: 'record/before care', render: () => <Record {...record()} programme={null} since={null} values={{ given_name: 'Samuel' }} canAsk={false} /> },
  { name: 'correction', render: () => <Correction {...correction()} /> },
  { name: 'correction/offline, full', render: () => <Correction {...correction()} draft={{ field: 'phone', wanted: '555-0179' }} offline full /> },
  {
    name: 'sharing',
    render: () => (
      <Sharing
        now={[consent(), { ...consent(), id: '2', kind: 'pair', name: 'June', since: on('2026-11-10'), stopping: true }]}
        before={[{ ...consent(), id: '3', name: say('Morning group', 'Grupo de la mañana'), ended: on('2026-11-01') }]}
        asOf={null}
      />
    ),
  },
  { name: 'sharing/none', render: () => <Sharing now={[]} before={[]} asOf={NOW} /> },
  { name: 'sharing/one', render: () => <ConsentOf {...consent()} /> },
  { name: 'sharing/stopping', render: () => <ConsentOf {...consent()} stopping /> },
  { name: 'sharing/ended, full', render: () => <ConsentOf {...consent()} ended={on('2026-11-18')} full /> },
  { name: 'sharing/gone', render: () => <Gone /> },
  { name: 'notices', render: () => <Notices notices={[{ id: '1', title: notice().title, from: '2026-02-16', answer: confirmed() }]} /> },
  { name: 'notices/none', render: () => <Notices notices={[]} /> },
  { name: 'notices/one', render: () => <NoticeOf words={notice()} answer={confirmed()} /> },
  { name: 'looked', render: () => <Looked programme="Northlight Day Center" contact={{ title: say('Privacy Officer', 'Responsable de Privacidad'), number: '555-0142', email: 'privacy@northlight.example' }} /> },
  { name: 'looked/before care', render: () => <Looked programme={null} contact={null} /> },
  { name: 'calls', render: () => <Calls {...calls()} /> },
  { name: 'calls/none', render: () => <Calls {...calls()} people={[]} /> },
  { name: 'calls/removed, full', render: () => <Calls {...calls()} people={calls().people.slice(1)} removed="Dee" full /> },
  {
    name: 'calls/change',
    render: () => (
      <TabPage tab="me" title={t('tabs.me')}>
        <ChangeSheet person={calls().people[1]!} isFirst={false} onClose={nothing} {...calls()} />
      </TabPage>
    ),
  },
  { name: 'devices', render: () => <Devices {...devices()} /> },
  { name: 'devices/unsent', render: () => <Devices {...devices()} unsent={2} /> },
  { name: 'devices/only this', render: () => <Devices {...devices()} others={[]} mine={device({ pushesStopped: true })} /> },
  {
    name: 'devices/ended',
    render: () => (
      <Devices
        {...devices()}
        last="done"
        others={[]}
        asOf={NOW}
        ended={[
          device({ id: '1', name: 'Web app, iPhone', ended: on('2026-11-18'), why: 'lost', erases: true }),
          device({ id: '2', name: 'Web app, Windows', ended: on('2026-11-01'), why: 'by_staff', erases: true, erased: on('2026-11-02') }),
          device({ id: '3', name: '', ended: on('2026-10-20'), why: 'signed_out' }),
        ]}
      />
    ),
  },
  { name: 'devices/offline', render: () => <Devices {...devices()} last="offline" /> },
  { name: 'devices/no address', render: () => <Devices {...devices()} last="no address" desk="555-0141" /> },
  { name: 'devices/too many', render: () => <Devices {...devices()} last="too many" /> },
  { name: 'devices/other', render: () => <Devices {...devices()} last="other" desk="555-0141" busy /> },
  { name: 'prove', render: () => <Prove {...prove()} /> },
  { name: 'prove/code', render: () => <Prove {...prove()} step="code" /> },
  { name: 'prove/wrong', render: () => <Prove {...prove()} step="code" wrong /> },
  { name: 'prove/factor, offline', render: () => <Prove {...prove()} step="factor" offline /> },
  { name: 'reminders', render: () => <Reminders {...reminders()} push="on" /> },
  { name: 'reminders/waiting, other zone', render: () => <Reminders {...reminders()} zone="America/Los_Angeles" push="waits" fate={say('Saved on this phone', 'Guardado en este teléfono')} asOf={NOW} /> },
  { name: 'reminders/two versions', render: () => <Reminders {...reminders()} both="/me/waiting/1" push="stopped" wishes={{ ...wishes, quiet: null, leads: [] }} coming={[]} /> },
  { name: 'reminders/five', render: () => <Reminders {...reminders()} push="denied" wishes={{ ...wishes, leads: [1440, 720, 60, 45, 0] }} full /> },
  { name: 'reminders/on an iPhone', render: () => <Reminders {...reminders()} push="home" hasSessions={false} /> },
  { name: 'reminders/no pushes', render: () => <Reminders {...reminders()} push="none" wishes={null} coming={[]} hasSessions={false} /> },
  {
    name: 'reminders/stopped, on Today',
    render: () => (
      <TabPage tab="today" title={say('Good morning, Sam', 'Buenos días, Sam')}>
        <Stopped />
      </TabPage>
    ),
  },
  { name: 'waiting/none', render: () => <Waiting {...waiting()} /> },
  {
    name: 'waiting/offline',
    render: () => (
      <Waiting {...waiting()} network="offline" lastSynced={NOW - HOUR} queued={[checkIn(), message()]} refused={[refused(), refused({ uuid: '5', title: settings().title, reason: 'conflict', written: [], way: 'both', href: '/me/waiting/5' })]} sent={[tool()]} />
    ),
  },
  {
    name: 'waiting/other words',
    render: () => <Waiting {...waiting()} refused={[refused({ reason: 'too_large', way: 'edit', draft: say('Thanks for last week.', 'Gracias por la semana pasada.') })]} />,
  },
  {
    name: 'waiting/not sent',
    render: () => (
      <Waiting
        {...waiting()}
        refused={[
          refused({ reason: 'too_large', way: 'edit', files: 'kept' }),
          refused({ uuid: '9', reason: 'not_understood', way: 'edit', files: 'lost' }),
          refused({ uuid: '6', title: say('Yes to a group', 'Sí a un grupo'), reason: 'alias_taken', written: ['River'], way: 'look', href: '/invitations/1' }),
          refused({ uuid: '7', title: say('I’m here', 'Ya llegué'), reason: 'internal', written: [], way: 'again' }),
          refused({ uuid: '8', title: say('A tool you did', 'Una práctica que hiciste'), reason: null, written: [say('Rain on the bus', 'Lluvia en el bus')], way: 'look', href: '/tools/mine/1' }),
        ]}
      />
    ),
  },
  { name: 'waiting/busy', render: () => <Waiting {...waiting()} network="busy" queued={[{ ...message(), canTakeBack: true }]} /> },
  { name: 'waiting/too old', render: () => <Waiting {...waiting()} tooOld queued={[message()]} /> },
  { name: 'waiting/full', render: () => <Waiting {...waiting()} full queued={[checkIn()]} /> },
  { name: 'waiting/taken back', render: () => <Waiting {...waiting()} takenBack={{ ...message(), written: [say('See you at six.', 'Nos vemos a las seis.')] }} /> },
  { name: 'both/message', render: () => <Both {...both()} /> },
  { name: 'both/settings', render: () => <Both {...settings()} full /> },
  { name: 'both/decided', render: () => <Decided /> },
  { name: 'display', render: () => <Display /> },
  { name: 'hiding', render: () => <Hiding lock="passkey" hidden={false} onHidden={nothing} /> },
  { name: 'hiding/on', render: () => <Hiding lock="phone" hidden onHidden={nothing} /> },
  { name: 'data', render: () => <Data used={2_100_000} keeps saves={false} onSave={nothing} /> },
  { name: 'data/saving', render: () => <Data used={null} keeps={false} saves onSave={nothing} /> },
  { name: 'about', render: () => <About name={say('Notes', 'Notas')} version="1.0" programme="Northlight Day Center" server="northlight.example" newer={false} onUse={nothing} /> },
  { name: 'about/newer', render: () => <About name={say('Notes', 'Notas')} version="1.0" programme={null} server="northlight.example" newer onUse={nothing} /> },
]
