import { Picks } from '../parts/answers.tsx'
import { LANGUAGES, type Language, language, speak, t } from '../text/text.ts'
import { choose, scheme, SCHEMES } from './scheme.ts'

export function SchemeSwitch() {
  return (
    <Picks
      name="scheme"
      legend={t('shell.scheme')}
      options={SCHEMES.map((value) => ({ value, title: t(`shell.scheme_${value}`) }))}
      value={scheme.value}
      onChange={choose}
    />
  )
}

export function LanguageSwitch() {
  const all = Object.keys(LANGUAGES) as Language[]
  return (
    <Picks
      name="language"
      legend={t('shell.language')}
      options={all.map((value) => ({ value, title: <span lang={value}>{LANGUAGES[value]}</span> }))}
      value={language.value}
      onChange={(chosen) => void speak(chosen).catch(() => {})}
    />
  )
}
