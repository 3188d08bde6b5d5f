import { dayOf } from '../model/days.ts'
import { Status } from '../parts/notice.tsx'
import { clock, counted, dayWithin, t } from '../text/text.ts'
import { href } from './router.ts'

export interface StatusLineProps {
  /** What our own requests have shown, never what the browser believes. */
  network: 'unknown' | 'online' | 'offline' | 'busy'
  /** How many things are saved here and not sent yet. */
  waiting: number
  /** How many the server refused. They need the person. */
  notSent: number
  /** Sending still works; reading does not. */
  tooOld?: boolean
}

/** The one line on Today about the connection, empty while all is well. A live region must be there
 *  before its words are. */
export function StatusLine(props: StatusLineProps) {
  return <div role="status">{line(props)}</div>
}

function line({ network, waiting, notSent, tooOld }: StatusLineProps) {
  if (notSent > 0) {
    return (
      <Status kind="wait" href={href('waiting')} end={t('status.see')}>
        {counted('status.not_sent', notSent)}
      </Status>
    )
  }
  if (tooOld) {
    return (
      <Status icon="info" href={href('waiting')}>
        {t('status.too_old')}
      </Status>
    )
  }
  if (network !== 'offline' && network !== 'busy') return null
  return (
    <Status icon={network === 'busy' ? 'clock' : 'offline'} href={href('waiting')}>
      {network === 'busy' ? t('status.busy') : offline(waiting)}
    </Status>
  )
}

function offline(waiting: number): string {
  return waiting === 0 ? t('status.offline') : counted('status.offline_with', waiting)
}

/** On what another person could have changed since. */
export function AsOf({ at }: { at: number }) {
  return <span class="asof">{asOfWords(at)}</span>
}

/** "As of 8:10 AM"; of another day with its date, because a time alone would be taken for today's. */
export function asOfWords(at: number): string {
  const time = clock(at)
  return dayOf(at) === dayOf(Date.now()) ? t('status.as_of', { time }) : t('status.as_of_day', { day: dayWithin(at), time })
}
