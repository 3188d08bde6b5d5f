import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { t } from '../../text/text.ts'

export interface UpdateProps {
  /** The server no longer answers this version. What is written is still sent. */
  tooOld?: boolean
  onUse: () => void
  /** It is put away until the next start, which takes the new version by itself. */
  onLater?: () => void
}

/** P21. At the top of Today and Me; never by itself while something is being written. */
export function Update({ tooOld, onUse, onLater }: UpdateProps) {
  return (
    <Notice
      kind={tooOld ? 'wait' : undefined}
      icon="download"
      title={t(tooOld ? 'update.old_title' : 'update.title')}
      buttons={
        <>
          <Button onPress={onUse}>{t('update.now')}</Button>
          {onLater && <Button onPress={onLater}>{t('shell.not_now')}</Button>}
        </>
      }
    >
      <p>{tooOld ? t('status.too_old') : t('update.body')}</p>
    </Notice>
  )
}
