import type { ComponentChildren } from 'preact'
import { Choices, Scale } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { pages, turned, withAnswer, withWatch, type Draft } from '../../model/draft.ts'
import type { Exercise, Step } from '../../model/exercises.ts'
import { useStep } from '../../shell/step.ts'
import { t } from '../../text/text.ts'
import { FieldOf } from './field.tsx'

export type Sharing = 'keep' | 'share'

export interface PlayerProps {
  exercise: Exercise
  draft: Draft
  /** What the counsellor wrote when asking for it, and their name. */
  note?: { from: string; words: string } | null
  /** With whom it can be shared: a name, or '' for the team; null if with nobody. */
  team: string | null
  sharing: Sharing
  /** Nothing more can be stored on this phone. */
  full?: boolean
  onDraft: (draft: Draft) => void
  onSharing: (sharing: Sharing) => void
  onDone: () => void
  onClose: () => void
}

/** P12. Any exercise of the library, one step a page. Every answer may be left out. */
export function Player(props: PlayerProps) {
  const { exercise, draft, onDraft, onClose, onDone } = props
  const { page } = draft
  const last = pages(exercise)
  useStep(page)
  const to = (next: number) => () => onDraft(turned(exercise, draft, next, Date.now()))
  const step = exercise.steps[page - 1]
  return (
    <PlayerFrame
      out={{ label: t('exercise.close'), icon: 'close', onPress: onClose }}
      step={Math.min(page + 1, last)}
      of={last}
      layout={step && !isShort(step) ? 'stack' : 'ask'}
      back={
        page === 0
          ? { label: t('exercise.skip'), onPress: () => onDraft({ ...draft, before: null, page: 1 }) }
          : { label: t('shell.back'), onPress: to(page - 1) }
      }
      next={
        page === last
          ? { label: t('exercise.done'), onPress: onDone }
          : { label: t('exercise.next'), onPress: to(page + 1) }
      }
    >
      {page === 0 ? (
        <Before {...props} />
      ) : step ? (
        <StepOf key={step.id} step={step} {...props} />
      ) : page < last ? (
        <After {...props} />
      ) : (
        <End {...props} />
      )}
      {props.full && <NotKept />}
    </PlayerFrame>
  )
}

function Before({ exercise, draft, note, onDraft }: PlayerProps) {
  return (
    <>
      <div class="stack">
        <Title>{exercise.title}</Title>
        <p>{exercise.summary}</p>
        {note && (
          <p class="quote">
            {t('exercise.note', { name: note.from })} <q>{note.words}</q>
          </p>
        )}
        {exercise.caution && (
          <Notice title={t('exercise.caution')}>
            <p>{exercise.caution}</p>
          </Notice>
        )}
      </div>
      <Rating
        exercise={exercise}
        name="before"
        value={draft.before}
        onChange={(before) => onDraft({ ...draft, before })}
      />
    </>
  )
}

function StepOf({ exercise, step, draft, onDraft }: PlayerProps & { step: Step }) {
  const fields = step.fields ?? []
  const writes = fields.some(({ type }) => type === 'text' || type === 'list')
  return (
    <>
      <div class="stack tight">
        <p class="soft small">
          {exercise.title}. {t('shell.step', { step: draft.page + 1, of: pages(exercise) })}
        </p>
        <Title>{step.title}</Title>
        {step.text && <p>{step.text}</p>}
      </div>
      {fields.map((field) => (
        <FieldOf
          key={field.id}
          field={field}
          answers={draft.answers}
          watch={draft.watches[field.id]}
          alone={fields.length === 1}
          breathes={step.id === 'breathe'}
          onAnswer={(answer) => onDraft(withAnswer(draft, field, answer))}
          onWatch={(watch) => onDraft(withWatch(draft, field, watch))}
        />
      ))}
      {writes && <Privacy>{t('exercise.private')}</Privacy>}
    </>
  )
}

function After({ exercise, draft, onDraft }: PlayerProps) {
  return (
    <>
      <div class="stack tight">
        <p class="soft small">{exercise.title}</p>
        <Title>{t('exercise.and_now')}</Title>
      </div>
      <Rating exercise={exercise} name="after" value={draft.after} onChange={(after) => onDraft({ ...draft, after })} />
    </>
  )
}

interface RatingProps {
  exercise: Exercise
  name: string
  value: number | null
  onChange: (value: number) => void
}

function Rating({ exercise, ...rest }: RatingProps) {
  const { about, question } = exercise.rating
  const confident = about === 'confidence'
  const ends = [t(confident ? 'rating.unsure' : 'rating.none'), t(confident ? 'rating.sure' : 'rating.strongest')] as const
  return <Scale legend={question} ends={ends} {...rest} />
}

function End({ draft, team, sharing, full, onSharing }: PlayerProps) {
  return (
    <>
      <div class="stack">
        <Title>{went(draft.before, draft.after) ?? t('exercise.thanks')}</Title>
        {!full && (
          <p class="soft small" role="status">
            {t('fate.saved')}.
          </p>
        )}
      </div>
      <Choices
        name="sharing"
        legend={t('exercise.what_with_it')}
        value={sharing}
        onChange={onSharing}
        options={[
          { value: 'keep', title: t('exercise.keep'), hint: t('exercise.keep_hint') },
          ...(team === null ? [] : [{ value: 'share' as const, ...shareWords(team) }]),
        ]}
      />
    </>
  )
}

export function shareWords(team: string): { title: ComponentChildren; hint: ComponentChildren } {
  return team
    ? { title: t('exercise.share', { name: team }), hint: t('exercise.share_hint') }
    : { title: t('exercise.share_team'), hint: t('exercise.share_hint') }
}

/** "It went from 8 to 6", if both numbers were given. */
export function went(before: number | null, after: number | null): string | null {
  if (before === null || after === null) return null
  return before === after ? t('exercise.stayed', { n: after }) : t('exercise.went', { before, after })
}

/** Question above, answers in the lower half. */
function isShort(step: Step): boolean {
  const [first, ...rest] = step.fields ?? []
  return rest.length === 0 && first !== undefined && first.type !== 'text' && first.type !== 'list'
}
