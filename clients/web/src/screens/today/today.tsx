/** What now? At most four cards, and the way out of an urge always in reach. */

import type { ComponentChildren } from 'preact'
import { hourOf } from '../../model/days.ts'
import type { Slot } from '../../model/check_in.ts'
import { type Card as CardName, firstFour } from '../../model/today.ts'
import type { Week } from '../../model/week.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Ring } from '../../parts/figures.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Coming } from '../../parts/waiting.tsx'
import { TabPage } from '../../shell/frame.tsx'
import { href } from '../../shell/router.ts'
import { tel } from '../help/numbers.ts'
import { StatusLine, type StatusLineProps } from '../../shell/status_line.tsx'
import { counted, dayWithin, day as dayLine, listed, t } from '../../text/text.ts'
import { Lapse, type LapseProps, Level, type LevelProps, Missed, type MissedProps, News, type NewsProps } from './cards.tsx'
import { Off, type OffProps } from './about_session.tsx'
import { NextSession, type NextProps } from './next_session.tsx'

export interface TodayProps {
  name: string
  now: number
  /** The one line about the connection. */
  line: StatusLineProps
  needsYou?: boolean
  lapse?: LapseProps | null
  level?: LevelProps | null
  missed?: MissedProps | null
  off?: OffProps | null
  next?: NextProps | null
  /** One that is not near is shown only if there is nothing to do. */
  nextIsNear?: boolean
  checkIn?: CheckInState | null
  tool?: Tool | null
  /** A tool that helped before, for a day with nothing to do. */
  helped?: { title: string; href: string } | null
  wrote?: { who: string | null; where: string; at: string; href: string } | null
  news?: NewsProps | null
  week?: Week | null
  /** Back after a long time. */
  away?: AwayProps | null
  /** What has not come to this phone in full, in words. */
  getting?: readonly string[]
}

export interface CheckInState {
  slot: Slot
  state: 'due' | 'begun' | 'waiting' | 'sent' | 'mine'
  /** When it was sent. */
  at: string
  href: string
}

interface Tool {
  title: string
  from: string | null
  due: number | null
  minutes: number
  offline: boolean
  href: string
}

export interface AwayProps {
  programme: string
  /** Empty if the programme has not come to this phone. */
  number: string
  checkIn: string | null
  onLook: () => void
}

export function Today(props: TodayProps) {
  const { name, now, line, away, lapse, getting = [] } = props
  const title = name && (away || lapse) ? t('today.good_to_see', { name }) : greeting(name, now)
  return (
    <TabPage tab="today" title={title} above={dayLine(now)}>
      <StatusLine {...line} />
      {away ? <Away {...away} /> : <Matters {...props} />}
      {getting.length > 0 && <Coming offline={line.network === 'offline'}>{t('today.getting', { things: listed(getting) })}</Coming>}
    </TabPage>
  )
}

function Matters(props: TodayProps) {
  const { lapse, level, missed, off, next, checkIn, tool, wrote, news, week, helped, getting = [] } = props
  const isDue = checkIn?.state === 'due' || checkIn?.state === 'begun'
  // What has not come yet may be something to do.
  const idle = getting.length === 0 && !props.needsYou && !lapse && !level && !missed && !isDue && !tool && !(next && props.nextIsNear)
  const shown = firstFour({
    needs_you: Boolean(props.needsYou),
    lapse: Boolean(lapse),
    level: Boolean(level),
    missed: Boolean(missed),
    off: Boolean(off),
    // After a lapse its card names the session already.
    next: Boolean(next) && !lapse && (props.nextIsNear || idle),
    check_in: isDue,
    tool: Boolean(tool),
    wrote: Boolean(wrote),
    // Three days without campaigns and counters.
    news: Boolean(news) && !lapse,
  })
  const card = (which: CardName, content: ComponentChildren) => shown.has(which) && content
  return (
    <>
      {idle && <p class="large">{t('today.nothing')}</p>}
      {card('needs_you', <NeedsYou />)}
      {card('lapse', lapse && <Lapse {...lapse} />)}
      {card('level', level && <Level {...level} featured={!lapse} />)}
      {card('missed', missed && <Missed {...missed} />)}
      {card('off', off && <Off {...off} />)}
      {card('next', next && <NextSession {...next} featured={!shown.has('level')} />)}
      {card('check_in', checkIn && <CheckInDue {...checkIn} />)}
      <Urge />
      {checkIn && !isDue && <CheckInDone {...checkIn} />}
      {week && !lapse && <WeekRow {...week} />}
      {card('tool', tool && <ToolRow {...tool} />)}
      {idle && helped && (
        <Rows>
          <Row icon="tools" title={helped.title} hint={t('today.helped')} href={helped.href} />
        </Rows>
      )}
      {card('wrote', wrote && <Wrote {...wrote} />)}
      {card('news', news && <News {...news} />)}
    </>
  )
}

function greeting(name: string, now: number): string {
  if (!name) return t('tabs.today') // it has not come to this phone yet
  const hour = hourOf(now)
  return t(hour < 12 ? 'today.morning' : hour < 18 ? 'today.afternoon' : 'today.evening', { name })
}

function NeedsYou() {
  return (
    <Notice kind="wait" icon="edit" title={t('today.needs_you')} buttons={<Button href={href('waiting')}>{t('today.see_both')}</Button>}>
      <p>{t('today.needs_you_what')}</p>
    </Notice>
  )
}

function CheckInDue({ slot, state, href }: CheckInState) {
  return (
    <Card layout="offer" labelledby="check-in">
      <div>
        <h2 id="check-in">{t(`today.due_${slot}`)}</h2>
        <p class="soft">{t(state === 'begun' ? 'today.begun' : 'today.minute')}</p>
      </div>
      <Button kind="main" href={href}>
        {t(state === 'begun' ? 'today.go_on' : 'today.start')}
      </Button>
    </Card>
  )
}

function CheckInDone({ slot, state, at, href }: CheckInState) {
  return (
    <Rows>
      <Row icon={state === 'waiting' ? 'clock' : 'check'} title={t(`today.due_${slot}`)} hint={doneWords(state, at)} href={href} />
    </Rows>
  )
}

/** What became of a check-in. */
export function doneWords(state: CheckInState['state'], at: string): string {
  if (state === 'sent') return t('fate.sent_at', { time: at })
  return t(state === 'mine' ? 'today.done_mine' : 'today.done_waiting')
}

/** Never below the fold. */
function Urge() {
  return (
    <div class="urge-spot">
      <Button kind="deep" icon="urge" goes href={href('urge')}>
        {t('today.urge')}
      </Button>
    </div>
  )
}

function WeekRow({ done, target, left }: Week) {
  return (
    <Rows>
      <Row
        before={<Ring done={done} of={target} />}
        title={t('today.week')}
        hint={
          <>
            {t('today.week_done', { done, target })}
            {left > 0 && <br />}
            {left > 0 && counted('today.week_left', left)}
          </>
        }
        href={href('hours')}
      />
    </Rows>
  )
}

function ToolRow({ title, from, due, minutes, offline, href }: Tool) {
  const hints = offline
    ? [t('today.tool_offline')]
    : [
        from && t('today.tool_from', { name: from }),
        due !== null && t('today.tool_planned', { day: dayWithin(due, 'UTC') }),
        counted('today.tool_minutes', minutes),
      ]
  return (
    <Rows>
      <Row icon="lines" title={title} hint={hints.filter(Boolean).join(' ')} href={href} />
    </Rows>
  )
}

function Wrote({ who, where, at, href }: NonNullable<TodayProps['wrote']>) {
  const title = who === null ? t('today.wrote_hidden') : t('today.wrote', { name: who })
  return (
    <Rows>
      <Row icon="message" title={title} hint={[where, at].filter(Boolean).join('. ')} href={href} />
    </Rows>
  )
}

function Away({ programme, number, checkIn, onLook }: AwayProps) {
  return (
    <>
      <p class="large">{t('today.back')}</p>
      <h2 class="unseen">{t('today.back_choices')}</h2>
      <Rows>
        <Row icon="today" title={t('today.look_around')} hint={t('today.look_around_hint')} onPress={onLook} />
        {checkIn && <Row icon="check" title={t('today.check_in')} hint={t('today.minute')} href={checkIn} onPress={onLook} />}
        {number && <Row icon="stairs" title={t('today.come_back')} hint={t('today.come_back_hint', { programme })} href={tel(number)} end={<Icon name="call" />} />}
      </Rows>
      <Urge />
    </>
  )
}
