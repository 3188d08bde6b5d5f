/** What stands above a tab's page, because it does not wait or the person has put it off. */

import type { EntryOf } from 'handrail'
import { Button } from '../../parts/button.tsx'
import type { Tab } from '../../parts/bars.tsx'
import { Notice } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { idOf } from '../../model/ids.ts'
import { tryTo } from '../../kept.ts'
import { entries, phone, status } from '../../phone.ts'
import { useAnnounce } from '../../shell/live.tsx'
import { pushState } from '../../shell/push_state.ts'
import { isPutAway, isWaiting, useNewer } from '../../shell/newer.ts'
import { href } from '../../shell/router.ts'
import { moment, t } from '../../text/text.ts'
import { Update } from '../instead/update.tsx'
import { invitations, notice, recoveries, whyNotJoined } from './first.ts'
import { tel } from '../help/numbers.ts'

export function Alerts({ tab }: { tab: Tab }) {
  if (tab === 'help' || status.value?.screen !== 'open') return null
  const { needsUpdate, storageFull } = status.value
  const offersUpdate = tab === 'today' || tab === 'me'
  return (
    <>
      {recoveries.value.map((recovery) => (
        <NewCode
          key={recovery.id}
          recovery={recovery}
          desk={deskOf(recovery.doc.programme_id)}
          onRefuse={() => tryTo(phone().act('people.refuse_recovery', { recovery: recovery.id }, { urgent: true }))}
          onConfirm={() => tryTo(phone().act('people.confirm_recovery', { recovery: recovery.id }))}
        />
      ))}
      {storageFull && <NotKept />}
      {offersUpdate && needsUpdate && <Update tooOld onUse={() => void useNewer()} />}
      {offersUpdate && !needsUpdate && isWaiting.value && !isPutAway.value && (
        <Update onUse={() => void useNewer()} onLater={() => (isPutAway.value = true)} />
      )}
      {tab === 'today' && pushState.value === 'stopped' && <Stopped />}
      {tab === 'today' && notice.value && <WaitingNotice declined={notice.value.declined} waits={notice.value.waits} />}
      {tab === 'today' &&
        invitations.value.map(({ id, doc }) => (
          <OpenInvitation key={id} group={doc.group_name} refused={whyNotJoined(id) !== null} path={href('invitation', { id })} />
        ))}
    </>
  )
}

function deskOf(programme: string): string | undefined {
  return entries('programme').find(({ scope }) => idOf(scope) === programme)?.doc.contacts.front_desk.number
}

interface NewCodeProps {
  recovery: EntryOf<'account_recovery'>
  /** The programme's front desk. */
  desk?: string | undefined
  onRefuse: () => void
  onConfirm: () => void
}

/** There is a new code for this account. One tap stops it. */
export function NewCode({ recovery: { doc, pending }, desk, onRefuse, onConfirm }: NewCodeProps) {
  useAnnounce(t(doc.refused_at ? 'code.stopping' : doc.confirmed_at ? 'code.confirmed' : 'code.title'))
  if (doc.refused_at) {
    return (
      <Notice
        kind="wait"
        icon="key"
        title={t('code.stopping')}
        buttons={desk && <Button icon="call" href={tel(desk)} end={desk}>{t('code.call')}</Button>}
      >
        <p>{t('code.stopping_how')}</p>
      </Notice>
    )
  }
  const when = moment(new Date(doc.started_at))
  return (
    <Notice
      kind="wait"
      icon="key"
      title={t('code.title')}
      buttons={
        <>
          <Button onPress={onRefuse}>{t('code.refuse')}</Button>
          {!doc.confirmed_at && <Button onPress={onConfirm}>{t('code.confirm')}</Button>}
        </>
      }
    >
      <p>
        {doc.started_by_name ? t('code.by', { name: doc.started_by_name, when }) : t('code.by_operator', { when })}{' '}
        {doc.approved_by_name && t('code.approved', { name: doc.approved_by_name })}
      </p>
      <p>{doc.confirmed_at ? t(pending ? 'code.confirming' : 'code.confirmed') : t('code.means')}</p>
    </Notice>
  )
}

/** Pushes to this phone have ended, and not by the person's own choice. */
export function Stopped() {
  return (
    <Notice kind="wait" icon="bell" title={t('alert.stopped')} buttons={<Button href={href('reminders')}>{t('alert.look')}</Button>}>
      <p>{t('alert.stopped_what')}</p>
    </Notice>
  )
}

export function WaitingNotice({ declined, waits }: { declined: boolean; waits: 'acknowledged' | 'declined' | null }) {
  if (waits === 'acknowledged') {
    return (
      <Notice kind="wait" icon="clock" title={t('promises.waits_title')}>
        <p>{t('promises.waits')}</p>
      </Notice>
    )
  }
  return (
    <Notice
      icon="letter"
      title={t(declined ? 'promises.declined_title' : 'promises.open_title')}
      buttons={<Button href={href('promises')}>{t('promises.read')}</Button>}
    >
      <p>{t(declined ? 'promises.declined' : 'promises.open')}</p>
    </Notice>
  )
}

export function OpenInvitation({ group, refused, path }: { group: string; refused: boolean; path: string }) {
  return (
    <Notice
      icon="people"
      kind={refused ? 'wait' : undefined}
      title={t(refused ? 'group.refused_title' : 'group.open_title', { group })}
      buttons={<Button href={path}>{t('group.look')}</Button>}
    >
      <p>{t(refused ? 'group.refused_look' : 'group.open')}</p>
    </Notice>
  )
}
