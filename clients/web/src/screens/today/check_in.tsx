/** The check-in: one question a screen, every one of them to be skipped. */

import { type Answers, NEEDS, type Share, type Slot, type Step, withTick } from '../../model/check_in.ts'
import { type Day, later, noonOf } from '../../model/days.ts'
import { Choices, Pick, Picks, Scale } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { href } from '../../shell/router.ts'
import { dayWithin, type Key, t, weekday } from '../../text/text.ts'
import { TapOrWrite } from './tap_or_write.tsx'

export interface CheckInProps {
  step: Step
  steps: readonly Step[]
  day: Day
  slot: Slot
  today: Day
  answers: Answers
  /** The programme asks what it was. */
  asksWhat?: boolean
  share: Share
  shares: readonly Share[]
  /** Who is in the team. */
  team: string
  full?: boolean
  onAnswer: (answers: Answers) => void
  onShare: (share: Share) => void
  pageOf: (step: Step) => string
  onNext: () => void
  onSkip: () => void
  /** "This is for yesterday", and back. */
  onDay: (day: Day) => void
  onStopUse: () => void
}

export function CheckIn(props: CheckInProps) {
  const { step, steps, pageOf, onNext, onSkip } = props
  const at = steps.indexOf(step)
  const last = step === 'last'
  const before = steps[at - 1]
  const back = last && before ? { label: t('shell.back'), href: pageOf(before) } : { label: t('checkin.skip'), onPress: onSkip }
  return (
    <PlayerFrame
      out={{ label: t('checkin.later'), icon: 'close', href: href('today') }}
      step={at + 1}
      of={steps.length}
      layout="ask"
      {...(last && at === 0 ? {} : { back })}
      next={{ label: last ? t('checkin.save') : t('checkin.next'), onPress: onNext }}
    >
      <Question key={step} {...props} />
    </PlayerFrame>
  )
}

function Question(props: CheckInProps) {
  switch (props.step) {
    case 'success':
      return <Success {...props} />
    case 'mood':
      return <Mood {...props} />
    case 'craving_now':
    case 'craving_worst':
      return <Urge {...props} question={props.step} />
    case 'sleep':
      return <Sleep {...props} />
    case 'halt':
      return <Halt {...props} />
    case 'medication':
      return <Medicine {...props} />
    case 'used':
      return <Use {...props} />
    case 'gap':
      return <Gap {...props} />
    case 'last':
      return <Last {...props} />
  }
}

/** The question above; the answers go into the lower half. */
function Asked({ title, hint, ...props }: CheckInProps & { title: string; hint?: string }) {
  return (
    <div>
      <Above {...props} />
      <Title>{title}</Title>
      {props.full && <NotKept />}
      {hint && <p class="soft">{hint}</p>}
    </div>
  )
}

/** For which day, on the first screen; the way back, on the others. */
function Above({ step, steps, day, slot, today, pageOf, onDay }: CheckInProps) {
  const before = steps[steps.indexOf(step) - 1]
  if (before) {
    return step === 'last' ? null : (
      <p class="small">
        <a class="tap" href={pageOf(before)}>
          {t('checkin.before')}
        </a>
      </p>
    )
  }
  const isToday = day === today
  const other = isToday ? later(today, -1) : today
  const words = isToday
    ? t('checkin.for_today', { day: weekday(noonOf(day), 'UTC') })
    : t('checkin.for_day', { day: dayWithin(noonOf(day), 'UTC') })
  return (
    <p class="soft small line">
      {words}{' '}
      <a class="tap" href={href('check_in', { date: other, slot, step: 'start' })} onClick={(event) => move(event, () => onDay(other))}>
        {t(isToday ? 'checkin.is_yesterday' : 'checkin.is_today')}
      </a>
    </p>
  )
}

/** The answers go first, and then the page. */
function move(event: Event, act: () => void) {
  event.preventDefault()
  act()
}

/** About another day the questions are in the past. */
function tense(props: CheckInProps, key: 'success' | 'mood' | 'craving_now' | 'used' | 'plan'): string {
  return t(props.day === props.today ? `checkin.${key}` : `checkin.${key}_back`)
}

/** The hint names the time that is meant. */
function within({ day, today }: CheckInProps, key: 'checkin.craving_worst_hint' | 'checkin.medication_hint'): string {
  return t(day === today ? key : 'checkin.that_day')
}

const WELL: readonly Key[] = ['checkin.well_through', 'checkin.well_called', 'checkin.well_group', 'checkin.well_slept']
const QUIET: readonly Key[] = ['checkin.gap_busy', 'checkin.gap_away', 'checkin.gap_phone', 'checkin.gap_hard']

function Success(props: CheckInProps) {
  return (
    <>
      <Asked {...props} title={tense(props, 'success')} hint={t('checkin.success_hint')} />
      <TapOrWrite
        legend={tense(props, 'success')}
        phrases={WELL}
        value={props.answers.success ?? ''}
        most={1000}
        onChange={(success) => props.onAnswer({ success })}
      />
    </>
  )
}

function Gap(props: CheckInProps) {
  return (
    <>
      <Asked {...props} title={t('checkin.gap')} hint={t('checkin.gap_hint')} />
      <TapOrWrite
        legend={t('checkin.gap')}
        phrases={QUIET}
        value={props.answers.gap_reason ?? ''}
        most={500}
        onChange={(gap_reason) => props.onAnswer({ gap_reason })}
      />
    </>
  )
}

const FIVE = [1, 2, 3, 4, 5] as const

function Mood(props: CheckInProps) {
  return (
    <>
      <Asked {...props} title={tense(props, 'mood')} hint={t('checkin.mood_hint')} />
      <Picks
        name="mood"
        legend={tense(props, 'mood')}
        legendUnseen
        options={FIVE.map((value) => ({ value, title: t(`checkin.mood_${value}`) }))}
        value={(props.answers.mood ?? null) as (typeof FIVE)[number] | null}
        onChange={(mood) => props.onAnswer({ mood })}
      />
    </>
  )
}

function Urge({ question, ...props }: CheckInProps & { question: 'craving_now' | 'craving_worst' }) {
  const worst = question === 'craving_worst'
  return (
    <>
      <Asked
        {...props}
        title={worst ? t('checkin.craving_worst') : tense(props, 'craving_now')}
        hint={worst ? within(props, 'checkin.craving_worst_hint') : t('checkin.craving_hint')}
      />
      <div class="stack">
        <Scale
          name={question}
          legend={t('checkin.urge_legend')}
          legendUnseen
          ends={[t('checkin.none'), t('checkin.strongest')]}
          value={props.answers[question] ?? null}
          onChange={(n) => props.onAnswer({ [question]: n })}
        />
        <Privacy>{t('checkin.who_reads')}</Privacy>
      </div>
    </>
  )
}

const HOURS = [3, 4, 5, 6, 7, 8, 9, 10] as const

function Sleep(props: CheckInProps) {
  const { sleep_hours = null, sleep_quality = null } = props.answers
  const slept = sleep_hours === null ? null : Math.min(10, Math.max(3, Math.round(sleep_hours)))
  return (
    <>
      <Asked {...props} title={t('checkin.sleep')} />
      <div class="stack">
        <Picks
          small
          name="hours"
          legend={t('checkin.sleep_hours')}
          options={HOURS.map((value) => ({ value, title: hoursTitle(value) }))}
          value={slept as (typeof HOURS)[number] | null}
          onChange={(hours) => props.onAnswer({ sleep_hours: hours })}
        />
        <Picks
          name="quality"
          legend={t('checkin.sleep_quality')}
          options={FIVE.map((value) => ({ value, title: t(`checkin.sleep_${value}`) }))}
          value={sleep_quality as (typeof FIVE)[number] | null}
          onChange={(quality) => props.onAnswer({ sleep_quality: quality })}
        />
      </div>
    </>
  )
}

function hoursTitle(hours: number): string {
  if (hours === HOURS[0]) return t('checkin.sleep_few', { n: hours })
  return hours === HOURS.at(-1) ? t('checkin.sleep_many', { n: hours }) : String(hours)
}

function Halt(props: CheckInProps) {
  const { halt } = props.answers
  const title = t('checkin.halt')
  return (
    <>
      <Asked {...props} title={title} hint={t('checkin.halt_hint')} />
      <fieldset>
        <legend class="unseen">{title}</legend>
        <div class="picks">
          {NEEDS.map((need) => (
            <Pick key={need} type="checkbox" name={need} checked={halt?.includes(need) ?? false} onChange={(on) => props.onAnswer({ halt: withTick(halt, need, on) })}>
              {t(`checkin.${need}`)}
            </Pick>
          ))}
          <Pick type="checkbox" name="none" checked={halt?.length === 0} onChange={(on) => props.onAnswer({ halt: on ? [] : null })}>
            {t('checkin.halt_none')}
          </Pick>
        </div>
      </fieldset>
    </>
  )
}

const TAKEN = ['taken', 'partly', 'not_taken', 'none_due'] as const

function Medicine(props: CheckInProps) {
  return (
    <>
      <Asked {...props} title={t('checkin.medication')} hint={within(props, 'checkin.medication_hint')} />
      <Picks
        name="medication"
        legend={t('checkin.medication')}
        legendUnseen
        options={TAKEN.map((value) => ({ value, title: t(`checkin.${value}`) }))}
        value={props.answers.medication ?? null}
        onChange={(medication) => props.onAnswer({ medication })}
      />
    </>
  )
}

function Use(props: CheckInProps) {
  const { used = null, used_what } = props.answers
  const answer = used === null ? null : used ? 'yes' : 'no'
  return (
    <>
      <Asked {...props} title={tense(props, 'used')} hint={t('checkin.used_hint')} />
      <div class="stack">
        {used && props.asksWhat && (
          <Field
            label={t('checkin.used_what')}
            name="what"
            lines="short"
            maxLength={500}
            value={used_what ?? ''}
            onInput={(words) => props.onAnswer({ used_what: words })}
          />
        )}
        <Picks
          name="used"
          legend={tense(props, 'used')}
          legendUnseen
          options={(['no', 'yes'] as const).map((value) => ({ value, title: t(`checkin.${value}`) }))}
          value={answer}
          onChange={(value) => props.onAnswer({ used: value === 'yes' })}
        />
        <Privacy>{t('checkin.who_reads')}</Privacy>
        <Button kind="quiet" onPress={props.onStopUse}>
          {t('checkin.used_stop')}
        </Button>
      </div>
    </>
  )
}

function Last(props: CheckInProps) {
  const { answers, share, shares, team, full, onAnswer, onShare } = props
  const plan = tense(props, 'plan')
  const hints: Record<Share, string> = {
    team: team ? t('checkin.team_hint', { names: team }) : t('checkin.team_hint_plain'),
    round: t('checkin.round_hint'),
    me: t('checkin.me_hint'),
  }
  return (
    <>
      <div class="stack">
        <Above {...props} />
        <Title>{plan}</Title>
        <Field label={<span class="unseen">{plan}</span>} name="plan" lines="short" maxLength={1000} value={answers.plan ?? ''} onInput={(words) => onAnswer({ plan: words })} />
      </div>
      <div class="stack tight">
        {full && <NotKept />}
        <Choices
          name="share"
          legend={t('checkin.share')}
          options={shares.map((value) => ({ value, title: t(`checkin.${value}`), hint: hints[value] }))}
          value={share}
          onChange={onShare}
        />
        <p class="soft small">{shares.includes('me') ? t('checkin.remember') : t('checkin.sent_before')}</p>
      </div>
    </>
  )
}
