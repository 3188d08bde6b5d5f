import type { Documents } from 'handrail'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import type { PersonToCall } from '../../model/first_day.ts'
import { TabPage } from '../../shell/frame.tsx'
import { href } from '../../shell/router.ts'
import { language, t } from '../../text/text.ts'
import type { Duty } from './duty.ts'
import { dutyWords } from './duty_words.ts'
import { CRISIS, EMERGENCY, SAMHSA, sms, tel } from './numbers.ts'

/** As the programme's document lists it. */
export type Helpline = Documents['programme']['helplines'][number]

export interface HelpProps {
  /** Of the person's programme. Without an unlocked phone there are none. */
  lines?: readonly Helpline[]
  /** Whom the person would call. */
  people?: readonly PersonToCall[]
  /** Whether the team is there. Null where nobody can tell. */
  duty?: Duty | null
  /** A request of the app's own has just failed for want of a network. */
  noSignal?: boolean
  /** Paths, where the person has them. */
  urge?: string
  plan?: string
}

/** P8. Works with nothing: no data, no lock, no connection. The numbers come before any question. */
export function Help({ lines = [], people = [], duty = null, noSignal = false, urge, plan }: HelpProps) {
  const own = lines.filter((line) => line.kind === 'programme')
  return (
    <TabPage tab="help" title={t(noSignal ? 'help.no_signal_title' : 'help.title')}>
      {noSignal ? (
        <p role="alert" class="large">
          {t('help.no_signal')}
        </p>
      ) : (
        <Notice kind="help" icon="clock" title={duty ? dutyWords(duty) : t('help.open_title')}>
          <p>{t(duty ? 'help.open_too' : 'help.open')}</p>
        </Notice>
      )}
      <div class="stack tight">
        {own.map((line) => (
          <Programme key={line.code} line={line} />
        ))}
        {people.map(({ name, number }) => (
          <Button key={`${name} ${number}`} icon="call" href={tel(number)} end={number} lead>
            {t('first.call', { name })}
          </Button>
        ))}
        <div class="columns">
          <Button kind={own.length ? undefined : 'help'} icon="call" href={tel(CRISIS)}>
            {t('help.call_988')}
          </Button>
          <Button icon="message" href={sms(CRISIS)}>
            {t('help.text_988')}
          </Button>
        </div>
        {t('help.language') && <p class="soft small">{t('help.language')}</p>}
        <Emergency plan={plan} />
        {urge && (
          <Button kind="deep" icon="urge" goes href={urge} hint={t('help.urge_hint')}>
            {t('help.urge')}
          </Button>
        )}
      </div>
      <Rows>
        <Row icon="pulse" href={href('overdose')} title={t('help.overdose')} hint={t('help.overdose_hint')} />
        <Row icon="warning" href={href('danger')} title={t('help.danger')} hint={t('help.danger_hint')} />
        <Row icon="call" href={tel(SAMHSA)} title={t('help.samhsa')} hint={<Samhsa />} />
      </Rows>
      <p class="soft small">
        {t('help.what')} {t('help.alone')}
      </p>
    </TabPage>
  )
}

function Programme({ line }: { line: Helpline }) {
  const allDay = line.hours === '24/7'
  return (
    <Button
      kind="help"
      icon="call"
      href={tel(line.number)}
      hint={allDay ? t('help.call_any_time') : t('help.call_at', { hours: line.hours })}
      end={line.number}
    >
      {line.name[language.value] ?? line.name.en ?? line.number}
    </Button>
  )
}

function Samhsa() {
  return (
    <>
      <span class="call">{SAMHSA}</span>. {t('help.samhsa_hint')}
    </>
  )
}

function Emergency({ plan }: { plan: string | undefined }) {
  const call = (
    <Button kind="stop" icon="call" href={tel(EMERGENCY)} wide={!plan}>
      {t('help.call_911')}
    </Button>
  )
  if (!plan) return call
  return (
    <div class="columns">
      <Button icon="plan" href={plan}>
        {t('help.plan')}
      </Button>
      {call}
    </div>
  )
}
