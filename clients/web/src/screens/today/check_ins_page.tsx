import { type Answers, answersOf, asks, saysMore, type Slot } from '../../model/check_in.ts'
import { type Day, later } from '../../model/days.ts'
import { useNow } from '../../parts/now.ts'
import { entries, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { go, href } from '../../shell/router.ts'
import { clock, t } from '../../text/text.ts'
import { askUse, asksUse } from './asks_use.ts'
import { CheckInDay, CheckIns, NoCheckIn, type Listed } from './check_ins.tsx'
import * as here from './here.ts'

/** As long as the server takes them, and longer than anyone scrolls. */
const MOST = 90

export function CheckInsPage() {
  const now = useNow(here.now)
  const asked = here.programme()?.doc.check_in
  const today = here.today(now)
  // Another phone may have sent one for a day of which this phone keeps its own.
  const mine = Object.values(here.own()).filter(({ day, slot }) => !here.checkIn(day, slot))
  const days = [...entries('check_in').map(sentOf), ...mine.map(mineOf)]
  const open = here.record() && asked ? [today, later(today, -1)].flatMap((day) => asked.slots.map((slot) => openOf(day, slot))) : []
  // A day on which something was begun stays in reach, however long ago that was.
  const missing = [...open, ...drafts()].filter((one, place, all) => ![...days, ...all.slice(0, place)].some((other) => isSame(one, other)))
  const listed = [...days, ...missing].sort(newestFirst).map((each) => ({ ...each, begun: draftOf(each) !== undefined }))
  return (
    <CheckIns
      days={listed.filter(({ begun }, place) => begun || place < MOST)}
      today={today}
      asksUse={asked && asks(asked, 'used') ? asksUse() : null}
      onAskUse={askUse}
    />
  )
}

export function CheckInDayPage({ date, slot }: { date: Day; slot: string }) {
  useNow(here.now)
  const [press, full] = usePress()
  const at = { day: date, slot: slot as Slot }
  const entry = here.checkIn(date, at.slot)
  const mine = here.own()[here.keyOf(date, at.slot)]
  const draft = draftOf(at)
  const over = !here.record() || !here.programme()
  const onDelete = () => void press(() => forget(at))
  const common = { draft, over, full, onDelete }
  if (entry) {
    const { doc } = entry
    return (
      <CheckInDay
        {...sentOf(entry)}
        {...common}
        answers={answersOf(doc)}
        mine={mine?.answers}
        forRound={doc.success_shared}
        unread={doc.unread !== undefined}
      />
    )
  }
  if (!mine && !draft) return <NoCheckIn />
  return <CheckInDay {...(mine ? mineOf(mine) : openOf(date, at.slot))} {...common} answers={mine?.answers ?? {}} forRound={false} unread={false} />
}

async function forget({ day, slot }: At): Promise<void> {
  await phone().keep(here.draftName(day, slot), null)
  announce(t('checkins.deleted'))
  go(href('check_ins'), { replace: true })
}

type At = Pick<Listed, 'day' | 'slot'>

/** What was begun there and says more than what was saved. */
function draftOf({ day, slot }: At): Answers | undefined {
  const entry = here.checkIn(day, slot)
  const saved = entry ? answersOf(entry.doc) : (here.own()[here.keyOf(day, slot)]?.answers ?? {})
  const answers = here.draft(day, slot)?.answers
  return answers && saysMore(answers, saved) ? answers : undefined
}

/** Of any day. */
function drafts(): Listed[] {
  const names = phone().keptNames(here.DRAFT)
  const days = names.map((name) => name.slice(here.DRAFT.length).split('/') as [Day, Slot])
  return days.map(([day, slot]) => openOf(day, slot)).filter((each) => draftOf(each) !== undefined)
}

function isSame(one: At, other: At): boolean {
  return one.day === other.day && one.slot === other.slot
}

function sentOf({ doc, pending }: ReturnType<typeof entries<'check_in'>>[number]): Listed {
  const at = clock(Date.parse(doc.received_at))
  return { day: doc.local_date, slot: doc.slot, state: pending ? 'waiting' : 'sent', at, signed: doc.signed_at !== null }
}

function mineOf({ day, slot }: { day: Day; slot: Slot }): Listed {
  return { day, slot, state: 'mine', at: '', signed: false }
}

function openOf(day: Day, slot: Slot): Listed {
  return { day, slot, state: 'open', at: '', signed: false }
}

function newestFirst(one: Listed, other: Listed): number {
  return other.day.localeCompare(one.day) || one.slot.localeCompare(other.slot)
}
