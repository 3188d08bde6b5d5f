/** The next session, as a card of Today. */

import type { Arrival, Session } from '../../model/sessions.ts'
import { Button, Buttons } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { href } from '../../shell/router.ts'
import { clock, t } from '../../text/text.ts'
import { Changed, Changes, Here, mayStayAway, Where } from './about_session.tsx'
import { nextTitle } from './when.ts'

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
