import { LanguageSwitch, SchemeSwitch } from '../../shell/switches.tsx'
import { t } from '../../text/text.ts'
import { Under } from './under.tsx'

/** Language, light and dark. */
export function Display() {
  return (
    <Under title={t('me.display')}>
      <LanguageSwitch />
      <p class="soft small">{t('display.language')}</p>
      <SchemeSwitch />
      <p class="soft small">{t('display.night')}</p>
    </Under>
  )
}
