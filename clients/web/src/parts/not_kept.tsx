import { useAnnounce } from '../shell/live.tsx'
import { t } from '../text/text.ts'
import { Notice } from './notice.tsx'

/** The phone has no room (`StorageFull`): what was typed or chosen is only on the page. */
export function NotKept() {
  useAnnounce(t('full.title'))
  return (
    <Notice kind="wait" icon="warning" title={t('full.title')}>
      <p>{t('full.body')}</p>
    </Notice>
  )
}
