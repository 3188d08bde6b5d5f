/** Cards of Today that are there for a few days only. */

import { ALL_DAY, type TeamLine } from '../../model/team.ts'
import { Button, Buttons } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/figures.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Notice } from '../../parts/notice.tsx'
import { href } from '../../shell/router.ts'
import { tel } from '../help/numbers.ts'
import { t, wallClock } from '../../text/text.ts'

/** When the team's number is answered. */
export function hoursWords(team: TeamLine): string {
  if ('until' in team) return t('today.call_until', { time: wallClock(team.until) })
  return team.hours === ALL_DAY ? t('today.call_line') : t('help.call_at', { hours: team.hours })
}

export interface LapseProps {
  /** Whom the person has written down as the one to call. */
  person: { name: string; number: string } | null
  team: TeamLine | null
  next: { when: string; title: string } | null
  /** An exercise that looks at what came before. */
  look: string | null
}

/** For 72 hours after an answer about use. Nothing on it counts anything. */
export function Lapse({ person, team, next, look }: LapseProps) {
  const call = person ?? (team && { name: '', number: team.number })
  return (
    <Card kind="featured" layout="stack" labelledby="lapse">
      <div class="stack tight">
        <h2 id="lapse">{t('today.lapse')}</h2>
        <p>{t('today.lapse_thanks')}</p>
      </div>
      <ol class="timeline">
        <li data-state="now">
          <b>{t('today.lapse_body')}</b>
          <br />
          <span class="soft">{t('today.lapse_body_how')}</span>
          <br />
          <a class="tap" href={href('overdose')}>
            {t('today.lapse_naloxone')}
          </a>
        </li>
        {call && (
          <li>
            <b>{t('today.lapse_person')}</b>
            <br />
            <span class="soft">{person ? t('today.lapse_person_how', { name: person.name }) : t('today.lapse_team_how')}</span>
            <div class="buttons">
              <Button icon="call" href={tel(call.number)}>
                {person ? t('today.call', { name: person.name }) : t('today.call_team')}
              </Button>
            </div>
          </li>
        )}
        {next && (
          <li>
            <b>{t('today.lapse_session')}</b>
            <br />
            <span class="soft">{t('today.lapse_session_how', { when: next.when, title: next.title })}</span>
          </li>
        )}
      </ol>
      {look && (
        <details class="fold">
          <summary>
            <Icon name="go" /> <span>{t('today.lapse_what')}</span>
          </summary>
          <p class="soft">{t('today.lapse_what_how')}</p>
          <Button href={look}>{t('today.lapse_look')}</Button>
        </details>
      )}
    </Card>
  )
}

export interface LevelProps {
  level: string
  before: string
  hours: number
  hoursBefore: number
  /** What it means for sessions and groups, in the words of the programme. */
  lines: readonly string[]
  why: string
  who: string | null
  onSeen: () => void
}

export function Level(props: LevelProps & { featured: boolean }) {
  const { level, before, hours, hoursBefore, lines, why, who } = props
  const facts = [
    [t('today.level_hours'), t('today.level_hours_were', { hours, before: hoursBefore })],
    why && [t('today.level_why'), why],
    who && [t('today.level_who'), who],
  ].filter(Boolean) as [string, string][]
  return (
    <Card kind={props.featured ? 'featured' : undefined} layout="stack tight" labelledby="level">
      <h2 id="level">{t('today.level')}</h2>
      <p>
        <b>{t('today.level_now', { level, before })}</b>
      </p>
      {lines.length > 0 && (
        <ul class="dots">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Facts facts={facts} />
      <Buttons even>
        <Button href={href('sessions')}>{t('session.all')}</Button>
        <Button onPress={props.onSeen}>{t('today.seen')}</Button>
      </Buttons>
    </Card>
  )
}

export interface MissedProps {
  title: string
  time: string
  team: TeamLine | null
  onSeen: () => void
}

/** The morning after. It asks nothing that nobody would read. */
export function Missed({ title, time, team, onSeen }: MissedProps) {
  return (
    <Card layout="stack tight" labelledby="missed">
      <h2 id="missed">{t('today.missed')}</h2>
      <p>
        <b>{title}</b>, {time}
      </p>
      <p>{t('today.missed_what')}</p>
      {team && (
        <Button icon="call" hint={hoursWords(team)} href={tel(team.number)}>
          {t('today.call_team')}
        </Button>
      )}
      <Buttons even>
        <Button href={href('sessions')}>{t('today.other_time')}</Button>
        <Button onPress={onSeen}>{t('today.seen')}</Button>
      </Buttons>
    </Card>
  )
}

export interface NewsProps {
  programme: string
  text: string
  at: string
  onSeen: () => void
}

export function News({ programme, text, at, onSeen }: NewsProps) {
  return (
    <Notice title={t('today.news', { programme })} buttons={<Button onPress={onSeen}>{t('today.news_read')}</Button>}>
      <p>{text}</p>
      <p class="soft small">{at}</p>
    </Notice>
  )
}
