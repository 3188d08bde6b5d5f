import { useState } from 'preact/hooks'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { answered, doneOf, type Answer, type Attempt, type Review } from '../../model/attempts.ts'
import type { Exercise, Field } from '../../model/exercises.ts'
import { entries, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { back, go, href } from '../../shell/router.ts'
import { useStep } from '../../shell/step.ts'
import { counted, moment, t } from '../../text/text.ts'
import { FateLine, momentOf, titleOf } from './attempts.tsx'
import { attempts, deleteHere, exercise, keepHere, nameOf, share, team } from './here.ts'
import { Missing } from './missing.tsx'
import { shareWords, went } from './player.tsx'

export interface AttemptProps {
  attempt: Attempt
  title: string
  exercise: Exercise | undefined
  reviews: readonly (Pick<Review, 'comment' | 'reviewed_at'> & { by: string })[]
  /** With whom it can be shared, as for the player. */
  team: string | null
  /** There was no room for what was done last. */
  full?: boolean
  onShare: () => void
  onDelete: () => void
  onKeep: () => void
}

/** One attempt, with what was answered, and what the counsellor wrote. */
export function AttemptOf({ attempt, title, exercise, reviews, team, full, onShare, onDelete, onKeep }: AttemptProps) {
  const [asks, ask] = useState(false)
  const { fate } = attempt
  const numbers = went(attempt.before, attempt.after) ?? oneNumber(attempt)
  // A button that has done its work goes away, and must not take the focus with it.
  useStep(fate === 'kept' || fate === 'not sent' ? fate : 'shared')
  return (
    <PlayerFrame out={{ label: t('shell.back'), onPress: () => back(href('attempts')) }}>
      <div>
        <Title>{title}</Title>
        <p class="soft">{momentOf(attempt)}</p>
        <p class="small" role="status">
          <FateLine attempt={attempt} />
        </p>
      </div>
      {numbers && <p class="large">{numbers}</p>}
      {reviews.map((review) => (
        <Card key={review.reviewed_at} kind="featured" layout="stack tight">
          <h2>{t(review.comment ? 'attempt.wrote' : 'attempt.read', { name: review.by || t('tools.your_team') })}</h2>
          {review.comment && <p>{review.comment}</p>}
          <p class="soft small">{moment(Date.parse(review.reviewed_at))}</p>
        </Card>
      ))}
      {answered(exercise, attempt.answers).map(({ field, answer }, place) => (
        <div key={field?.id ?? place}>
          <h2>{field?.label ?? t('attempt.other')}</h2>
          <Said field={field} answer={answer} />
        </div>
      ))}
      {full && <NotKept />}
      {fate === 'kept' && (
        <>
          <Privacy>{t('attempt.only_here')}</Privacy>
          {team !== null && (
            <Button wide icon="share" hint={shareWords(team).hint} onPress={onShare}>
              {shareWords(team).title}
            </Button>
          )}
          <Button wide kind="stop" onPress={() => ask(true)}>
            {t('attempt.delete')}
          </Button>
        </>
      )}
      {fate === 'not sent' && (
        <Button wide hint={t('exercise.keep_hint')} onPress={onKeep}>
          {t('attempt.keep_here')}
        </Button>
      )}
      {asks && (
        <Sheet title={t('attempt.delete_ask')} close={t('attempt.keep_it')} onClose={() => ask(false)}>
          <p>{t('attempt.delete_what')}</p>
          <Button wide kind="stop" onPress={onDelete}>
            {t('attempt.delete')}
          </Button>
        </Sheet>
      )}
    </PlayerFrame>
  )
}

function Said({ field, answer }: { field: Field | null; answer: Answer }) {
  if (typeof answer === 'object') {
    return (
      <ul class="dots">
        {answer.map((line, place) => (
          <li key={place}>{line}</li>
        ))}
      </ul>
    )
  }
  if (typeof answer === 'string') return <p>{answer}</p>
  if (field?.type === 'timer') {
    return <p>{answer < 60 ? counted('attempt.seconds', answer) : counted('attempt.minutes', Math.round(answer / 60))}</p>
  }
  return <p>{t('attempt.of', { n: answer, of: field?.type === 'percent' ? 100 : 10 })}</p>
}

function oneNumber({ before, after }: Attempt): string | null {
  if (before !== null) return t('attempt.before', { n: before })
  return after === null ? null : t('attempt.after', { n: after })
}

export function AttemptPage({ id }: { id: string }) {
  const [press, full] = usePress()
  const attempt = attempts().find((each) => each.id === id)
  if (!attempt) return <Missing />
  const { exercise: done, version, mutation } = attempt
  const reviews = entries('attempt_review').filter(({ doc }) => doc.attempt === id)
  async function keepAgain(): Promise<void> {
    // Under its own id it would be refused again, whatever else has changed.
    const again = { ...doneOf(attempt!), id: phone().newId() }
    await keepHere(again)
    await phone().dismiss(mutation!)
    announce(t('exercise.kept'))
    go(href('attempt', { attempt: again.id }), { replace: true })
  }
  async function send(): Promise<void> {
    await share(doneOf(attempt!))
    announce(t('exercise.shared'))
  }
  async function remove(): Promise<void> {
    await deleteHere(id)
    announce(t('attempt.deleted'))
    back(href('attempts'))
  }
  return (
    <AttemptOf
      attempt={attempt}
      title={titleOf(attempt)}
      exercise={done === null ? undefined : exercise(done, version)}
      reviews={reviews.map(({ doc }) => ({ ...doc, by: nameOf(doc.reviewed_by) }))}
      team={team()}
      full={full}
      onShare={() => void press(send)}
      onDelete={() => void press(remove)}
      onKeep={() => void press(keepAgain)}
    />
  )
}
