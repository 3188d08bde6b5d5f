import { useEffect } from 'preact/hooks'
import { isAfterLapse, slotAt } from '../../model/due.ts'
import { hourOf, noonOf } from '../../model/days.ts'
import { cardId } from '../../model/ids.ts'
import { missedYesterday, nextOf, SOON } from '../../model/sessions.ts'
import { staffName } from '../../model/staff.ts'
import { exerciseOf, isAway, needsYou, newestNews, newLevel, nextTool, unreadMessage } from '../../model/today.ts'
import { weekAt } from '../../model/week.ts'
import { useNow } from '../../parts/now.ts'
import { tryTo } from '../../kept.ts'
import { entries, isOffline, kept, lacks, notSent, phone, status, waiting } from '../../phone.ts'
import { hiddenMode } from '../../shell/hide.tsx'
import { href } from '../../shell/router.ts'
import { clock, language, spoken, t } from '../../text/text.ts'
import * as here from './here.ts'
import { Today, type TodayProps } from './today.tsx'
import { near } from './when.ts'

const OPENED = 'today opened'
const HOUR = 3_600_000

type Maybe<Name extends keyof TodayProps> = Exclude<TodayProps[Name], undefined>

export function TodayPage() {
  const now = useNow(here.now)
  const asOf = here.asOf()
  const sessions = here.sessions()
  const { next, off } = nextOf(sessions, now)
  const lapse = isAfterLapse(entries('check_in'), Object.values(here.own()), now)
  const away = isAway(kept(OPENED), entries('check_in').map(({ doc }) => doc.local_date), now)
  useEffect(() => {
    const opened = phone().kept<number>(OPENED) ?? 0
    // Every look need not be written.
    if (!away && now - opened > HOUR) tryTo(phone().keep(OPENED, now))
  }, [away, now])

  const card = next && { session: next, now, asOf, ...here.arrival(next, now), onHere: () => here.reportArrival(next) }
  return (
    <Today
      name={called()}
      now={now}
      line={line()}
      needsYou={needsYou(notSent())}
      lapse={lapse ? lapseProps(now, next && { when: near(next.starts, now, next.zone), title: next.title }) : null}
      level={levelProps(now)}
      missed={missedProps(now)}
      off={off && { session: off, now, asOf }}
      next={card}
      nextIsNear={next !== null && next.starts - now < SOON}
      checkIn={checkInProps(now)}
      tool={toolProps(asOf !== null)}
      helped={helpedProps()}
      wrote={wroteProps(now)}
      news={newsProps(now)}
      week={weekAt(here.today(now), here.complete(entries('week_of_hours')), sessions, now)}
      away={away ? awayProps(now) : null}
      getting={getting()}
    />
  )
}

function called(): string {
  const doc = entries('person')[0]?.doc
  return doc ? doc.called || doc.given_name || doc.name_text : ''
}

function line(): TodayProps['line'] {
  const { network = 'unknown', needsUpdate = false } = status.value ?? {}
  return { network, tooOld: needsUpdate, waiting: waiting().length, notSent: notSent().length }
}

function lapseProps(now: number, next: { when: string; title: string } | null): Maybe<'lapse'> {
  const look = entries('exercise').find(({ doc }) => doc.slug === 'trigger-chain' && !doc.withdrawn)
  return {
    person: here.peopleToCall()[0] ?? null,
    team: here.team(now),
    next,
    look: look ? href('exercise', { exercise: look.doc.exercise }) : null,
  }
}

function levelProps(now: number): Maybe<'level'> {
  const change = newLevel(here.complete(entries('level_change')), here.seen(), now)
  if (!change) return null
  const { doc, id } = change
  const chapter = entries('episode_chapter').find((entry) => entry.id === doc.chapter)?.doc
  const levels = here.programme()?.doc.levels ?? []
  const named = (code: string) => spoken(levels.find((level) => level.code === code)?.name ?? { en: code })
  return {
    level: named(doc.level),
    before: named(doc.level_before),
    hours: doc.minutes_target / 60,
    hoursBefore: doc.minutes_before / 60,
    lines: doc.lines.map(({ text }) => spoken(text)),
    why: chapter?.reason ?? '',
    who: chapter ? staffName(entries('staff_member'), chapter.decided_by) : null,
    onSeen: () => here.putAway(id),
  }
}

function missedProps(now: number): Maybe<'missed'> {
  const zone = here.programme()?.doc.time_zone
  const missed = missedYesterday(here.complete(entries('attendance')), now, zone)
  if (!missed || here.seen().includes(missed.id)) return null
  const { title, starts_at } = missed.doc
  return { title, time: clock(Date.parse(starts_at), zone), team: here.team(now), onSeen: () => here.putAway(missed.id) }
}

function checkInProps(now: number): Maybe<'checkIn'> {
  const record = here.record()
  const asked = here.programme()?.doc.check_in
  // The answers of another phone may still be on their way.
  if (!record || !asked || (lacks(record.scope) && !isOffline())) return null
  const day = here.today(now)
  const slot = slotAt(asked, hourOf(now))
  const [sent, mine] = [here.checkIn(day, slot), here.own()[here.keyOf(day, slot)]]
  const page = href('check_in_day', { date: day, slot })
  if (sent?.pending) return { slot, state: 'waiting', at: '', href: page }
  if (sent) return { slot, state: 'sent', at: clock(Date.parse(sent.doc.received_at)), href: page }
  if (mine) return { slot, state: 'mine', at: '', href: page }
  const state = here.draft(day, slot) ? 'begun' : 'due'
  return { slot, state, at: '', href: href('check_in', { date: day, slot, step: 'start' }) }
}

function toolProps(offline: boolean): Maybe<'tool'> {
  const assignment = nextTool(here.complete(entries('assignment')), entries('attempt'))
  const exercise = assignment && exerciseOf(assignment.doc.exercise, exercises())
  if (!exercise) return null
  return {
    title: exercise.title,
    from: staffName(entries('staff_member'), assignment.doc.assigned_by),
    due: assignment.doc.due_on ? noonOf(assignment.doc.due_on) : null,
    minutes: exercise.minutes,
    offline,
    href: href('exercise', { exercise: exercise.exercise }),
  }
}

/** In the language of the app, if the library has come in it. */
function exercises() {
  const wanted = entries('exercise', `library:${language.value}`)
  return wanted.length ? wanted : entries('exercise')
}

function helpedProps(): Maybe<'helped'> {
  const best = entries('what_helps')[0]?.doc.items[0]
  const exercise = best && exerciseOf(best.exercise, exercises())
  return exercise ? { title: exercise.title, href: href('exercise', { exercise: exercise.exercise }) } : null
}

function wroteProps(now: number): Maybe<'wrote'> {
  const scopes = here.complete([...entries('group'), ...entries('pair')])
  // By scope, as People reads them: there may be thousands, and those lists are there already.
  const message = unreadMessage(scopes.map(({ scope }) => entries('message', scope)), entries('read_marker'), status.value?.user ?? '')
  if (!message) return null
  const { scope, doc } = message
  const card = entries('member_card', scope).find(({ id }) => id === doc.author || id === cardId(doc.author, scope))
  const group = entries('group', scope)[0]?.doc.name ?? ''
  const isHidden = hiddenMode.value
  return {
    who: isHidden ? null : (card?.doc.alias ?? null),
    where: isHidden ? '' : group,
    at: near(Date.parse(doc.received_at), now),
    href: href('thread', { scope }),
  }
}

function newsProps(now: number): Maybe<'news'> {
  const item = newestNews(entries('inbox_item'), here.seen())
  if (!item || hiddenMode.value) return null
  const { programme_name, text, received_at } = item.doc
  return {
    programme: programme_name,
    text: spoken(text),
    at: near(Date.parse(received_at), now),
    onSeen: () => here.putAway(item.id),
  }
}

function awayProps(now: number): Maybe<'away'> {
  const doc = here.programme()?.doc
  const day = here.today(now)
  const slot = doc ? slotAt(doc.check_in, hourOf(now)) : 'day'
  return {
    programme: doc?.name ?? '',
    number: here.team(now)?.number ?? '',
    checkIn: here.record() ? href('check_in', { date: day, slot, step: 'start' }) : null,
    onLook: () => tryTo(phone().keep(OPENED, phone().now())),
  }
}

const THINGS = ['person', 'care', 'group', 'pair', 'program', 'library'] as const

/** Scopes that are not read to their end, in words. */
function getting(): string[] {
  return THINGS.filter((thing) => lacks(`${thing}:`)).map((thing) => t(`today.scope_${thing}`))
}
