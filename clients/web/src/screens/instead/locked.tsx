import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Field, useGoToWrong, Wrong } from '../../parts/field.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { t } from '../../text/text.ts'
import { DoorPage, OpenForm } from '../door/page.tsx'

export interface LockedProps {
  by: 'passkey' | 'words'
  wrong?: boolean
  busy?: boolean
  onPasskey: () => void
  onWords: (words: string) => void
  /** Erase this phone's copy and go back to the door. */
  onErase: () => void
}

/** Where the app is closed by a lock. */
export function Locked({ by, wrong = false, busy = false, onPasskey, onWords, onErase }: LockedProps) {
  const [asks, setAsks] = useState(false)
  return (
    <DoorPage title={t('locked.title')}>
      {by === 'passkey' ? (
        <ByPasskey wrong={wrong} busy={busy} onPasskey={onPasskey} />
      ) : (
        <ByWords wrong={wrong} busy={busy} onWords={onWords} />
      )}
      <Button kind="quiet" onPress={() => setAsks(true)}>
        {t(by === 'words' ? 'locked.forgot' : 'locked.no_passkey')}
      </Button>
      {asks && (
        <Sheet title={t('locked.forgot_title')} close={t('locked.keep')} onClose={() => setAsks(false)}>
          <p>{t('locked.forgot_body')}</p>
          <Button kind="stop" wide onPress={onErase}>
            {t('locked.erase')}
          </Button>
        </Sheet>
      )}
    </DoorPage>
  )
}

function ByPasskey({ wrong, busy, onPasskey }: Required<Pick<LockedProps, 'wrong' | 'busy' | 'onPasskey'>>) {
  const long = useTakesLong(busy)
  useAnnounce(wrong ? t('locked.wrong') : null)
  return (
    <>
      <Button kind="main" wide icon="lock" onPress={busy ? undefined : onPasskey}>
        {t('locked.passkey')}
      </Button>
      {wrong && (
        <div class="field">
          <Wrong>{t('locked.wrong')}</Wrong>
        </div>
      )}
      {long && <Getting>{t('locked.opening')}</Getting>}
    </>
  )
}

function ByWords({ wrong, busy, onWords }: Required<Pick<LockedProps, 'wrong' | 'busy' | 'onWords'>>) {
  const [words, setWords] = useState('')
  useGoToWrong(wrong ? 1 : 0)
  return (
    <OpenForm
      button={t('locked.open')}
      busy={busy}
      busyWords={t('locked.opening')}
      onSubmit={() => words.trim() && onWords(words)}
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
    </OpenForm>
  )
}
