import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { t } from '../../text/text.ts'
import { type Ended, FactorField, factorWrong, HowItEnded, StillHere } from './door.tsx'
import { DoorPage, OpenForm } from './page.tsx'

export interface ByEmailProps {
  /** `factor`: the account has a second one. */
  step: 'address' | 'code' | 'factor'
  /** As it was typed before. */
  address?: string
  /** `over`: the code is spent; a new one has to be sent. */
  ended?: Ended | 'over'
  busy?: boolean
  onAddress: (email: string) => void
  onCode: (code: string) => void
  /** Send it once more. */
  onResend: () => void
  /** It has been sent once more. */
  resent?: boolean
  /** The session has ended, and so much of what is still here waits to be sent. */
  unsent?: number | null
  /** To the address, or to the code from the clinic. */
  onBack: () => void
}

/** "I have used this before": a code by e-mail. What is said is the same for an unknown address. */
export function ByEmail(props: ByEmailProps) {
  const { step, address = '', ended = null, busy = false, unsent = null } = props
  const again = unsent !== null && step === 'address'
  const [typed, setTyped] = useState(step === 'address' ? address : '')
  const [tries, setTries] = useState(0)
  useAnnounce(ended === 'over' ? t('email.over_title') : props.resent ? t('email.resent') : null)
  const isEmpty = step === 'address' ? !/\S@\S/.test(typed) : !typed.trim()
  const wrong = wrongWords(step, typed, tries > 0 && isEmpty, ended === 'wrong')
  useGoToWrong(wrong && !busy ? tries + 1 : 0)

  function send() {
    setTries(tries + 1)
    if (!isEmpty) (step === 'address' ? props.onAddress : props.onCode)(typed.trim())
  }

  const field = { wrong, value: typed, onInput: setTyped }
  return (
    <DoorPage title={t(again ? 'again.title' : `email.${step}_title`)} lead={t(`email.${step}_lead`)}>
      {again && ended === null && <StillHere unsent={unsent} />}
      {ended === 'over' && (
        <Notice kind="wait" title={t('email.over_title')}>
          <p>{t('email.over')}</p>
        </Notice>
      )}
      {ended !== null && ended !== 'wrong' && ended !== 'over' && <HowItEnded how={ended} from={null} />}
      <OpenForm
        button={t(step === 'address' ? 'email.send' : 'door.open')}
        busy={busy}
        busyWords={t(step === 'address' ? 'email.sending' : 'door.opening')}
        onSubmit={send}
      >
        {step === 'address' && (
          <Field {...field} name="address" label={t('email.address')} type="email" inputMode="email" autocomplete="email" />
        )}
        {step === 'code' && (
          <Field {...field} name="code" label={t('door.code')} look="code" autocomplete="one-time-code" />
        )}
        {step === 'factor' && <FactorField {...field} />}
      </OpenForm>
      {step === 'code' && (
        <Notice icon="letter" title={t('email.none')}>
          <p>{t(props.resent ? 'email.resent' : 'email.none_how')}</p>
        </Notice>
      )}
      <div class="buttons even">
        <Button onPress={props.onBack}>{t(step === 'address' ? 'email.have_code' : 'shell.back')}</Button>
        {step === 'code' && <Button onPress={props.onResend}>{t('email.resend')}</Button>}
      </div>
    </DoorPage>
  )
}

function wrongWords(step: ByEmailProps['step'], typed: string, isMissing: boolean, isRefused: boolean): string | undefined {
  if (step === 'factor') return factorWrong(typed, isMissing, isRefused)
  if (!isMissing && !isRefused) return undefined
  if (step === 'address') return t('email.address_wrong')
  return t(isMissing ? 'email.code_missing' : 'email.code_wrong')
}
