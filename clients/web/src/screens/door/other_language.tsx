import { Icon } from '../../parts/icons.tsx'
import { LANGUAGES, language, speak } from '../../text/text.ts'

/** The other language, under its own name. */
export function OtherLanguage() {
  const other = language.value === 'en' ? 'es' : 'en'
  return (
    <button class="button hide" type="button" lang={other} onClick={() => void speak(other)}>
      <Icon name="language" /> {LANGUAGES[other]}
    </button>
  )
}
