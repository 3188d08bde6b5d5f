import { useState } from 'preact/hooks'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Getting } from '../../parts/waiting.tsx'
import { useStep } from '../../shell/step.ts'
import { t } from '../../text/text.ts'

export interface ProveProps {
  /** `send`: before the email. `factor`: of the app that makes codes. */
  step: 'send' | 'code' | 'factor'
  email: string
  wrong?: boolean
  offline?: boolean
  busy?: boolean
  onSend: () => void
  onCode: (code: string) => void
  onBack: () => void
}

/** Some steps need to know that it is the person: a code by email, as when they came in. */
export function Prove({ step, email, wrong, offline, busy, onSend, onCode, onBack }: ProveProps) {
  const [code, setCode] = useState('')
  const [tries, setTries] = useState(0)
  const missing = tries > 0 && !code.trim()
  useStep(step)
  useGoToWrong(missing || wrong ? tries : 0)
  function go() {
    if (busy) return
    if (step === 'send') return onSend()
    setTries(tries + 1)
    if (code.trim()) onCode(code.trim())
  }
  return (
    <PlayerFrame
      out={{ label: t('devices.title'), onPress: onBack }}
      back={{ label: t('devices.keep'), onPress: onBack }}
      next={{ label: t(step === 'send' ? 'prove.send' : 'prove.go'), onPress: go, notYet: busy ?? false }}
    >
      <div>
        <Title>{t(`prove.${step}_title`)}</Title>
        <p class="soft">{t(`prove.${step}_what`, { email })}</p>
      </div>
      {step !== 'send' && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            go()
          }}
        >
          <Field
            label={t('prove.code')}
            wrong={missing ? t('prove.missing') : wrong ? t('prove.wrong') : undefined}
            value={code}
            onInput={setCode}
            name="code"
            look="code"
            inputMode="text"
            autocomplete="one-time-code"
            maxLength={20}
          />
        </form>
      )}
      {offline && (
        <Notice kind="wait" icon="offline" title={t('devices.offline')}>
          <p role="status">{t('devices.offline_what')}</p>
        </Notice>
      )}
      {busy && <Getting>{t('devices.busy')}</Getting>}
      {step === 'code' && (
        <Button kind="quiet" onPress={busy ? undefined : onSend}>
          {t('prove.again')}
        </Button>
      )}
    </PlayerFrame>
  )
}
