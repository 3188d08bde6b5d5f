import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { dayOf } from '../../model/days.ts'
import type { Attempt } from '../../model/attempts.ts'
import { back, href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { clock, day, dayWithin, t } from '../../text/text.ts'
import { attempts, exercise } from './here.ts'
import { went } from './player.tsx'

interface AttemptsProps {
  attempts: readonly Attempt[]
  titleOf: (attempt: Attempt) => string
}

/** Own attempts, the newest first. */
export function Attempts({ attempts, titleOf }: AttemptsProps) {
  return (
    <PlayerFrame out={{ label: t('shell.back'), onPress: () => back(href('tools')) }}>
      <Title>{t('attempts.title')}</Title>
      {attempts.length ? (
        <Rows>
          {attempts.map((attempt) => (
            <Row
              key={attempt.id}
              href={href('attempt', { attempt: attempt.id })}
              title={titleOf(attempt)}
              hint={
                <>
                  {momentOf(attempt)}
                  <span class="asof">{went(attempt.before, attempt.after)}</span>
                  <FateLine attempt={attempt} />
                </>
              }
            />
          ))}
        </Rows>
      ) : (
        <Empty title={t('attempts.empty')}>
          <p>{t('attempts.empty_why')}</p>
        </Empty>
      )}
    </PlayerFrame>
  )
}

export function AttemptsPage() {
  return <Attempts attempts={attempts()} titleOf={titleOf} />
}

/** An urge from before the library came has no exercise. */
export function titleOf(attempt: Attempt): string {
  const found = attempt.exercise === null ? undefined : exercise(attempt.exercise, attempt.version)
  return found?.title ?? t('urge.name')
}

export function momentOf({ started_at }: Attempt): string {
  const at = Date.parse(started_at)
  return `${day(at)}, ${clock(at)}`
}

export function FateLine({ attempt }: { attempt: Attempt }) {
  const marked = attempt.fate !== 'kept' && attempt.fate !== 'sent'
  return <span class={marked ? 'fate-line' : 'asof'}>{words(attempt)}</span>
}

function words({ fate, sent_at, started_at }: Attempt): string {
  if (fate === 'kept') return t('attempts.kept')
  const at = Date.parse(sent_at ?? started_at)
  if (fate === 'sent' && dayOf(at) !== dayOf(Date.parse(started_at))) {
    return t('fate.sent_at', { time: `${dayWithin(at)}, ${clock(at)}` })
  }
  return fateWords(fate, { at, reason: t('attempts.still_here') })
}
