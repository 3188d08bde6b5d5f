/** From the door to the first day, the lock, and what stands in the way. */

import type { EntryOf } from 'handrail'
import type { ComponentChildren } from 'preact'
import NAMES from '../src/names.json'
import type { Session } from '../src/model/sessions.ts'
import { filled } from '../src/model/promises.ts'
import { ByEmail, type ByEmailProps } from '../src/screens/door/by_email.tsx'
import { Door, type DoorProps } from '../src/screens/door/door.tsx'
import { LeaseRanOut, Nowhere, SignedOut, StorageCleared } from '../src/screens/instead/closed.tsx'
import { Locked, type LockedProps } from '../src/screens/instead/locked.tsx'
import { Update } from '../src/screens/instead/update.tsx'
import { NewCode, OpenInvitation, WaitingNotice } from '../src/screens/start/alerts.tsx'
import { FirstDay, type FirstDayProps } from '../src/screens/start/first_day.tsx'
import { PersonSheet } from '../src/screens/start/person_sheet.tsx'
import { FirstRead } from '../src/screens/start/questions.tsx'
import { FourWords } from '../src/screens/start/four_words.tsx'
import { GroupQuestion, GroupSign } from '../src/screens/start/group_choice.tsx'
import type { FormWords, NoticeWords } from '../src/screens/start/first.ts'
import { Install, type InstallProps } from '../src/screens/start/install.tsx'
import { LockChoice } from '../src/screens/start/lock_choice.tsx'
import { Never } from '../src/screens/start/never.tsx'
import { NoticeAnswer, NoticeText } from '../src/screens/start/notice.tsx'
import { NotKept } from '../src/parts/not_kept.tsx'
import { TabPage } from '../src/shell/frame.tsx'
import { language, t } from '../src/text/text.ts'
import TEXTS from './first_texts.json'
import { opened, type Shot } from './shot.ts'

const NOW = Date.parse('2026-11-02T17:10:00Z')
const none = () => {}

function noticeWords(): NoticeWords {
  const own = TEXTS.notice[language.value]
  const names = {
    programme: 'Northlight', privacy_contact: 'Joan Albright', phone: '555-0142',
    email: 'privacy@northlight.example', effective_on: 'February 16, 2026',
  }
  const fill = (text: string) => filled(text, names, language.value)
  const sections = (own.sections as { id: string; title: string; body?: string; list?: string[] }[]).map((section) => ({
    id: section.id, title: fill(section.title), body: section.body && fill(section.body), list: section.list?.map(fill),
  }))
  const { title, heading, acknowledge, decline } = own
  return { lang: language.value, title: fill(title), heading: fill(heading), sections, acknowledge, decline }
}

function formWords(): FormWords {
  const text = filled(JSON.stringify(TEXTS.form[language.value]), { programme: 'Northlight', group: 'Evening group' }, 'en')
  return { lang: language.value, ...JSON.parse(text) }
}

const RULES = {
  en: ['What is said here stays here.', 'We take no screenshots, photos or recordings.', 'We each speak for ourselves. We answer with kindness.'],
  es: ['Lo que se dice aquí se queda aquí.', 'No tomamos capturas de pantalla, fotos ni grabaciones.', 'Cada persona habla por sí misma. Respondemos con respeto y cariño.'],
}
const door = (props: Partial<DoorProps>) => () => <Door onOpen={none} onEmail={none} {...props} />
const email = (props: Partial<ByEmailProps>) => () => (
  <ByEmail step="address" onAddress={none} onCode={none} onResend={none} onBack={none} {...props} />
)
const names = () => Object.entries(NAMES).map(([id, name]) => ({ id, name: name[language.value] }))
const install = (props: Partial<InstallProps>) => () => (
  <Install platform="other" names={names()} name="notes" onName={none} onInstall={none} onLater={none} {...props} />
)
const locked = (props: Partial<LockedProps>) => () => (
  <Locked by="words" onPasskey={none} onWords={none} onErase={none} {...props} />
)
const question = (props: object) => () => (
  <GroupQuestion group="Evening group" words={formWords()} step={3} of={4} onYes={none} onNo={none} onLater={none} {...props} />
)
const sign = (props: object) => () => (
  <GroupSign
    group="Evening group" words={formWords()} rules={RULES[language.value]} name="Sam Rivera" names={['Sam', 'Rivera']}
    step={3} of={4} onBack={none} onJoin={none} {...props}
  />
)
const SESSION: Session = {
  id: '0', scope: 'group:0', series: '0', slot: 0, kind: 'group', title: 'Evening group', starts: NOW + 9 * 3_600_000,
  ends: NOW + 12 * 3_600_000, zone: 'America/Los_Angeles', day: '2026-11-02', place: 'Room 4', video: '', cancelled: false,
  reason: '', otherPlace: false, movedFrom: null,
}
const firstDay = (props: Partial<FirstDayProps>) => () => (
  <FirstDay
    cards={['session', 'person', 'tool']} name="Sam" session={SESSION} now={NOW} onAway={none}
    onPerson={() => Promise.resolve()} {...props}
  />
)
const recovery = (doc: object, pending: string | null = null): EntryOf<'account_recovery'> => ({
  scope: 'person:0', kind: 'account_recovery', id: '0', seq: 1, pending,
  doc: {
    programme_id: '0', started_by: '0', started_by_name: 'Noor Hale', started_at: '2026-11-02T16:40:00Z', by_email: false,
    needs_approval: true, approved_by: null, approved_by_name: '', approved_at: null, resets_factors: true, usable_from: null,
    expires_at: '2026-11-05T16:40:00Z', confirmed_at: null, refused_at: null, revoked_at: null, used_at: null, ...doc,
  },
})
const code = (doc: object, pending: string | null = null) => () => (
  <TabPage tab="today" title={t('tabs.today')}>
    <NewCode recovery={recovery(doc, pending)} desk="555-0141" onRefuse={none} onConfirm={none} />
  </TabPage>
)
const above = (part: () => ComponentChildren) => () => <TabPage tab="today" title={t('tabs.today')}>{part()}</TabPage>

export const SHOTS: readonly Shot[] = [
  { name: 'door', render: door({}) },
  { name: 'door, code from a link', render: door({ code: '7QMX-2RTA-9WPF', install: '/install' }) },
  { name: 'door, wrong', render: door({ code: '7QMX-2RTA-9WPF', ended: 'wrong' }) },
  { name: 'door, too many', render: door({ ended: 'too many' }) },
  { name: 'door, offline', render: door({ ended: 'offline' }) },
  { name: 'door, busy', render: door({ ended: 'busy' }) },
  { name: 'door, no room', render: door({ ended: 'full' }) },
  { name: 'door, not approved yet', render: door({ ended: 'not yet' }) },
  { name: 'door, not yet', render: door({ ended: 'not yet', from: new Date('2026-11-05T16:40:00Z') }) },
  { name: 'door, second factor', render: door({ code: '7QMX-2RTA-9WPF', asksFactor: true }) },
  { name: 'door, second factor wrong', render: door({ code: '7QMX-2RTA-9WPF', asksFactor: true, factorIsWrong: true }) },
  { name: 'door, sign in again', render: door({ unsent: 2 }) },
  { name: 'email, sign in again', render: email({ unsent: 2 }) },
  { name: 'email, address', render: email({}) },
  { name: 'email, wrong', render: email({ ended: 'wrong' }) },
  { name: 'email, offline', render: email({ ended: 'offline' }) },
  { name: 'email, code', render: email({ step: 'code' }) },
  { name: 'email, code wrong', render: email({ step: 'code', ended: 'wrong', resent: true }) },
  { name: 'email, used up', render: email({ ended: 'over' }) },
  { name: 'email, second factor', render: email({ step: 'factor' }) },
  { name: 'install, android', render: install({ platform: 'android' }) },
  { name: 'install, iphone', render: install({ platform: 'iphone', code: '7QMX-2RTA-9WPF' }) },
  { name: 'install, other', render: install({}) },
  { name: 'install, done', render: install({ platform: 'done' }) },
  { name: 'lock', render: () => <LockChoice hasPasskey step={1} of={4} onChoose={none} /> },
  { name: 'lock, no passkeys', render: () => <LockChoice hasPasskey={false} onBack={none} onChoose={none} /> },
  { name: 'lock, passkey failed', render: () => <LockChoice hasPasskey failed="passkey" onBack={none} onChoose={none} /> },
  { name: 'lock, not changed', render: () => <LockChoice hasPasskey level="words" failed="words" onBack={none} onChoose={none} /> },
  { name: 'four words', render: () => <FourWords onBack={none} onUse={opened} /> },
  { name: 'locked, words', render: locked({}) },
  { name: 'locked, wrong words', render: locked({ wrong: true }) },
  { name: 'locked, passkey', render: locked({ by: 'passkey' }) },
  { name: 'locked, passkey failed', render: locked({ by: 'passkey', wrong: true }) },
  { name: 'notice', render: () => <NoticeText words={noticeWords()} step={2} of={4} onLater={none} onNext={none} /> },
  { name: 'notice, newer', render: () => <NoticeText words={noticeWords()} newer onBack={none} onLater={none} onNext={none} /> },
  { name: 'notice, declined', render: () => <NoticeText words={noticeWords()} declined onBack={none} onLater={none} onNext={none} /> },
  { name: 'notice, answer', render: () => answer({}) },
  { name: 'notice, answer offline', render: () => answer({ offline: true, name: 'Sam Rivera' }) },
  { name: 'notice, no room', render: () => answer({ full: true, name: 'Sam Rivera' }) },
  { name: 'group', render: question({}) },
  { name: 'group, name taken', render: () => question({ refusal: t('group.alias_taken') })() },
  { name: 'group, sign', render: sign({}) },
  { name: 'group, sign with own name', render: sign({ alias: 'Sam R', offline: true }) },
  { name: 'never', render: () => <Never step={4} of={4} onGo={none} /> },
  { name: 'never, no room', render: () => <Never step={4} of={4} full onGo={none} /> },
  { name: 'never, waiting', render: () => <Never step={4} of={4} waits onGo={none} /> },
  { name: 'first read', render: () => <FirstRead offline={false} /> },
  { name: 'first read, offline', render: () => <FirstRead offline /> },
  { name: 'first day', render: firstDay({}) },
  { name: 'first day, no session', render: firstDay({ session: null, name: '' }) },
  { name: 'first day, two cards', render: firstDay({ cards: ['person', 'tool'] }) },
  { name: 'first day, person', render: above(() => <PersonSheet onClose={none} onSave={() => Promise.resolve()} />) },
  { name: 'update', render: above(() => <Update onUse={none} onLater={none} />) },
  { name: 'too old', render: above(() => <Update tooOld onUse={none} />) },
  { name: 'no room', render: above(() => <NotKept />) },
  { name: 'new code', render: code({}) },
  { name: 'new code, approved', render: code({ approved_by_name: 'Morgan Alder' }) },
  { name: 'new code, by the operator', render: code({ started_by: null, started_by_name: '' }) },
  { name: 'new code, confirmed', render: code({ confirmed_at: '2026-11-02T17:00:00Z' }) },
  { name: 'new code, refusal waits', render: code({ refused_at: '2026-11-02T17:00:00Z' }, '0') },
  { name: 'today, notice open', render: above(() => <WaitingNotice declined={false} waits={null} />) },
  { name: 'today, notice declined', render: above(() => <WaitingNotice declined waits={null} />) },
  { name: 'today, answer waits', render: above(() => <WaitingNotice declined={false} waits="acknowledged" />) },
  { name: 'today, invitation', render: above(() => <OpenInvitation group="Evening group" refused={false} path="/invitations/0" />) },
  { name: 'today, not joined', render: above(() => <OpenInvitation group="Evening group" refused path="/invitations/0" />) },
  { name: 'signed out', render: () => <SignedOut onEnter={none} /> },
  { name: 'cleared, none lost', render: () => <StorageCleared lost={0} onEnter={none} /> },
  { name: 'cleared', render: () => <StorageCleared lost={2} onEnter={none} install="/install" /> },
  { name: 'cleared, unknown', render: () => <StorageCleared lost={null} onEnter={none} /> },
  { name: 'lease', render: () => <LeaseRanOut days={31} onTry={none} /> },
  { name: 'lease, offline', render: () => <LeaseRanOut days={31} offline onTry={none} /> },
  { name: 'nothing is stored', render: () => <Nowhere /> },
]

function answer(props: object) {
  return (
    <NoticeAnswer
      words={noticeWords()} step={2} of={4} onBack={none} onLater={none} onAcknowledge={none} onDecline={none} {...props}
    />
  )
}
