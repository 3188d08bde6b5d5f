import { Choice, Choices, Scale } from '../../parts/answers.tsx'
import { Button } from '../../parts/button.tsx'
import { Field as Box } from '../../parts/field.tsx'
import { Lines } from '../../parts/lines.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Breathing, Countdown, useSeconds } from '../../parts/timer.tsx'
import type { Answer, Answers } from '../../model/attempts.ts'
import { paceOf, roundOf } from '../../model/breathing.ts'
import { mostOf } from '../../model/draft.ts'
import type { Field } from '../../model/exercises.ts'
import { started, stopped, type Stopwatch, UNUSED } from '../../model/stopwatch.ts'
import { t } from '../../text/text.ts'

export interface FieldProps {
  field: Field
  answers: Answers
  watch: Stopwatch | undefined
  /** It is the only one of its step: the step's title names it. */
  alone: boolean
  /** A timer of the step `breathe`. */
  breathes: boolean
  onAnswer: (answer: Answer) => void
  onWatch: (watch: Stopwatch) => void
}

/** One thing to fill in, of any type that this app knows. */
export function FieldOf(props: FieldProps) {
  const { field, answers, alone, onAnswer } = props
  const { id, label, hint } = field
  const answer = answers[id]
  switch (field.type) {
    case 'text':
      return (
        <Box
          name={id}
          label={label}
          hint={hint}
          lines={alone ? 'long' : 'short'}
          maxLength={4000}
          value={typeof answer === 'string' ? answer : ''}
          onInput={onAnswer}
        />
      )
    case 'list':
      return <Lines legend={label} hint={hint} lines={linesOf(answer)} most={field.max} onChange={onAnswer} />
    case 'scale':
      return (
        <Scale
          name={id}
          legend={label}
          value={typeof answer === 'number' ? answer : null}
          ends={[`0 ${lower(field.low)}`, `10 ${lower(field.high)}`]}
          onChange={onAnswer}
        />
      )
    case 'percent':
      return (
        <Scale
          name={id}
          step={10}
          legend={label}
          value={typeof answer === 'number' ? answer : null}
          ends={[`0 ${t('exercise.percent_low')}`, `100 ${t('exercise.percent_high')}`]}
          onChange={onAnswer}
        />
      )
    case 'choice':
      return field.many ? <Several {...props} /> : <One {...props} />
    case 'timer':
      return <Timer {...props} />
    default:
      return (
        <Notice title={t('exercise.newer')}>
          <p>{t('exercise.newer_rest')}</p>
        </Notice>
      )
  }
}

function One({ field, answers, onAnswer }: FieldProps) {
  const answer = answers[field.id]
  return (
    <Choices
      name={field.id}
      legend={field.label}
      options={(field.options ?? []).map((option) => ({ value: option.id, title: option.label }))}
      value={typeof answer === 'string' ? answer : null}
      onChange={onAnswer}
    />
  )
}

function Several({ field, answers, onAnswer }: FieldProps) {
  const chosen = linesOf(answers[field.id])
  return (
    <fieldset class="choices">
      <legend class="label">{field.label}</legend>
      {(field.options ?? []).map(({ id, label }) => (
        <Choice
          key={id}
          name={field.id}
          title={label}
          checked={chosen.includes(id)}
          onChange={(on) => onAnswer(on ? [...chosen, id] : chosen.filter((each) => each !== id))}
        />
      ))}
    </fieldset>
  )
}

function Timer({ field, answers, watch = UNUSED, breathes, onWatch }: FieldProps) {
  const most = mostOf(field)
  const seconds = useSeconds(watch, most)
  const runs = watch.since !== null && seconds < most
  const pace = paceOf(answers)
  const press = () => onWatch(runs ? stopped(watch, Date.now(), most) : started(watch, Date.now()))
  const over = seconds >= most
  return (
    <div class="stack">
      {breathes ? (
        <Breathing pace={pace} seconds={seconds} runs={runs} over={over} box={pace.hold > 0}>
          <p class="soft">
            {t(pace.hold > 0 ? 'breath.box' : 'breath.two', { ...pace })}{' '}
            {seconds > 0 && !over && t('breath.round', { n: Math.ceil((seconds + 1) / roundOf(pace)) })}
          </p>
        </Breathing>
      ) : (
        <Countdown spent={seconds} of={most}>
          <p class="soft">{field.label}</p>
        </Countdown>
      )}
      {over ? (
        <p class="soft" role="status">
          {t('timer.over')}
        </p>
      ) : (
        <Button wide icon={runs ? 'pause' : 'clock'} onPress={press}>
          {t(runs ? 'timer.pause' : seconds > 0 ? 'timer.go_on' : 'timer.start')}
        </Button>
      )}
    </div>
  )
}

function linesOf(answer: Answer | undefined): readonly string[] {
  return typeof answer === 'object' ? answer : []
}

/** "None" → "none", behind a number. */
function lower(words = ''): string {
  return words.charAt(0).toLowerCase() + words.slice(1)
}
