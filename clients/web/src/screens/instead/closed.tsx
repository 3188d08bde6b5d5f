import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { counted, t } from '../../text/text.ts'
import { DoorPage } from '../door/page.tsx'

/** P22: wiped, or signed out here from another phone. Nothing is left. */
export function SignedOut({ onEnter }: { onEnter: () => void }) {
  return (
    <DoorPage title={t('signed_out.title')}>
      <Notice title={t('signed_out.erased')}>
        <p>{t('signed_out.back')}</p>
      </Notice>
      <Button kind="main" wide onPress={onEnter}>
        {t('signed_out.enter')}
      </Button>
    </DoorPage>
  )
}

export interface StorageClearedProps {
  /** How many unsent things were lost; null if the phone cannot tell. */
  lost: number | null
  onEnter: () => void
  /** Path of P2, where the app is not on the home screen yet. */
  install?: string | undefined
}

/** P23: the browser deleted the database, and a mark of earlier use remains. */
export function StorageCleared({ lost, onEnter, install }: StorageClearedProps) {
  return (
    <DoorPage title={t('cleared.title')}>
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
    </DoorPage>
  )
}

function lostWords(lost: number | null): string {
  if (lost === null) return t('cleared.unknown')
  return lost === 0 ? t('cleared.none') : counted('cleared.lost', lost)
}

export interface LeaseRanOutProps {
  days: number
  /** A try has just failed for want of a network. */
  offline?: boolean
  onTry: () => void
}

/** The server's lease ended: nothing personal is shown until it answers again. */
export function LeaseRanOut({ days, offline, onTry }: LeaseRanOutProps) {
  useAnnounce(offline ? t('door.offline_title') : null)
  return (
    <DoorPage title={t('lease.title')}>
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
    </DoorPage>
  )
}

/** A private window, or a browser that stores nothing. */
export function Nowhere() {
  return (
    <DoorPage title={t('nowhere.title')}>
      <Notice kind="wait" icon="info" title={t('nowhere.why')}>
        <p>{t('nowhere.how')}</p>
      </Notice>
      <p class="soft">{t('lease.help')}</p>
    </DoorPage>
  )
}
