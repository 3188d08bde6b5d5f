import { enoughWith, type Planned, plannedIn, weeksBefore, type Went } from '../../model/planned.ts'
import { hours } from '../../model/week.ts'
import { type Day, dayOf, noonOf } from '../../model/days.ts'
import { idOf } from '../../model/ids.ts'
import { counsellor } from '../../model/staff.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Facts, Ring, Timeline } from '../../parts/figures.tsx'
import { Notice } from '../../parts/notice.tsx'
import { useNow } from '../../parts/now.ts'
import { Empty } from '../../parts/waiting.tsx'
import { entries } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { days } from '../../text/dates.ts'
import { counted, moment, t, weekdayName } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { levelName } from './me.tsx'
import { Part, Under } from './under.tsx'

export interface HoursProps {
  week: { start: Day; end: Day; done: number; target: number; min: number; max: number; level: string } | null
  planned: readonly Planned[]
  /** With this one the hours are enough. */
  enough: Planned | null
  before: readonly { start: Day; end: Day; done: number; target: number }[]
  counsellor: string | null
  asOf: number | null
}

export function Hours({ week, planned, enough, before, counsellor, asOf }: HoursProps) {
  return (
    <Under title={t('hours.title')} asOf={asOf}>
      {week ? (
        <Card kind="featured" layout="week-ring">
          <Ring done={week.done} of={week.target} big />
          <div>
            <p class="when">{t('hours.of', { done: week.done, target: week.target })}</p>
            <p>
              {t('hours.done')} {week.done >= week.target ? t('hours.enough') : enough && t('hours.enough_with', { title: enough.title, day: dayName(dayOf(enough.starts, enough.zone)), target: week.target })}
            </p>
          </div>
        </Card>
      ) : (
        <Empty title={t('hours.none')}>
          <p>{t('hours.none_what')}</p>
        </Empty>
      )}
      {planned.length > 0 && (
        <Part title={t('hours.days')}>
          <Timeline items={planned.map((each) => ({ at: moment(each.starts, each.zone), words: <Line {...each} />, state: STATES[each.went] }))} />
        </Part>
      )}
      {week && (
        <Notice title={t('hours.why', { n: week.target })}>
          <p>
            {t('hours.why_what', { level: week.level, min: week.min, max: week.max, day: dayName(week.end) })}{' '}
            {counsellor ? t('hours.tight', { name: counsellor }) : t('hours.tight_team')}
          </p>
        </Notice>
      )}
      {before.length > 0 && (
        <Part title={t('hours.before')}>
          <Facts facts={before.map(({ start, end, done, target }) => [days(start, end), t('hours.of_hours', { done, target })] as const)} />
        </Part>
      )}
    </Under>
  )
}

/** Inside a sentence. */
function dayName(day: Day): string {
  return weekdayName(new Date(noonOf(day)).getUTCDay())
}

const STATES: Partial<Record<Went, 'done' | 'now'>> = { present: 'done', now: 'now' }

function Line({ title, went, minutes, place, session }: Planned) {
  const long = counted('hours.long', hours(minutes))
  const rest = went === 'coming' || went === 'now' ? [long, place] : went === 'present' ? [long, t('hours.present')] : [t(`hours.${went}`)]
  return (
    <div class="stack tight">
      <p>
        <b>{title}</b>
        <br />
        {rest.filter(Boolean).join('. ')}.
      </p>
      {session && (went === 'coming' || went === 'now') && (
        <div class="buttons">
          <Button href={href('session', { scope: session.scope, id: session.id })} about={title}>
            {t('session.details')}
          </Button>
        </div>
      )}
    </div>
  )
}

const MOST_BEFORE = 12

export function HoursPage() {
  const now = useNow(here.now)
  const today = here.today(now)
  const weeks = here.complete(entries('week_of_hours'))
  const doc = weeks.map((each) => each.doc).find((week) => week.week_start <= today && today <= week.week_end && week.minutes_target > 0)
  const zone = here.programme()?.doc.time_zone ?? 'UTC'
  const planned = doc ? plannedIn(doc, here.complete(entries('attendance')), here.sessions(), now, zone) : []
  const record = here.record()
  return (
    <Hours
      week={
        doc
          ? {
              start: doc.week_start,
              end: doc.week_end,
              done: hours(doc.minutes_done),
              target: hours(doc.minutes_target),
              min: hours(doc.minutes_min),
              max: hours(doc.minutes_max),
              level: levelName(doc.level),
            }
          : null
      }
      planned={planned}
      enough={doc ? enoughWith(doc.minutes_target - doc.minutes_done, planned) : null}
      before={weeksBefore(today, weeks)
        .slice(0, MOST_BEFORE)
        .map((week) => ({ start: week.week_start, end: week.week_end, done: hours(week.minutes_done), target: hours(week.minutes_target) }))}
      counsellor={counsellor(entries('care_team_member'), entries('staff_member'), record && idOf(record.scope))}
      asOf={here.asOf()}
    />
  )
}
