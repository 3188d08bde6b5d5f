/** Check-ins of this and earlier days, and one of them in full. */

import { useState } from 'preact/hooks'
import type { Answers, Slot } from '../../model/check_in.ts'
import { type Day, noonOf } from '../../model/days.ts'
import { Switch } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/figures.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Chip, Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { href } from '../../shell/router.ts'
import { counted, day as dayLine, t } from '../../text/text.ts'
import { doneWords } from './today.tsx'
import { nearDay } from './when.ts'

export interface Listed {
  day: Day
  slot: Slot
  state: 'waiting' | 'sent' | 'mine' | 'open'
  /** When it was sent. */
  at: string
  signed: boolean
  /** Something was written since, and not saved. */
  begun?: boolean
}

export interface CheckInsProps {
  days: readonly Listed[]
  today: Day
  /** Null: the programme does not ask it. */
  asksUse: boolean | null
  onAskUse: (on: boolean) => void
}

export function CheckIns({ days, today, asksUse, onAskUse }: CheckInsProps) {
  return (
    <PlayerFrame out={{ label: t('shell.back'), href: href('today') }}>
      <Title>{t('checkins.title')}</Title>
      {days.length > 0 ? (
        <Rows>
          {days.map((each) => (
            <ListedRow key={each.day + each.slot} {...each} today={today} />
          ))}
        </Rows>
      ) : (
        <Empty title={t('checkins.empty')}>
          <p>{t('checkins.empty_what')}</p>
        </Empty>
      )}
      {asksUse !== null && (
        <Card kind="flush">
          <Switch title={t('checkins.ask_use')} hint={t('checkins.ask_use_hint')} on={asksUse} onChange={onAskUse} />
        </Card>
      )}
    </PlayerFrame>
  )
}

function ListedRow({ day, slot, state, at, signed, begun, today }: Listed & { today: Day }) {
  const open = state === 'open' && !begun
  const page = open ? href('check_in', { date: day, slot, step: 'start' }) : href('check_in_day', { date: day, slot })
  return (
    <Row
      icon={open ? 'add' : begun ? 'edit' : state === 'waiting' ? 'clock' : 'check'}
      title={dayTitle(day, slot, today)}
      hint={begun ? begunWords(state) : stateWords(state, at)}
      href={page}
      end={signed ? <Chip kind="good">{t('checkins.signed_chip')}</Chip> : undefined}
    />
  )
}

/** What was not saved: a check-in, or a change of one. */
function begunWords(state: Listed['state']): string {
  return t(state === 'open' ? 'today.begun' : 'checkins.begun')
}

function dayTitle(day: Day, slot: Slot, today?: Day): string {
  const words = today ? nearDay(noonOf(day), noonOf(today), 'UTC') : dayLine(noonOf(day), 'UTC')
  return slot === 'day' ? words : `${words}. ${t(`checkins.${slot}`)}`
}

function stateWords(state: Listed['state'], at: string): string {
  if (state === 'open') return t('checkins.open')
  return doneWords(state, at)
}

export interface CheckInDayProps extends Listed {
  answers: Answers
  /** Kept on this phone only, beside what was sent. */
  mine?: Answers | undefined
  /** Written and not saved. */
  draft?: Answers | undefined
  forRound: boolean
  /** The server could not read all of it. */
  unread: boolean
  /** The programme takes no check-ins from this person. */
  over?: boolean
  full?: boolean
  onDelete: () => void
}

export function CheckInDay(props: CheckInDayProps) {
  const { day, slot, state, at, signed, answers, mine, draft, forRound, unread, over, full } = props
  const [asks, ask] = useState(false)
  return (
    <PlayerFrame out={{ label: t('checkins.title'), href: href('check_ins') }}>
      <Title>{dayTitle(day, slot)}</Title>
      {state !== 'open' && (
        <p class="soft" role="status">
          {stateWords(state, at)}
        </p>
      )}
      {unread && (
        <Notice kind="wait" icon="info" title={t('checkins.unread')}>
          <p>{t('checkins.unread_what')}</p>
        </Notice>
      )}
      {state !== 'open' && <Facts facts={factsOf(answers)} />}
      {forRound && <p class="soft small">{t('checkins.for_round')}</p>}
      {mine && <Besides words={t('today.done_mine')} answers={mine} />}
      {signed && (
        <Notice icon="lock" title={t('checkins.signed_chip')}>
          <p>{t('checkins.signed')}</p>
        </Notice>
      )}
      {draft && <Besides words={begunWords(state)} answers={draft} />}
      {full && <NotKept />}
      {!signed && !over && (
        <Button wide icon="edit" href={href('check_in', { date: day, slot, step: 'start' })}>
          {t(draft ? 'today.go_on' : 'checkins.change')}
        </Button>
      )}
      {draft && (
        <Button wide onPress={() => ask(true)}>
          {t('checkins.delete')}
        </Button>
      )}
      {asks && (
        <Sheet title={t('checkins.delete_ask')} close={t('checkins.keep')} onClose={() => ask(false)}>
          <p>{t('checkins.delete_what')}</p>
          <Button wide kind="stop" onPress={props.onDelete}>
            {t('checkins.delete')}
          </Button>
        </Sheet>
      )}
    </PlayerFrame>
  )
}

/** Answers that are only here, and why. */
function Besides({ words, answers }: { words: string; answers: Answers }) {
  return (
    <section class="stack tight">
      <p class="soft">{words}</p>
      <Facts facts={factsOf(answers)} />
    </section>
  )
}

export function NoCheckIn() {
  return (
    <PlayerFrame out={{ label: t('checkins.title'), href: href('check_ins') }}>
      <Title>{t('checkins.none')}</Title>
    </PlayerFrame>
  )
}

/** Only what was answered. */
function factsOf(answers: Answers): [string, string][] {
  const { success, mood, craving_now, craving_worst, halt, medication, used, used_what, plan, gap_reason } = answers
  const facts: [string, string | null | undefined][] = [
    [t('checkins.fact_success'), success],
    [t('checkins.fact_mood'), mood ? t(`checkin.mood_${mood as 1}`) : null],
    [t('checkins.fact_craving_now'), ofTen(craving_now)],
    [t('checkins.fact_craving_worst'), ofTen(craving_worst)],
    [t('checkins.fact_sleep'), sleepWords(answers)],
    [t('checkins.fact_halt'), halt && (halt.length ? halt.map((need) => t(`checkin.${need}`)).join(', ') : t('checkin.halt_none'))],
    [t('checkins.fact_medication'), medication && t(`checkin.${medication}`)],
    [t('checkins.fact_used'), used === null || used === undefined ? null : used ? [t('checkin.yes'), used_what].filter(Boolean).join('. ') : t('checkin.no')],
    [t('checkins.fact_plan'), plan],
    [t('checkins.fact_gap'), gap_reason],
  ]
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]))
}

function ofTen(n: number | null | undefined): string | null {
  return n === null || n === undefined ? null : t('checkins.of_ten', { n })
}

function sleepWords({ sleep_hours, sleep_quality }: Answers): string {
  const hours = sleep_hours === null || sleep_hours === undefined ? null : counted('checkins.hours', sleep_hours)
  const quality = sleep_quality ? t(`checkin.sleep_${sleep_quality as 1}`) : null
  return [hours, quality].filter(Boolean).join('. ')
}
