import { Field, Wrong } from '../../parts/field.tsx'
import { language, t } from '../../text/text.ts'

export interface Born {
  month: string
  day: string
  year: string
}

/** "1989-04-12", or null if there is no such day. */
export function dateOf({ month, day, year }: Born): string | null {
  if (!/^\d{4}$/.test(year.trim())) return null
  const [y, m, d] = [year, month, day].map(Number) as [number, number, number]
  const date = new Date(Date.UTC(y, m - 1, d))
  const same = date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d
  return same ? date.toISOString().slice(0, 10) : null
}

const ORDER = { en: ['month', 'day', 'year'], es: ['day', 'month', 'year'] } as const

const WRONG = 'born-wrong'

interface BornProps {
  born: Born
  onChange: (born: Born) => void
  wrong: boolean
}

/** Three short numbers, in the order in which people say them: no calendar to wind back. */
export function BornFields({ born, onChange, wrong }: BornProps) {
  return (
    <fieldset class="field" data-state={wrong ? 'wrong' : undefined}>
      <legend>{t('door.born')}</legend>
      <div class="columns three">
        {ORDER[language.value].map((part) => (
          <Field
            key={part}
            part
            label={t(`door.${part}`)}
            placeholder={t(`door.${part}_short`)}
            value={born[part]}
            onInput={(value) => onChange({ ...born, [part]: value })}
            name={part}
            wrongAt={wrong ? WRONG : undefined}
            inputMode="numeric"
            maxLength={part === 'year' ? 4 : 2}
            autocomplete={`bday-${part}`}
          />
        ))}
      </div>
      {wrong && <Wrong id={WRONG}>{t('door.born_wrong')}</Wrong>}
    </fieldset>
  )
}
