import { Button } from '../../parts/button.tsx'
import { Title } from '../../parts/bars.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PlainPage } from '../../shell/frame.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { counted, dayWithin, t } from '../../text/text.ts'
import { DoorHead } from '../door/door.tsx'

export interface SignedOutProps {
  appName: string
  /** Who ended it, if the server said so. */
  by: 'you' | 'program' | null
  on: Date | null
  onEnter: () => void
}

/** P22: signed out elsewhere, or wiped. In both cases nothing is left here. */
export function SignedOut({ appName, by, on, onEnter }: SignedOutProps) {
  const key = by === 'you' ? 'signed_out.by_you' : by === 'program' ? 'signed_out.by_program' : 'signed_out.on'
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <Title>{t('signed_out.title')}</Title>
      {on && <p>{t(key, { date: dayWithin(on) })}</p>}
      <Notice title={t('signed_out.erased')}>
        <p>{t('signed_out.back')}</p>
      </Notice>
      <Button kind="main" wide onPress={onEnter}>
        {t('signed_out.enter')}
      </Button>
    </PlainPage>
  )
}

export interface StorageClearedProps {
  appName: string
  /** How many unsent things were lost; null if nobody can tell. */
  lost: number | null
  onEnter: () => void
  /** Path of P2, where the app is not on the home screen yet. */
  install?: string | undefined
}

/** P23: the browser deleted the database, and a mark of earlier use remains. */
export function StorageCleared({ appName, lost, onEnter, install }: StorageClearedProps) {
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <Title>{t('cleared.title')}</Title>
      <Notice kind={lost === 0 ? undefined : 'wait'} icon="info" title={t('cleared.safe')}>
        <p>{lostWords(lost)}</p>
      </Notice>
      <p class="soft">{t('cleared.why')}</p>
      <div class="stack tight">
        <Button kind="main" wide onPress={onEnter}>
          {t('cleared.again')}
        </Button>
        {install && (
          <Button wide href={install}>
            {t('install.title')}
          </Button>
        )}
      </div>
    </PlainPage>
  )
}

function lostWords(lost: number | null): string {
  if (lost === null || Number.isNaN(lost)) return t('cleared.unknown')
  return lost === 0 ? t('cleared.none') : counted('cleared.lost', lost)
}

export interface LeaseRanOutProps {
  appName: string
  days: number
  /** A try has just failed for want of a network. */
  offline?: boolean
  onTry: () => void
}

/** The server's lease ended: nothing personal is shown until it answers again. */
export function LeaseRanOut({ appName, days, offline, onTry }: LeaseRanOutProps) {
  useAnnounce(offline ? t('door.offline_title') : null)
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <Title>{t('lease.title')}</Title>
      <p>{counted('lease.body', days)}</p>
      {offline && (
        <Notice kind="wait" icon="offline" title={t('door.offline_title')}>
          <p>{t('lease.help')}</p>
        </Notice>
      )}
      <Button kind="main" wide onPress={onTry}>
        {t('lease.try')}
      </Button>
      {!offline && <p class="soft">{t('lease.help')}</p>}
    </PlainPage>
  )
}

/** A private window, or a browser that stores nothing. */
export function Nowhere({ appName }: { appName: string }) {
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <Title>{t('nowhere.title')}</Title>
      <Notice kind="wait" icon="info" title={t('nowhere.why')}>
        <p>{t('nowhere.how')}</p>
      </Notice>
      <p class="soft">{t('lease.help')}</p>
    </PlainPage>
  )
}
