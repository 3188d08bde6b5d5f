import { answersOf, asks, type Slot } from '../../model/check_in.ts'
import { type Day, later } from '../../model/days.ts'
import { useNow } from '../../parts/now.ts'
import { entries } from '../../phone.ts'
import { clock } from '../../text/text.ts'
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
  const missing = open.filter(({ day, slot }) => !days.some((each) => each.day === day && each.slot === slot))
  return (
    <CheckIns
      days={[...days, ...missing].sort(newestFirst).slice(0, MOST)}
      today={today}
      asksUse={asked && asks(asked, 'used') ? here.asksUse() : null}
      onAskUse={here.askUse}
    />
  )
}

export function CheckInDayPage({ date, slot }: { date: Day; slot: string }) {
  useNow(here.now)
  const entry = here.checkIn(date, slot as Slot)
  const mine = here.own()[here.keyOf(date, slot as Slot)]
  if (entry) {
    const { doc } = entry
    return (
      <CheckInDay
        {...sentOf(entry)}
        answers={answersOf(doc)}
        mine={mine?.answers}
        forRound={doc.success_shared}
        unread={doc.unread !== undefined}
      />
    )
  }
  return mine ? <CheckInDay {...mineOf(mine)} answers={mine.answers} forRound={false} unread={false} /> : <NoCheckIn />
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
