/** The person's own things: their care, their privacy, this app. */

import { chapterAt, storyOf, weeksInCare } from '../../model/story.ts'
import { sharedNow } from '../../model/sharing.ts'
import { devicesOf, sorted } from '../../model/phones.ts'
import { type Week, weekAt } from '../../model/week.ts'
import { wishesOf } from '../../model/reminders.ts'
import { level } from '../../opening.ts'
import { Card } from '../../parts/card.tsx'
import { Icon } from '../../parts/icons.tsx'
import { useNow } from '../../parts/now.ts'
import { Row, Rows } from '../../parts/rows.tsx'
import { entries, notSent, phone, status, waiting } from '../../phone.ts'
import { TabPage } from '../../shell/frame.tsx'
import { Rest } from '../../shell/rest.tsx'
import { href } from '../../shell/router.ts'
import { date } from '../../text/dates.ts'
import { counted, language, LANGUAGES, t } from '../../text/text.ts'
import type { Level } from '../../vault/vault.ts'
import * as here from '../today/here.ts'
import { leadsWords } from './reminders.tsx'
import { Part } from './under.tsx'

export interface MeProps {
  chapter: { level: string; from: string; weeks: number } | null
  week: Pick<Week, 'done' | 'target'> | null
  /** How many people to call the person has chosen. */
  calls: number
  /** Questions to the team that have no answer yet. */
  asked: number
  /** How much is shared now. */
  shared: number
  lock: Level
  /** Other phones that are signed in. */
  others: number
  unsent: { waiting: number; notSent: number }
  /** Minutes before a session; null before the settings have come. */
  leads: readonly number[] | null
}

export function Me(props: MeProps) {
  const { chapter, week, calls, asked } = props
  return (
    <TabPage tab="me" title={t('tabs.me')}>
      {chapter && (
        <Card kind="featured" labelledby="chapter">
          <h2 class="small soft" id="chapter">
            {t('me.chapter')}
          </h2>
          <p class="large">
            <b>{t('me.chapter_since', { level: chapter.level, day: date(chapter.from) })}</b>
          </p>
          {chapter.weeks > 0 && <p class="soft">{counted('me.weeks', chapter.weeks)}</p>}
        </Card>
      )}
      <Rows>
        <Row icon="clock" title={t('me.week')} hint={week ? t('me.week_done', { done: week.done, target: week.target }) : t('me.week_hint')} href={href('hours')} />
        <Row icon="stairs" title={t('me.story')} hint={t('me.story_hint')} href={href('story')} />
        <Row icon="check" title={t('me.check_ins')} hint={t('me.check_ins_hint')} href={href('check_ins')} />
        <Row icon="tools" title={t('me.tried')} hint={t('me.tried_hint')} href={href('attempts')} />
        <Row icon="call" title={t('me.calls')} hint={calls > 0 ? counted('me.calls', calls) : t('me.calls_hint')} href={href('calls')} />
        <Row icon="letter" title={t('me.record')} hint={asked > 0 ? counted('me.asked', asked) : t('me.record_hint')} href={href('record')} />
      </Rows>
      <Rest>
        <Privacy {...props} />
        <App {...props} />
      </Rest>
    </TabPage>
  )
}

function Privacy({ shared, lock, others }: MeProps) {
  return (
    <Part title={t('me.privacy')}>
      <Rows>
        <Row icon="look" title={t('me.looked')} hint={t('me.looked_hint')} href={href('looked')} />
        <Row icon="share" title={t('me.sharing')} hint={shared > 0 ? counted('me.shared', shared) : t('me.shared_nothing')} href={href('sharing')} />
        <Row icon="book" title={t('me.notices')} hint={t('me.notices_hint')} href={href('notices')} />
        <Row icon="lock" title={t('me.hiding')} hint={t(`me.lock_${lock}`)} href={href('hiding')} />
        <Row icon="device" title={t('me.devices')} hint={others > 0 ? counted('me.others', others) : t('me.only_this')} href={href('devices')} />
      </Rows>
    </Part>
  )
}

function App({ unsent, leads }: MeProps) {
  return (
    <Part title={t('me.app')}>
      <Rows>
        <Row icon="send" title={t('me.waiting')} hint={<Unsent {...unsent} />} href={href('waiting')} />
        <Row icon="bell" title={t('me.reminders')} hint={leads === null ? undefined : leads.length ? leadsWords(leads) : t('me.reminders_off')} href={href('reminders')} />
        <Row icon="language" title={t('me.display')} hint={LANGUAGES[language.value]} href={href('display')} />
        <Row icon="download" title={t('me.data')} hint={t('me.data_hint')} href={href('data')} />
        <Row icon="info" title={t('me.about')} hint={t('me.about_hint')} href={href('about')} />
      </Rows>
    </Part>
  )
}

function Unsent({ waiting, notSent }: MeProps['unsent']) {
  if (notSent > 0) {
    return (
      <span class="fate-line">
        <Icon name="warning" />
        {[counted('tabs.unsent', notSent), waiting > 0 && counted('me.waits', waiting)].filter(Boolean).join(', ')}
      </span>
    )
  }
  return <>{waiting > 0 ? counted('me.waits', waiting) : t('me.all_sent')}</>
}

export function MePage() {
  const now = useNow(here.now)
  const today = here.today(now)
  const story = storyOf(here.complete(entries('episode')), here.complete(entries('episode_chapter')))
  const chapter = chapterAt(today, story)
  const week = weekAt(today, here.complete(entries('week_of_hours')), [], now)
  const devices = sorted(devicesOf(entries('device_session')), phone().session.deviceSession, now)
  return (
    <Me
      chapter={chapter && { level: levelName(chapter.level), from: chapter.from, weeks: weeksInCare(today, story) }}
      week={week}
      calls={here.peopleToCall().length}
      asked={entries('correction_request').filter(({ doc }) => doc.state === 'open').length}
      shared={sharedNow(entries('consent'), status.value?.user ?? null, today).length}
      lock={level.value ?? 'phone'}
      others={devices.others.length}
      unsent={{ waiting: waiting().length, notSent: notSent().length }}
      leads={wishesOf(entries('reminder_preferences')[0], here.programme()?.doc)?.leads ?? null}
    />
  )
}

/** A level of care by its name in the person's language. */
export function levelName(code: string): string {
  const found = here.programme()?.doc.levels.find((each) => each.code === code)
  return found?.name[language.value] ?? found?.name.en ?? code
}

