/** The next session, as a card of Today. */

import type { ComponentChildren } from 'preact'
import type { Arrival, Session } from '../../model/sessions.ts'
import { Button, Buttons } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Notice } from '../../parts/notice.tsx'
import { href } from '../../shell/router.ts'
import { AsOf } from '../../shell/status_line.tsx'
import { clock, t } from '../../text/text.ts'
import { nearWithin, nextTitle } from './when.ts'

export interface NextProps {
  session: Session
  now: number
  arrival: Arrival
  /** "I'm here" has not reached the server. */
  arrivalWaits?: boolean
  /** Offline: others may have changed it since then. */
  asOf: number | null
  onHere: () => void
  featured?: boolean
}

export function NextSession({ session, now, arrival, arrivalWaits, asOf, onHere, featured = true }: NextProps) {
  const { starts, zone, title, scope, id } = session
  return (
    <Card kind={featured ? 'featured' : undefined} layout="next" labelledby="next">
      <h2 class="small soft" id="next">
        {nextTitle(starts, now, zone)}
      </h2>
      <p class="when">
        <Changed yes={session.movedFrom !== null}>
          <time dateTime={new Date(starts).toISOString()}>{clock(starts, zone)}</time>
        </Changed>
      </p>
      <p>
        <b>{title}</b>
        <Where {...session} />
      </p>
      <Changes session={session} now={now} asOf={asOf} />
      <Here arrival={arrival} waits={arrivalWaits} />
      <Buttons even>
        {mayStayAway(arrival) && <Button href={href('cant_go', { scope, id })}>{t('session.cant_go')}</Button>}
        {arrival === 'open' ? (
          <Button icon="check" onPress={onHere}>
            {t('session.here')}
          </Button>
        ) : (
          <Button href={href('session', { scope, id })}>{t('session.details')}</Button>
        )}
      </Buttons>
      {arrival === 'open' && (
        <p>
          <a class="tap" href={href('session', { scope, id })}>
            {t('session.details')}
          </a>
        </p>
      )}
    </Card>
  )
}

/** After the title: ", Room 4" or ", by video". */
export function Where({ place, video, otherPlace }: Pick<Session, 'place' | 'video' | 'otherPlace'>) {
  const where = place || (video && t('session.on_video').toLowerCase())
  return (
    <>
      {where && ', '}
      <Changed yes={otherPlace}>{where}</Changed>
    </>
  )
}

/** What differs from the timetable, in words. */
export function Changes({ session, now, asOf }: { session: Session; now: number; asOf: number | null }) {
  const { otherPlace, movedFrom, zone } = session
  const words = [
    otherPlace && t('session.room_changed'),
    movedFrom && t('session.moved', { when: planned(movedFrom, now, zone) }),
    (otherPlace || movedFrom) && session.reason,
  ].filter(Boolean)
  if (!words.length && asOf === null) return null
  return (
    <p class="soft">
      {words.map((each) => (
        <span key={each} class="block">
          {each}
        </span>
      ))}
      {asOf !== null && <AsOf at={asOf} />}
    </p>
  )
}

/** A time on the wall of the session's zone, which is shown without moving it into another. */
function planned([day, time]: [string, string], now: number, zone: string): string {
  const at = Date.parse(`${day}T${time}:00Z`)
  const wallNow = now + offset(now, zone)
  return nearWithin(at, wallNow, 'UTC')
}

function offset(at: number, zone: string): number {
  const wall = new Date(at).toLocaleString('en-US', { timeZone: zone })
  const utc = new Date(at).toLocaleString('en-US', { timeZone: 'UTC' })
  return Date.parse(wall) - Date.parse(utc)
}

/** Who is there already is not asked whether they can come. */
export function mayStayAway(arrival: Arrival): boolean {
  return arrival === 'closed' || arrival === 'open'
}

const SAID = { said: 'session.here_said', confirmed: 'session.here_confirmed', declined: 'session.here_declined' } as const

/** What became of "I'm here". */
export function Here({ arrival, waits }: { arrival: Arrival; waits?: boolean | undefined }) {
  // The live region is there before its words are, so that they are read out.
  const words = arrival !== 'closed' && arrival !== 'open' && t(arrival === 'said' && waits ? 'session.here_waiting' : SAID[arrival])
  return <p role="status">{words}</p>
}

function Changed({ yes, children }: { yes: boolean; children: ComponentChildren }) {
  return yes ? <mark>{children}</mark> : <>{children}</>
}

export interface OffProps {
  session: Session
  now: number
  asOf: number | null
}

/** A session that people may be on their way to, and that does not take place. */
export function Off({ session, now, asOf }: OffProps) {
  const { title, starts, zone, reason } = session
  return (
    <Notice kind="wait" icon="info" title={t('session.off', { title })}>
      <p>{t('session.off_when', { when: nearWithin(starts, now, zone) })}</p>
      {reason && <p>{reason}</p>}
      {asOf !== null && <AsOf at={asOf} />}
    </Notice>
  )
}
