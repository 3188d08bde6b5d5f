import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { PlainPage } from '../../shell/frame.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { counted, language, moment, t } from '../../text/text.ts'
import { OtherLanguage } from './other_language.tsx'
import { BornFields, dateOf, type Born } from './born.tsx'

/** How the last try ended. The same words whether a code never existed or has expired. */
export type Ended = 'wrong' | 'not yet' | 'too many' | 'offline' | 'busy' | 'full' | null

export interface DoorProps {
  /** The name that this app has on this phone. */
  appName: string
  /** What stood in the link. */
  code?: string
  ended?: Ended
  /** From when the code works; null: the programme has to approve it first. */
  from?: Date | null
  /** The account has a second factor. */
  asksFactor?: boolean
  factorIsWrong?: boolean
  busy?: boolean
  /** The session has ended, and this phone still holds what the person saved: how much of it waits. */
  unsent?: number | null
  /** Path of P2, where this is a browser on a phone. */
  install?: string | undefined
  onOpen: (code: string, dateOfBirth: string, factor?: string) => void
  onEmail: () => void
}

const SIGNS = 12

/** P1. Neutral: no word says what this app is for. */
export function Door(props: DoorProps) {
  const { appName, ended = null, from = null, asksFactor = false, busy = false, unsent = null } = props
  const [code, setCode] = useState(props.code ?? '')
  const [born, setBorn] = useState<Born>({ month: '', day: '', year: '' })
  const [factor, setFactor] = useState('')
  const [tries, setTries] = useState(0)
  const checked = tries > 0
  const long = useTakesLong(busy)
  const tooShort = code.replace(/[^0-9a-z]/gi, '').length < SIGNS
  const date = dateOf(born)

  function submit(event: Event) {
    event.preventDefault()
    setTries(tries + 1)
    if (!tooShort && date && !busy) props.onOpen(code.trim(), date, asksFactor ? factor.trim() : undefined)
  }

  // The answer of the server is another thing to go to.
  useGoToWrong(ended === 'wrong' && !busy ? tries + 1 : tries)
  const codeIsWrong = ended === 'wrong' ? t('door.wrong') : checked && tooShort ? t('door.code_missing') : undefined
  return (
    <PlainPage head={<DoorHead appName={appName} />}>
      <div class="stack tight">
        <Title>{t(unsent === null ? 'door.title' : 'again.title')}</Title>
        {ended === null && unsent === null && <p class="soft">{t('door.lead')}</p>}
      </div>
      {unsent !== null && ended === null && <StillHere unsent={unsent} />}
      {ended !== null && ended !== 'wrong' && <HowItEnded how={ended} from={from} />}
      <form class="stack" onSubmit={submit} noValidate>
        <Field
          label={t('door.code')}
          hint={ended === null && !codeIsWrong ? t('door.code_hint') : undefined}
          wrong={codeIsWrong}
          value={code}
          onInput={setCode}
          name="code"
          look="code"
          autocomplete="one-time-code"
          placeholder="XXXX-XXXX-XXXX"
        />
        <BornFields key={language.value} born={born} onChange={setBorn} wrong={checked && !date} />
        {asksFactor && (
          <Field
            label={t('door.factor')}
            hint={t('door.factor_hint')}
            wrong={props.factorIsWrong ? t('door.factor_wrong') : undefined}
            value={factor}
            onInput={setFactor}
            name="factor"
            look="code"
            inputMode="numeric"
            autocomplete="one-time-code"
          />
        )}
        <Button kind="main" wide submit>
          {t('door.open')}
        </Button>
        {long && <Getting>{t('door.opening')}</Getting>}
      </form>
      {ended === 'wrong' && (
        <Notice title={t('door.helps_title')}>
          <p>{t('door.helps')}</p>
        </Notice>
      )}
      <Rows>
        <Row icon="letter" title={t('door.by_email')} hint={t('door.by_email_hint')} onPress={props.onEmail} />
        {props.install && <Row icon="download" title={t('install.title')} hint={t('install.lead')} href={props.install} />}
      </Rows>
      {ended !== 'wrong' && unsent === null && <Privacy>{t('door.saved')}</Privacy>}
    </PlainPage>
  )
}

/** Signed out by the server: what was saved is kept for the same person. */
export function StillHere({ unsent }: { unsent: number }) {
  return (
    <Notice icon="lock" title={t('again.kept')}>
      <p>
        {unsent > 0 && counted('again.unsent', unsent)} {t('again.other')}
      </p>
    </Notice>
  )
}

export function DoorHead({ appName }: { appName: string }) {
  return (
    <>
      <p class="line">
        <Icon name="rail" /> {appName}
      </p>
      <OtherLanguage />
    </>
  )
}

const STEMS = { 'not yet': 'door.not_yet', 'too many': 'door.too_many', offline: 'door.offline', busy: 'door.busy' } as const

export function HowItEnded({ how, from }: { how: Exclude<Ended, 'wrong' | null>; from: Date | null }) {
  return how === 'full' ? <NotKept /> : <Trouble how={how} from={from} />
}

function Trouble({ how, from }: { how: keyof typeof STEMS; from: Date | null }) {
  const stem = STEMS[how]
  const title = t(`${stem}_title`)
  useAnnounce(title)
  const words = how !== 'not yet' ? t(stem as 'door.busy') : from ? t('door.not_yet_from', { when: moment(from) }) : t('door.not_yet')
  return (
    <Notice kind="wait" icon={how === 'offline' ? 'offline' : 'clock'} title={title}>
      <p>{words}</p>
    </Notice>
  )
}
