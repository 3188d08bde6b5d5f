import { StorageFull } from 'handrail'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Answers, answersOf, asks, changesFrom, isAnswered, isHard, questionsOf, replyTo, type Share, type Slot, type Step, stepsOf } from '../../model/check_in.ts'
import { type Day, phoneZone } from '../../model/days.ts'
import { checkInId, idOf } from '../../model/ids.ts'
import { staffName } from '../../model/staff.ts'
import { useNow } from '../../parts/now.ts'
import { entries, kept, phone } from '../../phone.ts'
import { announce } from '../../shell/live.tsx'
import { go, href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { language, t } from '../../text/text.ts'
import { CheckIn } from './check_in.tsx'
import { CheckInDone } from './check_in_done.tsx'
import { CheckInDayPage } from './check_ins_page.tsx'
import * as here from './here.ts'
import { NoCheckIn } from './check_ins.tsx'

const SHARE = 'check-in share'
/** What is typed is kept after so long without another letter. */

interface Params {
  date: Day
  slot: string
  /** A step, `start`, or `done`. */
  step: string
}

export function CheckInPage({ date, slot, step }: Params) {
  const record = here.record()
  const asked = here.programme()?.doc.check_in
  if (!record || !asked || !/^\d{4}-\d\d-\d\d$/.test(date)) return <NoCheckIn />
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
  const name = here.draftName(day, slot)
  const before = here.checkIn(day, slot)
  const [draft] = useState(() => phone().kept<{ step: Step; answers: Answers }>(name))
  const [answers, setAnswers] = useState<Answers>(() => draft?.answers ?? earlier())
  const [steps] = useState(() => stepsOf(asked, { slot, askUse: here.asksUse(), silence: here.silence(day) }))
  const [share, setShare] = useState<Share>(() => kept<Share>(SHARE) ?? 'team')
  const [full, setFull] = useState(false)
  const [saved, setSaved] = useState<Saved | null>(null)
  // Saved, or moved to another day: the draft must not come back.
  const isOver = useRef(false)

  function earlier(): Answers {
    if (before) return answersOf(before.doc)
    return here.own()[here.keyOf(day, slot)]?.answers ?? {}
  }

  const step = steps.find((each) => each === at) ?? draft?.step ?? steps[0]!
  const isDone = at === 'done'
  useEffect(() => {
    if (!isDone && step !== at) go(pageOf(step), { replace: true })
  }, [step, at])
  // The question one is at, and every answer, so that a later start goes on from there.
  useEffect(() => {
    if (isDone || saved || isOver.current || (!isAnswered(answers) && step === steps[0])) return
    phone()
      .keep(name, { step, answers })
      .catch(() => setFull(true))
  }, [step, answers, isDone])

  if (isDone) return <Done saved={saved} answers={answers} day={day} slot={slot} now={now} />

  const shares = sharesOf()
  const chosen = shares.includes(share) ? share : 'team'

  function pageOf(next: Step | 'done'): string {
    return href('check_in', { date: day, slot, step: next })
  }

  function sharesOf(): Share[] {
    const inGroup = entries('group').length > 0
    const shares: Share[] = inGroup && answers.success ? ['team', 'round'] : ['team']
    // What the team has already cannot be taken from it.
    return before ? shares : [...shares, 'me']
  }

  function onNext() {
    const after = steps[steps.indexOf(step) + 1]
    if (after) go(pageOf(after))
    else void save()
  }

  function onSkip() {
    const left: Answers = { ...answers }
    for (const question of questionsOf(step)) delete left[question]
    setAnswers(left)
    onNext()
  }

  /** The answers go along, over those of the other day. What is saved for this day stays. */
  async function moveTo(other: Day) {
    const there = here.checkIn(other, slot)?.doc
    if (!before && isAnswered(answers) && !there?.signed_at) {
      const known = here.draft(other, slot)?.answers ?? (there ? answersOf(there) : {})
      await phone().keep(here.draftName(other, slot), { step, answers: { ...known, ...answers } })
      isOver.current = true
      await phone().keep(name, null)
    }
    go(href('check_in', { date: other, slot, step }), { replace: true })
  }

  async function save() {
    try {
      setSaved(await write())
      isOver.current = true
      await phone().keep(name, null)
      go(pageOf('done'), { replace: true })
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error
      setFull(true)
    }
  }

  async function write(): Promise<Saved> {
    const key = here.keyOf(day, slot)
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
    if (here.own()[key]) await here.keepOwn(key, null)
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
      full={full}
      onAnswer={(given) => {
        isOver.current = false
        setAnswers((all) => ({ ...all, ...given }))
      }}
      onShare={setShare}
      onNext={onNext}
      onSkip={onSkip}
      onDay={(other) => void moveTo(other)}
      onStopUse={() => {
        here.askUse(false)
        announce(t('checkin.used_stopped'))
        onSkip()
      }}
    />
  )
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
  return (
    <CheckInDone
      reply={replyTo(answers)}
      fate={fateOf()}
      hard={isHard(answers)}
      team={here.team(now)}
    />
  )

  function fateOf(): string {
    if (saved === 'nothing') return entry ? `${t('fate.saved')}.` : ''
    if (saved === 'mine' || !entry) return saved || here.own()[here.keyOf(day, slot)] ? t('today.done_mine') : ''
    const fate = uuid ? phone().fate(uuid) : 'sent'
    if (fate === 'not sent') return fateWords(fate)
    const at = Date.parse(entry.doc.received_at)
    return fate === 'sent' ? `${t('fate.saved')}. ${fateWords('sent', { at })}.` : `${t('fate.saved')}. ${fate === 'waiting' ? `${t('fate.waiting')}.` : ''}`
  }
}

/** "Maria and Noor" */
function teamNames(record: string): string {
  const staff = entries('staff_member')
  const team = entries('care_team_member').filter(({ doc }) => doc.record === record && doc.until === null)
  const names = team.map(({ doc }) => staffName(staff, doc.user_id)).filter((name) => name !== null)
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(new Set(names))
}
