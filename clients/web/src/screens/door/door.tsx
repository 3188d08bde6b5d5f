import { useState } from 'preact/hooks'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { useAnnounce } from '../../shell/live.tsx'
import { counted, language, moment, t } from '../../text/text.ts'
import { BornFields, dateOf, type Born } from './born.tsx'
import { DoorPage, OpenForm } from './page.tsx'

/** How the last try ended. The same words whether a code never existed or has expired. */
export type Ended = 'wrong' | 'not yet' | 'too many' | 'offline' | 'busy' | 'full' | null

export interface DoorProps {
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

const LETTERS = 12

/** P1. Neutral: no word says what this app is for. */
export function Door(props: DoorProps) {
  const { ended = null, from = null, asksFactor = false, factorIsWrong = false, busy = false, unsent = null } = props
  const [code, setCode] = useState(props.code ?? '')
  const [born, setBorn] = useState<Born>({ month: '', day: '', year: '' })
  const [factor, setFactor] = useState('')
  const [tries, setTries] = useState(0)
  const checked = tries > 0
  const tooShort = code.replace(/[^0-9a-z]/gi, '').length < LETTERS
  const date = dateOf(born)

  function open() {
    setTries(tries + 1)
    const isMissing = asksFactor && !factor.trim()
    if (!tooShort && date && !isMissing) props.onOpen(code.trim(), date, asksFactor ? factor.trim() : undefined)
  }

  // The answer of the server is another thing to go to.
  const isAnswered = !busy && (ended === 'wrong' || asksFactor)
  useGoToWrong(isAnswered ? tries + 1 : tries)
  const codeIsWrong = ended === 'wrong' ? t('door.wrong') : checked && tooShort ? t('door.code_missing') : undefined
  return (
    <DoorPage
      title={t(unsent === null ? 'door.title' : 'again.title')}
      lead={ended === null && unsent === null ? t('door.lead') : null}
    >
      {unsent !== null && ended === null && <StillHere unsent={unsent} />}
      {ended !== null && ended !== 'wrong' && <HowItEnded how={ended} from={from} />}
      <OpenForm button={t('door.open')} busy={busy} busyWords={t('door.opening')} onSubmit={open}>
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
          <FactorField value={factor} onInput={setFactor} wrong={factorWrong(factor, checked, factorIsWrong)} />
        )}
      </OpenForm>
      {ended === 'wrong' && (
        <Notice title={t('door.helps_title')}>
          <p>{t('door.helps')}</p>
        </Notice>
      )}
      <Rows>
        <Row icon="letter" title={t('door.by_email')} hint={t('door.by_email_hint')} onPress={props.onEmail} />
        {props.install && <Row icon="download" title={t('install.title')} hint={t('install.lead')} href={props.install} />}
      </Rows>
      {ended !== 'wrong' && unsent === null && <Privacy>{t('door.next')}</Privacy>}
    </DoorPage>
  )
}

interface FactorFieldProps {
  value: string
  onInput: (value: string) => void
  wrong: string | undefined
}

/** The second factor. */
export function FactorField(props: FactorFieldProps) {
  return (
    <Field
      {...props}
      label={t('door.factor')}
      hint={t('door.factor_hint')}
      name="factor"
      look="code"
      inputMode="numeric"
      autocomplete="one-time-code"
    />
  )
}

/** `isRefused`: the server did not take it. */
export function factorWrong(typed: string, isChecked: boolean, isRefused: boolean): string | undefined {
  if (isChecked && !typed.trim()) return t('door.factor_missing')
  return isRefused ? t('door.factor_wrong') : undefined
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
