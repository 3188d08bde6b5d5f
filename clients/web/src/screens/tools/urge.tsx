import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Fate } from 'handrail'
import { Scale, Switch } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Lines } from '../../parts/lines.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { Breathing, Countdown, useSeconds } from '../../parts/timer.tsx'
import { SLOW } from '../../model/breathing.ts'
import { BREATHE_SECONDS, URGE_STEPS, type Urge, type UrgeStep, type Way, WAIT_SECONDS } from '../../model/urge.ts'
import type { Helped } from '../../model/what_helps.ts'
import { href } from '../../shell/router.ts'
import { toTitle } from '../../shell/step.ts'
import { counted, t } from '../../text/text.ts'
import { tel } from '../help/numbers.ts'
import { went } from './player.tsx'

export interface UrgeProps {
  urge: Urge
  reasons: readonly string[]
  /** Whether the two numbers go to the team; null if there is no team. */
  shares: boolean | null
  /** A person to call, kept on this phone. */
  person?: { name: string; number: string } | undefined
  /** There was no room for the numbers: they stay on the page. */
  full?: boolean
  onStep: (step: UrgeStep) => void
  onNumber: (which: 'before' | 'after', n: number) => void
  onReasons: (reasons: readonly string[]) => void
  onWay: (way: Way) => void
  onShares: (shares: boolean) => void
  /** After the second number. */
  onDone: () => void
  onClose: () => void
}

/** P10. Dark, few words, one thing a page. Closing it never asks anything. */
export function UrgeTool(props: UrgeProps) {
  const { urge, onStep, onClose, onDone } = props
  const place = URGE_STEPS.indexOf(urge.step)
  const at = (n: number) => () => onStep(URGE_STEPS[n]!)
  const Page = PAGES[urge.step]
  return (
    <PlayerFrame
      night
      out={{ label: t('exercise.close'), icon: 'close', onPress: onClose }}
      step={place + 1}
      of={URGE_STEPS.length}
      layout={urge.step === 'breathe' ? 'ask centred' : 'ask'}
      back={
        place === 0
          ? { label: t('exercise.skip'), onPress: at(1) }
          : { label: t('shell.back'), onPress: at(place - 1) }
      }
      next={{ label: t('exercise.next'), onPress: place === URGE_STEPS.length - 1 ? onDone : at(place + 1) }}
    >
      <Page {...props} />
    </PlayerFrame>
  )
}

const PAGES: Record<UrgeStep, (props: UrgeProps) => ComponentChildren> = {
  number: First,
  breathe: Breathe,
  reasons: Reasons,
  wait: Wait,
  again: Again,
}

function First({ urge, onNumber }: UrgeProps) {
  return (
    <>
      <Title>{t('urge.how_strong')}</Title>
      <HowStrong value={urge.before} onChange={(n) => onNumber('before', n)} />
    </>
  )
}

function HowStrong(props: { value: number | null; onChange: (n: number) => void }) {
  return (
    <Scale
      name="urge"
      legend={t('urge.how_strong_scale')}
      legendUnseen
      ends={[t('rating.none'), t('rating.strongest')]}
      {...props}
    />
  )
}

function Breathe({ urge }: UrgeProps) {
  const seconds = useSeconds(urge.breaths, BREATHE_SECONDS)
  return (
    <>
      <Title unseen>{t('urge.breathe')}</Title>
      <Breathing pace={SLOW} seconds={seconds} runs>
        <p class="soft">{t('urge.breathe_how')}</p>
      </Breathing>
    </>
  )
}

function Reasons({ reasons, onReasons }: UrgeProps) {
  const [edits, edit] = useState(reasons.length === 0)
  return (
    <>
      <div class="stack">
        <Title>{t('urge.why')}</Title>
        {edits ? <p class="soft">{t('reasons.lead')}</p> : reasons.map((reason, place) => (
          <p key={place} class="quote large">
            <q>{reason}</q>
          </p>
        ))}
      </div>
      <div class="stack tight">
        {edits ? (
          <Lines legend={t('reasons.title')} legendUnseen lines={reasons} onChange={onReasons} />
        ) : (
          <Button icon="edit" wide onPress={() => (edit(true), toTitle())}>
            {t('urge.change')}
          </Button>
        )}
        <Privacy>{t('reasons.private')}</Privacy>
      </div>
    </>
  )
}

function Wait({ urge, reasons, person, onWay }: UrgeProps) {
  const seconds = useSeconds(urge.wait, WAIT_SECONDS)
  return (
    <>
      <div class="stack">
        {reasons[0] && (
          <p class="quote large">
            <q>{reasons[0]}</q>
          </p>
        )}
        <div>
          <Title>{t('urge.wait')}</Title>
          <p class="soft">{t('urge.wait_how')}</p>
        </div>
        <Countdown spent={seconds} of={WAIT_SECONDS} />
      </div>
      <div class="stack tight">
        <h2>{t('urge.do_one')}</h2>
        <div class="columns">
          <Button icon="pulse" onPress={() => onWay('move')}>
            {t('urge.move')}
          </Button>
          <Button icon="call" onPress={() => onWay('call')} href={person ? tel(person.number) : href('help')}>
            {person ? t('urge.call_name', { name: person.name }) : t('urge.call')}
          </Button>
          <Button icon="leave" onPress={() => onWay('leave')}>
            {t('urge.leave')}
          </Button>
          <Button icon="tools" onPress={() => onWay('tool')} href={href('tools')}>
            {t('urge.tool')}
          </Button>
        </div>
      </div>
    </>
  )
}

function Again({ urge, shares, full, onNumber, onShares }: UrgeProps) {
  return (
    <>
      <div>
        <Title>{t('urge.again')}</Title>
        <p class="soft">{t('urge.again_how')}</p>
      </div>
      <div class="stack">
        <HowStrong value={urge.after} onChange={(n) => onNumber('after', n)} />
        {shares !== null && (
          <Card kind="flush">
            <Switch title={t('urge.share')} hint={t('urge.share_hint')} on={shares} onChange={onShares} />
          </Card>
        )}
        {full && <NotKept />}
      </div>
    </>
  )
}

export interface UrgeEndProps {
  urge: Urge
  /** The whole time in minutes; null without a wait. */
  minutes: number | null
  result: Helped | null
  /** What became of the numbers; `kept`: only this phone has them. */
  fate: 'kept' | Fate
  onOnceMore: () => void
  onOk: () => void
}

const FATES = {
  kept: 'urge.only_you',
  saved: 'urge.team_will',
  waiting: 'urge.team_will',
  sent: 'urge.team_sees',
  'not sent': 'fate.not_sent',
} as const

/** It has not become weaker. */
function isStill({ before, after }: Urge): boolean {
  return before !== null && after !== null && after >= Math.max(before, 1)
}

/** What came of it, and three ways on. */
export function UrgeEnd({ urge, minutes, result, fate, onOnceMore, onOk }: UrgeEndProps) {
  return (
    <PlayerFrame
      night
      out={{ label: t('exercise.close'), icon: 'close', onPress: onOk }}
      step={URGE_STEPS.length}
      of={URGE_STEPS.length}
      layout="ask"
    >
      <div class="stack">
        <Title>{went(urge.before, urge.after) ?? t('urge.stayed_with')}</Title>
        {minutes !== null && <p class="soft">{counted('urge.minutes', minutes)}</p>}
        {result && <p class="soft">{counted('urge.helped', result.rated, { eased: result.eased })}</p>}
        {isStill(urge) && <p class="soft">{t('urge.still')}</p>}
        <p class="soft small" role="status">
          {t(FATES[fate], { reason: t('attempts.still_here') })}
        </p>
      </div>
      <div class="stack tight">
        <Button lead icon="again" onPress={onOnceMore}>
          {t('urge.once_more')}
        </Button>
        <Button lead icon="people" href={href('help')}>
          {t('urge.person')}
        </Button>
        <Button kind="main" wide onPress={onOk}>
          {t('urge.ok')}
        </Button>
      </div>
    </PlayerFrame>
  )
}
