/** What is shown instead of the pages: the door, the lock, and what else stands in the way. */

import { useState } from 'preact/hooks'
import { Problem, StorageFull, Unreachable } from 'handrail'
import { fresh, leave, level, stage, unlock } from '../../opening.ts'
import { phone, status } from '../../phone.ts'
import { isAsked, isInstalled, platform } from '../../shell/install_prompt.ts'
import { href } from '../../shell/router.ts'
import { recall } from '../../shell/settings.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import type { Secret } from '../../vault/vault.ts'
import { ByEmail } from '../door/by_email.tsx'
import { linkedCode } from '../door/code_in_link.ts'
import { Door, type Ended } from '../door/door.tsx'
import { LeaseRanOut, Nowhere, SignedOut, StorageCleared } from '../instead/closed.tsx'
import { Locked } from '../instead/locked.tsx'
import { InstallPage } from './install_page.tsx'

const DAY_MS = 86_400_000

export function Entrance() {
  useStepFocus(isAsked.value)
  switch (stage.value) {
    case 'starting':
      return null
    case 'nowhere':
      return <Nowhere />
    case 'locked':
      return <TheLock />
    case 'wiped':
      return <SignedOut onEnter={() => void leave()} />
    case 'cleared':
      return (
        <StorageCleared
          lost={lost()}
          onEnter={() => (stage.value = 'door')}
          install={installPath()}
        />
      )
    default:
      if (status.value?.screen === 'lease ran out') return <TheLease />
      if (status.value?.screen === 'signed out') return <TheDoor unsent={phone().outbox().length} />
      // An iPhone's app on the home screen shares nothing with Safari: the code is typed there.
      if (platform.value === 'iphone' && !isInstalled() && !isAsked.value) return <InstallPage />
      return <TheDoor unsent={null} />
  }
}

/** How much waited when the browser was last open; null if it did not say. */
function lost(): number | null {
  const unsent = recall('unsent')
  return unsent === null ? null : Number(unsent)
}

/** Where installing means something: on a phone, in a browser. */
function installPath(): string | undefined {
  const isPhone = platform.value === 'android' || platform.value === 'iphone'
  return isPhone && !isInstalled() ? href('install') : undefined
}

function TheLock() {
  const [wrong, setWrong] = useState(false)
  const [busy, setBusy] = useState(false)
  async function open(secret: Secret) {
    if (busy) return
    setBusy(true)
    setWrong(false)
    try {
      await unlock(secret)
    } catch {
      setWrong(true)
    }
    setBusy(false)
  }
  return (
    <Locked
      by={level.value as 'passkey' | 'words'}
      wrong={wrong}
      busy={busy}
      onPasskey={() => void open({ level: 'passkey' })}
      onWords={(words) => void open({ level: 'words', words })}
      onErase={() => void leave()}
    />
  )
}

function TheLease() {
  const { lastSynced, network } = status.value!
  const days = lastSynced === null ? 30 : Math.max(1, Math.floor((phone().now() - lastSynced) / DAY_MS))
  return <LeaseRanOut days={days} offline={network === 'offline'} onTry={() => phone().wake()} />
}

/** `unsent`: the session has ended, and so much waits here for the same person. */
function TheDoor({ unsent }: { unsent: number | null }) {
  const [way, setWay] = useState<'code' | 'email'>(unsent === null ? 'code' : 'email')
  useStepFocus(way)
  return way === 'email' ? (
    <TheLetter unsent={unsent} onBack={() => setWay('code')} />
  ) : (
    <TheCode unsent={unsent} onEmail={() => setWay('email')} />
  )
}

interface Outcome {
  ended: Ended
  from?: Date | null
  asksFactor?: boolean
  factorIsWrong?: boolean
}

function TheCode({ unsent, onEmail }: { unsent: number | null; onEmail: () => void }) {
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>({ ended: null })
  async function enter(code: string, born: string, factor?: string) {
    setBusy(true)
    try {
      await (await fresh()).enrol(code, born, factor)
      linkedCode.value = '' // It works once.
    } catch (error) {
      setOutcome(outcomeOf(error, Boolean(factor)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Door
      key={linkedCode.value}
      code={linkedCode.value}
      busy={busy}
      unsent={unsent}
      install={unsent === null ? installPath() : undefined}
      onOpen={(...typed) => void enter(...typed)}
      onEmail={onEmail}
      {...outcome}
    />
  )
}

function outcomeOf(error: unknown, hadFactor: boolean): Outcome {
  const ended = endOf(error)
  if (!(error instanceof Problem)) return { ended }
  switch (error.code) {
    case 'code_not_yet':
      return { ended: 'not yet', from: error.body.usable_from ? new Date(error.body.usable_from) : null }
    case 'second_factor_code_required':
      return { ended: null, asksFactor: true }
    case 'second_factor_code_wrong':
      return { ended: null, asksFactor: true, factorIsWrong: true }
    default:
      return { ended, asksFactor: hadFactor }
  }
}

function endOf(error: unknown): Ended {
  if (error instanceof Unreachable) return 'offline'
  if (error instanceof StorageFull) return 'full'
  if (!(error instanceof Problem)) {
    reportError(error)
    return 'busy'
  }
  if (error.status === 429) return 'too many'
  return error.isPassing ? 'busy' : 'wrong'
}

function TheLetter({ unsent, onBack }: { unsent: number | null; onBack: () => void }) {
  const [step, setStep] = useState<'address' | 'code' | 'factor'>('address')
  const [ended, setEnded] = useState<Ended | 'over'>(null)
  const [busy, setBusy] = useState(false)
  const [resent, setResent] = useState(false)
  const [address, setAddress] = useState('')
  useStepFocus(step)

  async function attempt(work: () => Promise<void>) {
    if (busy) return
    setBusy(true)
    setEnded(null)
    try {
      await work()
    } catch (error) {
      const isOver = error instanceof Problem && error.code === 'no_sign_in'
      if (isOver) setStep('address')
      setEnded(isOver ? 'over' : endOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <ByEmail
      key={step}
      step={step}
      address={address}
      ended={ended}
      busy={busy}
      resent={resent}
      unsent={unsent}
      onAddress={(email) =>
        void attempt(async () => {
          setAddress(email)
          await (await fresh()).requestCode(email)
          setResent(false)
          setStep('code')
        })
      }
      onCode={(code) =>
        void attempt(async () => {
          const user = await (step === 'code' ? phone().confirmCode(code) : phone().confirmFactor(code))
          if (user === null) setStep('factor')
        })
      }
      onResend={() =>
        void attempt(async () => {
          await phone().requestCode(address)
          setResent(true)
        })
      }
      onBack={() => (step === 'address' ? onBack() : setStep('address'))}
    />
  )
}
