import { useState } from 'preact/hooks'
import { level, protect } from '../../opening.ts'
import { type Level, type Secret, hasPasskeys } from '../../vault/vault.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import { FourWords } from './four_words.tsx'
import { LockChoice } from './lock_choice.tsx'

interface LockPageProps {
  step?: number | undefined
  of?: number | undefined
  /** Chosen or not. In the first run there is no way back from here: nothing is behind it. */
  onEnd: (chosen: Level | null) => void
  isFirst?: boolean
  full?: boolean
}

/** P3, and Me > Lock. */
export function LockPage({ step, of, onEnd, isFirst, full }: LockPageProps) {
  const [asksWords, setAsksWords] = useState(false)
  const [failed, setFailed] = useState<Level | null>(null)
  const [busy, setBusy] = useState(false)

  useStepFocus(asksWords)

  async function use(secret: Secret) {
    if (busy) return
    setBusy(true)
    setFailed(null)
    try {
      if (secret.level !== 'phone' || level.value !== 'phone') await protect(secret)
    } catch {
      // Whatever it was, the vault is as it was.
      setFailed(secret.level)
      setAsksWords(false)
      setBusy(false)
      return
    }
    setBusy(false)
    onEnd(secret.level)
  }

  if (asksWords) {
    return <FourWords busy={busy} onBack={() => setAsksWords(false)} onUse={(words) => void use({ level: 'words', words })} />
  }
  return (
    <LockChoice
      hasPasskey={hasPasskeys()}
      level={isFirst ? undefined : (level.value ?? undefined)}
      failed={failed}
      busy={busy}
      full={full}
      step={step}
      of={of}
      onBack={isFirst ? undefined : () => onEnd(null)}
      onChoose={(chosen) => (chosen === 'words' ? setAsksWords(true) : void use({ level: chosen }))}
    />
  )
}
