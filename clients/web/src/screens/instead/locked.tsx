import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong, Wrong } from '../../parts/field.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { PlainPage } from '../../shell/frame.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { t } from '../../text/text.ts'
import { DoorHead } from '../door/door.tsx'

export interface LockedProps {
  appName: string
  by: 'passkey' | 'words'
  wrong?: boolean
  busy?: boolean
  onPasskey: () => void
  onWords: (words: string) => void
  /** Erase this phone's copy and go back to the door. */
  onErase: () => void
}

/** Where the app is closed by a lock. */
export function Locked({ appName, by, wrong, busy = false, onPasskey, onWords, onErase }: LockedProps) {
  const long = useTakesLong(busy)
  const [words, setWords] = useState('')
  const [asks, setAsks] = useState(false)
  useAnnounce(wrong && by === 'passkey' ? t('locked.wrong') : null)
  useGoToWrong(wrong ? 1 : 0)
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <Title>{t('locked.title')}</Title>
      {by === 'passkey' ? (
        <>
          <Button kind="main" wide icon="lock" onPress={onPasskey}>
            {t('locked.passkey')}
          </Button>
          {wrong && (
            <div class="field">
              <Wrong>{t('locked.wrong')}</Wrong>
            </div>
          )}
        </>
      ) : (
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (!busy && words.trim()) onWords(words)
          }}
        >
          <Field
            label={t('locked.words')}
            wrong={wrong ? t('locked.wrong') : undefined}
            value={words}
            onInput={setWords}
            name="words"
            type="password"
            autocomplete="current-password"
          />
          <Button kind="main" wide submit>
            {t('locked.open')}
          </Button>
        </form>
      )}
      {long && <Getting>{t('locked.opening')}</Getting>}
      <Button kind="quiet" onPress={() => setAsks(true)}>
        {t(by === 'words' ? 'locked.forgot' : 'locked.no_passkey')}
      </Button>
      {asks && (
        <Sheet title={t('locked.forgot_title')} close={t('locked.keep')} onClose={() => setAsks(false)}>
          <p>{t(by === 'words' ? 'locked.forgot_body' : 'locked.no_passkey_body')}</p>
          <Button kind="stop" wide onPress={onErase}>
            {t('locked.erase')}
          </Button>
        </Sheet>
      )}
    </PlainPage>
  )
}
