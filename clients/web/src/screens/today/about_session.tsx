/** What the card of a session and its pages say alike. */

import type { ComponentChildren } from 'preact'
import { dayOf, noonOf } from '../../model/days.ts'
import type { Arrival, Session } from '../../model/sessions.ts'
import { Notice } from '../../parts/notice.tsx'
import { AsOf } from '../../shell/status_line.tsx'
import { t } from '../../text/text.ts'
import { nearWithin } from './when.ts'

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
  return nearWithin(Date.parse(`${day}T${time}:00Z`), noonOf(dayOf(now, zone)), 'UTC')
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

export function Changed({ yes, children }: { yes: boolean; children: ComponentChildren }) {
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
