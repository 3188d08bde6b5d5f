/** The privacy notice, to be read again, and what the person answered. */

import type { EntryOf } from 'handrail'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { entries, phone } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { date } from '../../text/dates.ts'
import { language, t } from '../../text/text.ts'
import { type NoticeWords, noticeWords } from '../start/first.ts'
import { Sections } from '../start/notice.tsx'
import { Under } from './under.tsx'

export interface Read {
  id: string
  title: string
  from: string
  /** What the person answered, in words; null: nothing yet. */
  answer: string | null
}

export function Notices({ notices }: { notices: readonly Read[] }) {
  return (
    <Under title={t('notices.title')} lead={t('notices.lead')}>
      {notices.length > 0 ? (
        <Rows>
          {notices.map(({ id, title, from, answer }) => (
            <Row key={id} icon="book" title={title} hint={answer ?? t('notices.from', { day: date(from) })} href={href('notice', { id })} />
          ))}
        </Rows>
      ) : (
        <Empty title={t('notices.none')}>
          <p>{t('notices.none_what')}</p>
        </Empty>
      )}
    </Under>
  )
}

export function NoticeOf({ words, answer }: { words: NoticeWords; answer: string | null }) {
  return (
    <Under title={words.title} out={{ label: t('notices.title'), href: href('notices') }}>
      {answer && <Notice icon="check" title={answer} />}
      <div class="stack" lang={words.lang}>
        <p>{words.heading}</p>
        <Sections sections={words.sections} />
      </div>
    </Under>
  )
}

export function NoticesPage() {
  const all = [...entries('notice')].sort((one, other) => other.doc.effective_on.localeCompare(one.doc.effective_on))
  // One of each version: in the language that is spoken here, or in which there is one.
  const shown = all.filter((notice) => {
    const same = all.filter(({ doc }) => doc.version === notice.doc.version)
    return notice === (same.find(({ doc }) => doc.locale === language.value) ?? same[0])
  })
  return <Notices notices={shown.map((notice) => ({ id: notice.id, title: wordsOf(notice).title, from: notice.doc.effective_on, answer: answerTo(notice) }))} />
}

export function NoticePageOf({ id }: { id: string }) {
  const notice = entries('notice').find((each) => each.id === id)
  return notice ? <NoticeOf words={wordsOf(notice)} answer={answerTo(notice)} /> : <NoticesPage />
}

function wordsOf(notice: EntryOf<'notice'>): NoticeWords {
  const names = entries('notice_request').at(-1)?.doc.names ?? {}
  return noticeWords({ notice, names, declined: false, waits: null })
}

function answerTo({ id, doc }: EntryOf<'notice'>): string | null {
  const own = entries('notice_acknowledgement').filter((each) => each.doc.notice === id || each.doc.version === doc.version)
  const last = own.find((each) => each.doc.answer === 'acknowledged') ?? own.at(-1)
  if (!last) return null
  const fate = last.pending && phone().fate(last.pending)
  const { answer, answered_at, signed_name } = last.doc
  const words = t(answer === 'acknowledged' ? 'notices.acknowledged' : 'notices.declined', { day: date(Date.parse(answered_at)), name: signed_name })
  return fate ? `${words} ${fateWords(fate)}.` : words
}
