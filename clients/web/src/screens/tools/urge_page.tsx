import { useEffect, useState } from 'preact/hooks'
import { useKept } from '../../kept.ts'
import { URGE as URGE_EXERCISE } from '../../model/exercises.ts'
import { spentAt, started, stopped } from '../../model/stopwatch.ts'
import {
  beginUrge,
  BREATHE_SECONDS,
  isOver,
  minutesWaited,
  type Urge,
  type UrgeStep,
  urgeDone,
  WAIT_SECONDS,
} from '../../model/urge.ts'
import { whatHelps } from '../../model/what_helps.ts'
import { entries, kept, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { back, href } from '../../shell/router.ts'
import { useStep } from '../../shell/step.ts'
import { asked, attempts, exercises, keepHere, REASONS, share, team, URGE } from './here.ts'
import { UrgeEnd, UrgeTool } from './urge.tsx'

/** Whether the team sees the numbers: asked each time, and remembered. */
const SHARES = 'urge_shares'

export function UrgePage() {
  const [urge, keep] = useKept<Urge>(URGE, fresh)
  const [reasons, keepReasons] = useKept<readonly string[]>(REASONS, () => [])
  const [ended, end] = useState<'kept' | 'shared' | null>(null)
  const [press, full] = usePress()
  useStep(ended ? 'end' : urge.step)
  useEffect(() => {
    if (!isOver(urge, phone().now())) return
    // What was given then is not lost, but it belongs to another time.
    const before = urge.before === null ? Promise.resolve() : keepHere(done(urge, false))
    before.then(() => keep(fresh())).catch(() => {}) // no room: it goes on
  }, [])
  const shares = team() === null ? null : (kept<boolean>(SHARES) ?? true)
  const close = () => back(href('today'))

  function done(of: Urge, isFinished: boolean) {
    const found = exercises().find(({ slug }) => slug === URGE_EXERCISE)
    const assignment = asked().find(({ doc }) => doc.exercise === found?.exercise)?.id ?? null
    return urgeDone(of, found, assignment, Date.now(), isFinished ? phone().now() : null)
  }

  async function finish(): Promise<void> {
    const words = done(urge, true)
    await (shares ? share(words) : keepHere(words))
    keep({ ...urge, wait: stopped(urge.wait, Date.now(), WAIT_SECONDS) })
    keep(null)
    end(shares ? 'shared' : 'kept')
  }

  if (ended) {
    const helped = whatHelps(entries('what_helps')[0]?.doc, attempts(), exercises())
    const own = exercises().find(({ slug }) => slug === URGE_EXERCISE)?.exercise
    return (
      <UrgeEnd
        urge={urge}
        minutes={spentAt(urge.wait, Date.now(), WAIT_SECONDS) ? minutesWaited(urge, Date.now()) : null}
        result={helped.find(({ exercise }) => exercise === own) ?? null}
        fate={ended === 'kept' ? 'kept' : (phone().fate(urge.id) ?? 'sent')}
        onOk={close}
        onOnceMore={() => {
          end(null)
          keep(onStep(beginUrge(phone().newId(), phone().now(), urge.after ?? urge.before), 'breathe'))
        }}
      />
    )
  }
  return (
    <UrgeTool
      urge={urge}
      reasons={reasons}
      shares={shares}
      person={kept<{ name: string; number: string }[]>('people to call')?.[0]}
      onStep={(step) => keep(onStep(urge, step))}
      onNumber={(which, n) => keep({ ...urge, [which]: n })}
      onReasons={keepReasons}
      onWay={(way) => keep({ ...onStep(urge, 'again'), way })}
      onShares={(on) => void phone().keep(SHARES, on)}
      full={full}
      onDone={() => void press(finish)}
      onClose={close}
    />
  )
}

function fresh(): Urge {
  return beginUrge(phone().newId(), phone().now())
}

/** Breaths run while their page is shown; the wait runs from its first sight to the end. */
function onStep(urge: Urge, step: UrgeStep): Urge {
  const now = Date.now()
  return {
    ...urge,
    step,
    breaths: step === 'breathe' ? started(urge.breaths, now) : stopped(urge.breaths, now, BREATHE_SECONDS),
    wait: step === 'wait' ? started(urge.wait, now) : urge.wait,
  }
}
