import { useState } from 'preact/hooks'
import { Pick } from '../../parts/answers.tsx'
import { Field } from '../../parts/field.tsx'
import { type Key, t } from '../../text/text.ts'

interface TapOrWriteProps {
  legend: string
  phrases: readonly Key[]
  value: string
  most: number
  onChange: (value: string) => void
}

/** Sentences to tap, and one's own words after them: together one text. */
export function TapOrWrite({ legend, phrases, value, most, onChange }: TapOrWriteProps) {
  const [{ ticked, own }, set] = useState(() => apart(value, phrases))
  function change(now: { ticked: readonly Key[]; own: string }) {
    set(now)
    const taps = phrases.filter((phrase) => now.ticked.includes(phrase)).map((phrase) => `${t(phrase)}.`)
    onChange([...taps, now.own].filter(Boolean).join(' ').slice(0, most))
  }
  return (
    <div class="stack">
      <fieldset>
        <legend class="unseen">{legend}</legend>
        <div class="picks">
          {phrases.map((phrase) => (
            <Pick
              key={phrase}
              type="checkbox"
              name={phrase}
              checked={ticked.includes(phrase)}
              onChange={(on) => change({ ticked: on ? [...ticked, phrase] : ticked.filter((each) => each !== phrase), own })}
            >
              {t(phrase)}
            </Pick>
          ))}
        </div>
      </fieldset>
      <Field
        label={t('checkin.own')}
        name="own"
        lines="short"
        maxLength={most - 150}
        value={own}
        onInput={(words) => change({ ticked, own: words })}
      />
    </div>
  )
}

function apart(value: string, phrases: readonly Key[]): { ticked: readonly Key[]; own: string } {
  const ticked = phrases.filter((phrase) => value.includes(`${t(phrase)}.`))
  const own = ticked.reduce((rest, phrase) => rest.replace(`${t(phrase)}.`, ''), value).trim()
  return { ticked, own }
}
