import { useId } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { Picks } from '../../parts/answers.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty, Coming } from '../../parts/waiting.tsx'
import type { Attempt } from '../../model/attempts.ts'
import { firstSentence, fits, needsOf, URGE, type Exercise, type Filter, type Need } from '../../model/exercises.ts'
import { noonOf } from '../../model/days.ts'
import type { Helped } from '../../model/what_helps.ts'
import { TabPage } from '../../shell/frame.tsx'
import { Rest } from '../../shell/rest.tsx'
import { href } from '../../shell/router.ts'
import { counted, dayWithin, t } from '../../text/text.ts'

export interface Asked {
  id: string
  exercise: Exercise
  /** Who asks, '' if the phone does not know. */
  from: string
  note: string
  /** YYYY-MM-DD, and how many days until then. */
  due: { on: string; days: number } | null
  /** Begun: on which page of how many. */
  at: { page: number; of: number } | null
}

export interface Read {
  attempt: string
  title: string
  by: string
  comment: string
}

export interface ToolsProps {
  exercises: readonly Exercise[]
  helped: readonly Helped[]
  asked: readonly Asked[]
  /** What the counsellor has answered lately. */
  read: readonly Read[]
  attempts: readonly Attempt[]
  reasons: number
  filter: Filter
  /** The library is still coming. */
  getting: boolean
  offline: boolean
  onFilter: (filter: Filter) => void
}

const FOR_NOW = 3
const MINUTES = [3, 5, 10] as const

/** P11. What helps me first, then what my team asks, then everything. */
export function Tools(props: ToolsProps) {
  const { asked, read } = props
  const names = [...new Set([...asked.map(({ from }) => from), ...read.map(({ by }) => by)])]
  return (
    <TabPage tab="tools" title={t('tabs.tools')} above={t('tools.offline')}>
      <ForNow {...props} />
      {names.map((name) => (
        <Section key={name} title={name ? t('tools.from', { name }) : t('tools.from_team')}>
          <Rows>
            {asked.filter(({ from }) => from === name).map(AskedRow)}
            {read.filter(({ by }) => by === name).map(ReadRow)}
          </Rows>
        </Section>
      ))}
      <Section title={t('tools.mine')}>
        <Rows>
          <Row
            icon="flag"
            href={href('reasons')}
            title={t('reasons.title')}
            hint={props.reasons ? counted('reasons.count', props.reasons) : t('reasons.none')}
          />
          <Row
            icon="list"
            href={href('attempts')}
            title={t('attempts.title')}
            hint={props.attempts.length ? counted('attempts.count', props.attempts.length) : t('attempts.none')}
          />
        </Rows>
      </Section>
      <Rest>
        <All {...props} />
      </Rest>
    </TabPage>
  )
}

function All(props: ToolsProps) {
  const { exercises, filter, getting, offline } = props
  const found = exercises.filter((exercise) => fits(exercise, filter))
  if (exercises.length > 0) {
    return (
      <Section title={t('tools.all')} beside={counted('tools.count', found.length)}>
        <Filters {...props} />
        {found.length ? (
          <Rows>
            {found.map((exercise) => (
              <Row
                key={exercise.exercise}
                icon={iconOf(exercise)}
                href={pathOf(exercise)}
                title={exercise.title}
                hint={`${firstSentence(exercise.summary)} ${length(exercise)}`}
              />
            ))}
          </Rows>
        ) : (
          <p class="soft">{t('tools.none_fits')}</p>
        )}
      </Section>
    )
  }
  if (getting) return <Coming offline={offline}>{t('tools.getting')}</Coming>
  return (
    <Empty title={t('tools.empty')}>
      <p>{t('tools.empty_why')}</p>
    </Empty>
  )
}

function ForNow({ exercises, helped }: ToolsProps) {
  const best = helped.slice(0, FOR_NOW).flatMap((result) => {
    const exercise = exercises.find((each) => each.exercise === result.exercise)
    return exercise ? [{ exercise, result }] : []
  })
  return (
    <Section title={t('tools.for_now')}>
      <Rows>
        {best.map(({ exercise, result }) => (
          <Row
            key={exercise.exercise}
            icon={iconOf(exercise)}
            href={pathOf(exercise)}
            title={exercise.title}
            hint={`${length(exercise)} ${counted('tools.worked', result.rated, { eased: result.eased })}`}
          />
        ))}
        {!best.some(({ exercise }) => exercise.slug === URGE) && (
          <Row
            icon="urge"
            href={href('urge')}
            title={exercises.find(({ slug }) => slug === URGE)?.title ?? t('urge.name')}
            hint={t('urge.hint')}
          />
        )}
      </Rows>
      {best.length === 0 && <p class="soft">{t('tools.try_a_few')}</p>}
    </Section>
  )
}

function AskedRow({ id, exercise, note, due, at }: Asked) {
  const hints = [
    due && dueWords(due),
    at && t('tools.at', { page: at.page, of: at.of }),
    !due && !at && (note ? `“${note}”` : length(exercise)),
  ]
  return (
    <Row
      key={id}
      icon={iconOf(exercise)}
      href={pathOf(exercise)}
      title={exercise.title}
      hint={hints.filter(Boolean).join(' ')}
    />
  )
}

function ReadRow({ attempt, title, by, comment }: Read) {
  const name = by || t('tools.your_team')
  return (
    <Row
      key={attempt}
      icon="message"
      href={href('attempt', { attempt })}
      title={title}
      hint={comment ? `${t('tools.read', { name })} “${comment}”` : t('tools.read_only', { name })}
    />
  )
}

/** "Planned for tomorrow, Friday, November 20." A date that has passed is no reproach. */
function dueWords({ on, days }: NonNullable<Asked['due']>): string {
  const day = dayWithin(noonOf(on), 'UTC')
  if (days < 0) return t('tools.was_planned', { day })
  return t(days === 0 ? 'tools.due_today' : days === 1 ? 'tools.due_tomorrow' : 'tools.due', { day })
}

function Filters({ exercises, filter, onFilter }: ToolsProps) {
  const { need, minutes } = filter
  return (
    <div class="line">
      <Fold title={need ? t('tools.feel_is', { need: t(`need.${need}`) }) : t('tools.feel')}>
        <Picks<Need | 'any'>
          name="need"
          legend={t('tools.feel')}
          legendUnseen
          value={need ?? 'any'}
          options={(['any', ...needsOf(exercises)] as const).map((each) => ({ value: each, title: t(`need.${each}`) }))}
          onChange={(each) => onFilter({ ...filter, need: each === 'any' ? null : each })}
        />
      </Fold>
      <Fold title={minutes ? counted('tools.minutes_is', minutes) : t('tools.minutes')}>
        <Picks<number>
          name="minutes"
          legend={t('tools.minutes')}
          legendUnseen
          value={minutes ?? 0}
          options={[0, ...MINUTES].map((each) => ({
            value: each,
            title: each ? counted('tools.minutes_is', each) : t('tools.minutes_any'),
          }))}
          onChange={(each) => onFilter({ ...filter, minutes: each || null })}
        />
      </Fold>
    </div>
  )
}

function Fold({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details class="fold">
      <summary class="button">
        <Icon name="go" /> {title}
      </summary>
      {children}
    </details>
  )
}

interface SectionProps {
  title: string
  beside?: string
  children: ComponentChildren
}

function Section({ title, beside, children }: SectionProps) {
  const id = useId()
  return (
    <section class="stack tight" aria-labelledby={id}>
      <div class="apart">
        <h2 id={id}>{title}</h2>
        {beside && (
          <span class="soft small" role="status">
            {beside}
          </span>
        )}
      </div>
      {children}
    </section>
  )
}

/** The urge tool is the player of its exercise. */
export function pathOf({ slug, exercise }: Exercise): string {
  return slug === URGE ? href('urge') : href('exercise', { exercise })
}

function length({ minutes }: Exercise): string {
  return counted('tools.length', minutes)
}

const ICONS: Record<Exercise['method'], IconName> = {
  cbt: 'lines',
  rebt: 'lines',
  mi: 'stairs',
  matrix: 'list',
  dbt_informed: 'pause',
  mindfulness: 'pulse',
}

function iconOf({ slug, method }: Exercise): IconName {
  return slug === URGE ? 'urge' : ICONS[method]
}
