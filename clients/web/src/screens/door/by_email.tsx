import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { PlainPage } from '../../shell/frame.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { t } from '../../text/text.ts'
import { DoorHead, type Ended, HowItEnded, StillHere } from './door.tsx'

export interface ByEmailProps {
  appName: string
  /** `factor`: the account has a second one. */
  step: 'address' | 'code' | 'factor'
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
  const { appName, step, ended = null, busy = false, unsent = null } = props
  const again = unsent !== null && step === 'address'
  const [typed, setTyped] = useState('')
  const [tries, setTries] = useState(0)
  const long = useTakesLong(busy)
  useAnnounce(ended === 'over' ? t('email.over_title') : props.resent ? t('email.resent') : null)
  const isEmpty = step === 'address' ? !/\S@\S/.test(typed) : !typed.trim()
  const wrong =
    tries > 0 && isEmpty
      ? t(step === 'address' ? 'email.address_wrong' : 'email.code_missing')
      : ended === 'wrong'
        ? t(step === 'factor' ? 'door.factor_wrong' : 'email.code_wrong')
        : undefined

  useGoToWrong(wrong && !busy ? tries + 1 : 0)

  function submit(event: Event) {
    event.preventDefault()
    setTries(tries + 1)
    if (!isEmpty && !busy) (step === 'address' ? props.onAddress : props.onCode)(typed.trim())
  }

  const field = { wrong, value: typed, onInput: setTyped, name: step }
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <div class="stack tight">
        <Title>{t(again ? 'again.title' : `email.${step}_title`)}</Title>
        <p class="soft">{t(`email.${step}_lead`)}</p>
      </div>
      {again && ended === null && <StillHere unsent={unsent} />}
      {ended === 'over' && (
        <Notice kind="wait" title={t('email.over_title')}>
          <p>{t('email.over')}</p>
        </Notice>
      )}
      {ended !== null && ended !== 'wrong' && ended !== 'over' && <HowItEnded how={ended} from={null} />}
      <form class="stack" onSubmit={submit} noValidate>
        {step === 'address' ? (
          <Field {...field} label={t('email.address')} type="email" inputMode="email" autocomplete="email" />
        ) : (
          <Field
            {...field}
            label={t(step === 'code' ? 'door.code' : 'door.factor')}
            hint={step === 'factor' ? t('door.factor_hint') : undefined}
            look="code"
            autocomplete="one-time-code"
          />
        )}
        <Button kind="main" wide submit>
          {t(step === 'address' ? 'email.send' : 'door.open')}
        </Button>
        {long && <Getting>{t(step === 'address' ? 'email.sending' : 'door.opening')}</Getting>}
      </form>
      {step === 'code' && (
        <Notice icon="letter" title={t('email.no_letter')}>
          <p>{t(props.resent ? 'email.resent' : 'email.no_letter_how')}</p>
        </Notice>
      )}
      <div class="buttons even">
        <Button onPress={props.onBack}>{t(step === 'address' ? 'email.have_code' : 'shell.back')}</Button>
        {step === 'code' && <Button onPress={props.onResend}>{t('email.resend')}</Button>}
      </div>
    </PlainPage>
  )
}
