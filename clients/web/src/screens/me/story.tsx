import { type Course, storyOf } from '../../model/story.ts'
import { hours } from '../../model/week.ts'
import type { Day } from '../../model/days.ts'
import { staffName } from '../../model/staff.ts'
import { whatHelps } from '../../model/what_helps.ts'
import { Timeline } from '../../parts/figures.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { useNow } from '../../parts/now.ts'
import { entries } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { date } from '../../text/dates.ts'
import { counted, t } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { attempts, exercise, exercises } from '../tools/here.ts'
import { levelName } from './me.tsx'
import { Part, Under } from './under.tsx'

export interface StoryProps {
  story: readonly Course[]
  today: Day
  nameOf: (user: string) => string | null
  levelOf: (code: string) => string
  helped: readonly { title: string; eased: number; rated: number; href: string }[]
}

/** Chapters, never a count that starts again. */
export function Story({ story, today, nameOf, levelOf, helped }: StoryProps) {
  return (
    <Under title={t('story.title')} lead={t('story.lead')}>
      {story.length === 0 && (
        <Empty title={t('story.none')}>
          <p>{t('story.none_what')}</p>
        </Empty>
      )}
      {story.map((course, place) => (
        <Part key={course.id} title={place === 0 && !course.ended ? t('story.now') : t('story.from_to', { from: date(course.began), to: course.ended ? date(course.ended) : t('story.today') })}>
          <Timeline items={happenings(course, today, nameOf, levelOf)} />
        </Part>
      ))}
      {helped.length > 0 && (
        <Part title={t('story.helped')}>
          <Rows>
            {helped.map(({ title, eased, rated, href }) => (
              <Row key={title} icon="tools" title={title} hint={t('story.times', { eased, rated })} href={href} />
            ))}
          </Rows>
        </Part>
      )}
      <Part title={t('story.written')}>
        <Rows>
          <Row icon="check" title={t('me.check_ins')} hint={t('me.check_ins_hint')} href={href('check_ins')} />
          <Row icon="tools" title={t('me.tried')} hint={t('me.tried_hint')} href={href('attempts')} />
        </Rows>
      </Part>
    </Under>
  )
}

/** The first chapter has a code in the place of a reason. */
const ADMISSION = 'admission'

function happenings(course: Course, today: Day, nameOf: StoryProps['nameOf'], levelOf: StoryProps['levelOf']) {
  const { ended, chapters, began } = course
  const current = ended === null ? chapters.find(({ from }) => from <= today)?.id : undefined
  return [
    ...(ended ? [{ at: date(ended), words: t('story.ended') }] : []),
    ...chapters.map(({ id, level, from, minutes, reason, by }) => {
      const name = nameOf(by)
      return {
        at: t('story.since', { day: date(from) }),
        state: id === current ? ('now' as const) : ('done' as const),
        words: (
          <>
            <b>{levelOf(level)}</b>
            {minutes > 0 && `. ${counted('story.hours', hours(minutes))}`}
            {((reason && reason !== ADMISSION) || name) && <br />}
            {[reason !== ADMISSION && reason, name && t('story.by', { name })].filter(Boolean).join(' ')}
          </>
        ),
      }
    }),
    ...(chapters.at(-1)?.from === began ? [] : [{ at: date(began), words: t('story.began'), state: 'done' as const }]),
  ]
}

const MOST = 5

export function StoryPage() {
  const now = useNow(here.now)
  const helped = whatHelps(entries('what_helps')[0]?.doc, attempts(), exercises()).slice(0, MOST)
  return (
    <Story
      story={storyOf(here.complete(entries('episode')), here.complete(entries('episode_chapter')))}
      today={here.today(now)}
      nameOf={(user) => staffName(entries('staff_member'), user)}
      levelOf={levelName}
      helped={helped.map((each) => ({ ...each, title: exercise(each.exercise)?.title ?? '', href: href('exercise', { exercise: each.exercise }) }))}
    />
  )
}
