import type { Documents } from 'handrail'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import type { Duty } from '../../model/duty.ts'
import type { PersonToCall } from '../../model/first_day.ts'
import { TabPage } from '../../shell/frame.tsx'
import { href } from '../../shell/router.ts'
import { ALL_DAY } from '../../model/team.ts'
import { spoken, t } from '../../text/text.ts'
import { Call911, Reach988 } from './calls.tsx'
import { dutyWords } from './duty_words.ts'
import { SAMHSA, tel } from './numbers.ts'

/** As the programme's document lists it. */
export type Helpline = Documents['programme']['helplines'][number]

export interface HelpProps {
  /** Of the person's programme. Without an unlocked phone there are none. */
  lines?: readonly Helpline[]
  /** Whom the person would call. */
  people?: readonly PersonToCall[]
  /** Whether the team is there. Null where the phone cannot tell. */
  duty?: Duty | null
  offline?: boolean
  /** Path of the urge tool, where the person has it. */
  urge?: string
}

/** P8. Works with nothing: no data, no lock, no connection. The numbers come before any question. */
export function Help({ lines = [], people = [], duty = null, offline = false, urge }: HelpProps) {
  const own = lines.filter((line) => line.kind === 'programme')
  return (
    <TabPage tab="help" title={t('help.title')}>
      <Notice kind="help" icon="clock" title={duty ? dutyWords(duty) : t('help.open_title')}>
        <p>{t(duty ? 'help.open_too' : 'help.open')}</p>
        {offline && <p>{t('help.offline')}</p>}
      </Notice>
      <div class="stack tight">
        {own.map((line) => (
          <Programme key={line.code} line={line} />
        ))}
        {people.map(({ name, number }) => (
          <Button key={`${name} ${number}`} icon="call" href={tel(number)} end={number} lead>
            {t('today.call', { name })}
          </Button>
        ))}
        <Reach988 first={own.length === 0} />
        <Call911 wide />
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
  return (
    <Button
      kind="help"
      icon="call"
      href={tel(line.number)}
      hint={line.hours === ALL_DAY ? t('help.call_any_time') : t('help.call_at', { hours: line.hours })}
      end={line.number}
    >
      {spoken(line.name) || line.number}
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
