import { useState } from 'preact/hooks'
import { Switch } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { t } from '../../text/text.ts'
import { normalized } from '../../vault/words.ts'

export interface FourWordsProps {
  busy?: boolean
  onBack: () => void
  onUse: (words: string) => void
}

/** The words of P3's second way, typed twice: nobody can bring them back. */
export function FourWords({ busy = false, onBack, onUse }: FourWordsProps) {
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const [shown, setShown] = useState(false)
  const [tries, setTries] = useState(0)
  const few = normalized(first).split(' ').length < 4
  const differ = normalized(first) !== normalized(second)
  const long = useTakesLong(busy)

  function submit(event?: Event) {
    event?.preventDefault()
    setTries(tries + 1)
    if (!few && !differ && !busy) onUse(first)
  }

  useGoToWrong(tries)
  const type = shown ? 'text' : 'password'
  return (
    <PlayerFrame
      out={{ label: t('shell.back'), onPress: onBack }}
      next={{ label: t('four_words.use'), onPress: submit }}
    >
      <div class="stack tight">
        <Title>{t('four_words.title')}</Title>
        <p class="soft">{t('four_words.lead')}</p>
      </div>
      <form class="stack" onSubmit={submit} noValidate>
        <Field
          label={t('four_words.field')}
          wrong={tries > 0 && few ? t('four_words.few') : undefined}
          value={first}
          onInput={setFirst}
          name="words"
          type={type}
          autocomplete="new-password"
        />
        <Field
          label={t('four_words.again')}
          wrong={tries > 0 && !few && differ ? t('four_words.differ') : undefined}
          value={second}
          onInput={setSecond}
          name="words-again"
          type={type}
          autocomplete="new-password"
        />
        <div class="card flush">
          <Switch title={t('four_words.show')} on={shown} onChange={setShown} />
        </div>
        <button type="submit" hidden />
      </form>
      {long && <Getting>{t('lock.sealing')}</Getting>}
      <Privacy>
        {t('four_words.nobody')} {t('lock.words_hint')}
      </Privacy>
    </PlayerFrame>
  )
}
