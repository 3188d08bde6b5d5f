/** One session in full, and what to do when one cannot go. */

import type { TeamLine } from '../../model/team.ts'
import type { Arrival, Session } from '../../model/sessions.ts'
import { Button } from '../../parts/button.tsx'
import { Facts } from '../../parts/figures.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { href } from '../../shell/router.ts'
import { tel } from '../help/numbers.ts'
import { saveToCalendar } from '../../shell/calendar.ts'
import { AsOf } from '../../shell/status_line.tsx'
import { clock, day, t } from '../../text/text.ts'
import { hoursWords } from './cards.tsx'
import { Changes, Here, mayStayAway, Off, Where } from './about_session.tsx'
import { near } from './when.ts'

export interface SessionProps {
  session: Session
  now: number
  arrival: Arrival
  arrivalWaits?: boolean
  asOf: number | null
  full?: boolean
  onHere: () => void
}

const toToday = () => ({ label: t('tabs.today'), href: href('today') })

export function SessionDetails({ session, now, arrival, arrivalWaits, asOf, full, onHere }: SessionProps) {
  const { id, scope, title, starts, ends, zone, place, video, cancelled } = session
  const isOver = ends <= now
  const facts = [
    [t('session.time'), `${day(starts, zone)}. ${t('session.until', { start: clock(starts, zone), end: clock(ends, zone) })}`],
    (place || video) && [t('session.place'), place || t('session.on_video')],
  ].filter(Boolean) as [string, string][]
  return (
    <PlayerFrame out={toToday()}>
      <Title>{title}</Title>
      {cancelled ? (
        <Off session={session} now={now} asOf={asOf} />
      ) : (
        <Changes session={session} now={now} asOf={asOf} />
      )}
      <Facts facts={facts} />
      <Here arrival={arrival} waits={arrivalWaits} />
      {full && <NotKept />}
      {!cancelled && !isOver && (
        <div class="stack tight">
          {arrival === 'open' && (
            <Button kind="main" icon="check" wide onPress={onHere}>
              {t('session.here')}
            </Button>
          )}
          {video && (
            <Button wide icon="device" href={video}>
              {t('session.video')}
            </Button>
          )}
          {mayStayAway(arrival) && (
            <Button wide href={href('cant_go', { scope, id })}>
              {t('session.cant_go')}
            </Button>
          )}
          <Button wide icon="today" onPress={() => saveToCalendar([session], now)}>
            {t('session.add')}
          </Button>
          <p class="soft small">{t('session.add_hint', { name: t('session.add_title') })}</p>
        </div>
      )}
    </PlayerFrame>
  )
}

/** Cancelled for good, or of a group one has left. */
export function SessionGone() {
  return (
    <PlayerFrame out={toToday()}>
      <Title>{t('session.gone')}</Title>
      <p>{t('session.gone_what')}</p>
      <Button wide href={href('sessions')}>
        {t('session.all')}
      </Button>
    </PlayerFrame>
  )
}

export interface CantGoProps {
  session: Session
  now: number
  team: TeamLine | null
  /** The group that the session belongs to. */
  group: { name: string; href: string } | null
  others: readonly Session[]
}

/** There is no act that says it to the server: the page leads to people, and says so. */
export function CantGo({ session, now, team, group, others }: CantGoProps) {
  const { scope, id, title, starts, zone } = session
  return (
    <PlayerFrame out={{ label: t('session.details'), href: href('session', { scope, id }) }}>
      <Title>{t('cantgo.title')}</Title>
      <p>
        <b>{title}</b>. {near(starts, now, zone)}
      </p>
      <p>{t('cantgo.happens')}</p>
      <div class="stack tight">
        {team && (
          <Button
            kind="main"
            icon="call"
            href={tel(team.number)}
            hint={hoursWords(team)}
          >
            {t('today.call_team')}
          </Button>
        )}
        {group && (
          <Button icon="people" hint={t('cantgo.write_hint')} goes href={group.href}>
            {t('cantgo.write', { group: group.name })}
          </Button>
        )}
      </div>
      {others.length > 0 && (
        <>
          <h2>{t('cantgo.other')}</h2>
          <SessionRows sessions={others} now={now} />
        </>
      )}
    </PlayerFrame>
  )
}

export function Sessions({ sessions, now, asOf }: { sessions: readonly Session[]; now: number; asOf: number | null }) {
  return (
    <PlayerFrame out={toToday()}>
      <Title>{t('session.all')}</Title>
      {asOf !== null && <AsOf at={asOf} />}
      {sessions.length > 0 ? (
        <SessionRows sessions={sessions} now={now} />
      ) : (
        <Empty title={t('session.none')}>
          <p>{t('session.none_what')}</p>
        </Empty>
      )}
    </PlayerFrame>
  )
}

function SessionRows({ sessions, now }: { sessions: readonly Session[]; now: number }) {
  return (
    <Rows>
      {sessions.map((session) => (
        <Row
          key={session.id}
          icon={session.cancelled ? 'info' : 'today'}
          title={near(session.starts, now, session.zone)}
          hint={session.cancelled ? t('session.off', { title: session.title }) : <SessionLine {...session} />}
          href={href('session', { scope: session.scope, id: session.id })}
        />
      ))}
    </Rows>
  )
}

function SessionLine(session: Session) {
  return (
    <>
      {session.title}
      <Where {...session} />
    </>
  )
}
