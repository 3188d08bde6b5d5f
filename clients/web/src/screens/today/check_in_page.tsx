import { useEffect, useRef, useState } from 'preact/hooks'
import { type Answers, answersOf, asks, changesFrom, draftOf, isAnswered, isHard, questionsOf, replyTo, type Share, silenceBefore, type Slot, type Step, stepsOf } from '../../model/check_in.ts'
import { type Day, isDay, phoneZone } from '../../model/days.ts'
import { checkInId, idOf } from '../../model/ids.ts'
import { staffName } from '../../model/staff.ts'
import { useNow } from '../../parts/now.ts'
import { useAnswer } from '../../press.ts'
import { tryTo } from '../../kept.ts'
import { entries, kept, phone, status } from '../../phone.ts'
import { announce } from '../../shell/live.tsx'
import { go, href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { clock, listed, t } from '../../text/text.ts'
import { askUse, asksUse } from './asks_use.ts'
import { CheckIn } from './check_in.tsx'
import { CheckInDone } from './check_in_done.tsx'
import { CheckInDayPage } from './check_ins_page.tsx'
import * as here from './here.ts'
import { NoCheckIn } from './check_ins.tsx'
import { doneWords } from './today.tsx'

const SHARE = 'check-in share'

interface Params {
  date: Day
  slot: string
  /** The number of a question, `start`, or `done`. */
  step: string
}

export function CheckInPage({ date, slot, step }: Params) {
  const record = here.record()
  const asked = here.programme()?.doc.check_in
  if (!record || !asked || !isDay(date) || date > here.today(here.now())) return <NoCheckIn />
  if (here.checkIn(date, slot as Slot)?.doc.signed_at) return <CheckInDayPage date={date} slot={slot} />
  return <Asking key={here.keyOf(date, slot as Slot)} record={idOf(record.scope)} asked={asked} day={date} slot={slot as Slot} at={step} />
}

interface AskingProps {
  record: string
  asked: Parameters<typeof stepsOf>[0]
  day: Day
  slot: Slot
  at: string
}

function Asking({ record, asked, day, slot, at }: AskingProps) {
  const now = useNow(here.now)
  const key = here.keyOf(day, slot)
  const name = here.draftName(day, slot)
  const before = here.checkIn(day, slot)
  const known: Answers = before ? answersOf(before.doc) : (here.own()[key]?.answers ?? {})
  const [draft] = useState(() => here.draft(day, slot))
  const [given, setGiven] = useState<Answers>(() => draft?.answers ?? {})
  const [steps] = useState(() => stepsOf(asked, { slot, askUse: asksUse(), silence: silence(day) }))
  // What was only for the person is for nobody else until they choose so.
  const [share, setShare] = useState<Share>(() => (here.own()[key] ? 'me' : (kept<Share>(SHARE) ?? 'team')))
  const [saved, setSaved] = useState<Saved | null>(null)
  const { answer } = useAnswer(() => go(pageOf('done'), { replace: true }))
  // Saved, or moved to another day: the draft must not come back.
  const isOver = useRef(false)

  function pageOf(next: Step | 'done'): string {
    return href('check_in', { date: day, slot, step: next === 'done' ? next : addressOf(next, steps) })
  }

  const answers = { ...known, ...given }
  const step = steps.find((each) => addressOf(each, steps) === at) ?? steps.find((each) => each === draft?.step) ?? steps[0]!
  const isDone = at === 'done'
  useEffect(() => {
    if (!isDone && addressOf(step, steps) !== at) go(pageOf(step), { replace: true })
  }, [step, at])
  // The question one is at, and every answer, so that a later start goes on from there.
  useEffect(() => {
    if (!isDone && !isOver.current) tryTo(phone().keep(name, draftOf(step, steps[0], given, known)))
  }, [step, given, isDone])

  if (isDone) return <Done saved={saved} answers={answers} day={day} slot={slot} now={now} />

  const shares = sharesOf()
  const chosen = shares.includes(share) ? share : 'team'

  function sharesOf(): Share[] {
    const inGroup = entries('group').length > 0
    const shares: Share[] = inGroup && answers.success ? ['team', 'round'] : ['team']
    // What the team has already cannot be taken from it.
    return before ? shares : [...shares, 'me']
  }

  function onNext() {
    const after = steps[steps.indexOf(step) + 1]
    if (after) go(pageOf(after))
    else answer(save)
  }

  function onSkip() {
    const left: Answers = { ...given }
    for (const question of questionsOf(step)) delete left[question]
    setGiven(left)
    onNext()
  }

  /** The answers go along, over those of the other day. What is saved for this day stays. */
  async function moveTo(other: Day) {
    if (isAnswered(given) && !here.checkIn(other, slot)?.doc.signed_at) {
      const there = here.draft(other, slot)?.answers
      await phone().keep(here.draftName(other, slot), { step, answers: { ...there, ...given } })
      isOver.current = true
      await phone().keep(name, null)
    }
    go(href('check_in', { date: other, slot, step: 'start' }), { replace: true })
  }

  async function save() {
    setSaved(await write())
    isOver.current = true
    await phone().keep(name, null)
  }

  async function write(): Promise<Saved> {
    await phone().keep(SHARE, chosen)
    if (!isAnswered(answers) && !before) return 'nothing'
    if (chosen === 'me') {
      await here.keepOwn(key, { day, slot, answers, at: phone().now() })
      return 'mine'
    }
    const changes = changesFrom(before?.doc ?? null, answers)
    const forRound = chosen === 'round'
    if (answers.success && forRound !== (before?.doc.success_shared ?? false)) changes.success_shared = forRound
    if (!Object.keys(changes).length) return 'nothing'
    const id = checkInId(record, day, slot)
    const args = { id, record, local_date: day, slot, time_zone: phoneZone(), ...changes }
    const uuid = await phone().act('practice.record_check_in', args, { base: before ? [before] : [] })
    // Where another phone had sent one, what is only here was not part of these answers.
    if (!before && here.own()[key]) await here.keepOwn(key, null)
    return { uuid }
  }

  return (
    <CheckIn
      step={step}
      steps={steps}
      day={day}
      slot={slot}
      today={here.today(now)}
      answers={answers}
      asksWhat={asks(asked, 'used_what')}
      share={chosen}
      shares={shares}
      team={teamNames(record)}
      full={status.value?.storageFull ?? false}
      onAnswer={(more) => {
        isOver.current = false
        setGiven((all) => ({ ...all, ...more }))
      }}
      onShare={setShare}
      pageOf={pageOf}
      onNext={onNext}
      onSkip={onSkip}
      onDay={(other) => tryTo(moveTo(other))}
      onStopUse={() => {
        askUse(false)
        announce(t('checkin.used_stopped'))
        onSkip()
      }}
    />
  )
}

/** A number in place of the question's name, because the address stays in the browser's history. */
function addressOf(step: Step, steps: readonly Step[]): string {
  return step === 'last' ? step : String(steps.indexOf(step) + 1)
}

function silence(day: Day): number | null {
  const days = [...entries('check_in').map(({ doc }) => doc.local_date), ...Object.values(here.own()).map((each) => each.day)]
  return silenceBefore(day, days)
}

/** What saving did: an act, only here, or nothing since all was skipped. */
type Saved = { uuid: string } | 'mine' | 'nothing'

interface EndProps {
  /** Null: the page was opened again later. */
  saved: Saved | null
  answers: Answers
  day: Day
  slot: Slot
  now: number
}

function Done({ saved, answers, day, slot, now }: EndProps) {
  const entry = here.checkIn(day, slot)
  const uuid = saved && typeof saved === 'object' ? saved.uuid : entry?.pending
  const fate = uuid ? phone().fate(uuid) : null
  return <CheckInDone reply={replyTo(answers)} fate={words()} hard={isHard(answers)} team={here.team(now)} />

  function words(): string {
    if (fate === 'not sent') return fateWords(fate)
    if (fate === 'waiting') return doneWords('waiting', '')
    if (fate === 'saved') return `${t('fate.saved')}.`
    if (entry) return `${t('fate.saved')}. ${doneWords('sent', clock(Date.parse(entry.doc.received_at)))}.`
    return saved === 'mine' || here.own()[here.keyOf(day, slot)] ? doneWords('mine', '') : ''
  }
}

function teamNames(record: string): string {
  const staff = entries('staff_member')
  const team = entries('care_team_member').filter(({ doc }) => doc.record === record && doc.until === null)
  return listed(team.map(({ doc }) => staffName(staff, doc.user_id)).filter((name) => name !== null))
}
