import { Problem, Unreachable } from 'handrail'
import { useState } from 'preact/hooks'
import { type Device, devicesOf, sorted } from '../../model/phones.ts'
import { useNow } from '../../parts/now.ts'
import { entries, notSent, phone, waiting } from '../../phone.ts'
import { toTitle } from '../../shell/step.ts'
import * as here from '../today/here.ts'
import { Devices, type Ended, type How } from './devices.tsx'
import { Prove, type ProveProps } from './prove.tsx'

interface Doing {
  device: Device
  how: How
  /** The same in every try, so that it happens once. */
  key: string
}

type Proof = Pick<ProveProps, 'step' | 'email' | 'wrong' | 'offline'>

export function DevicesPage() {
  const now = useNow(here.now)
  const [doing, setDoing] = useState<Doing | null>(null)
  const [proof, setProof] = useState<Proof | null>(null)
  const [last, setLast] = useState<Ended | null>(null)
  const [busy, setBusy] = useState(false)

  async function whileBusy(work: () => Promise<void>) {
    if (busy) return
    setBusy(true)
    setLast(null)
    await work().catch((error) => finish(endedBy(error)))
    setBusy(false)
  }

  function finish(ended: Ended) {
    setLast(ended)
    setDoing(null)
    setProof(null)
    toTitle()
  }

  async function end(what: Doing) {
    const path = `/api/v1/actions/people.${what.how === 'lost' ? 'report_phone_lost' : 'revoke_session'}`
    try {
      await phone().post(path, { session: what.device.id }, { 'Idempotency-Key': what.key })
      await phone().sync().catch(() => {})
      finish('done')
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'step_up_required') throw error
      const { sign_in_email } = await phone().get('/api/v1/account')
      if (!sign_in_email) return finish('no address')
      setDoing(what)
      setProof({ step: 'send', email: sign_in_email })
    }
  }

  async function send({ email }: Proof) {
    await phone().requestCode(email).then(
      () => setProof({ step: 'code', email }),
      (error) => setProof({ ...proof!, ...faultOf(error) }),
    )
  }

  async function prove({ step, email }: Proof, what: Doing, code: string) {
    let user: string | null
    try {
      user = await (step === 'factor' ? phone().confirmFactor(code) : phone().confirmCode(code))
    } catch (error) {
      return setProof({ step, email, ...faultOf(error) })
    }
    if (user === null) setProof({ step: 'factor', email })
    else await end(what)
  }

  if (doing && proof) {
    return (
      <Prove
        {...proof}
        busy={busy}
        onSend={() => void whileBusy(() => send(proof))}
        onCode={(code) => void whileBusy(() => prove(proof, doing, code))}
        onBack={() => {
          setDoing(null)
          setProof(null)
        }}
      />
    )
  }
  return (
    <Devices
      {...sorted(devicesOf(entries('device_session')), phone().session.deviceSession, now)}
      last={last}
      busy={busy}
      desk={here.programme()?.doc.contacts.front_desk.number ?? null}
      asOf={here.asOf()}
      unsent={waiting().length + notSent().length}
      onEnd={(device, how) => void whileBusy(() => end({ device, how, key: phone().newId() }))}
      onSignOut={() => void whileBusy(() => phone().signOut({ evenIfUnsent: true }))}
    />
  )
}

function endedBy(error: unknown): Ended {
  if (error instanceof Unreachable) return 'offline'
  return error instanceof Problem && error.status === 429 ? 'too many' : 'other'
}

/** What the page of the code says. Throws what it cannot say. */
function faultOf(error: unknown): Pick<Proof, 'wrong' | 'offline'> {
  if (error instanceof Unreachable) return { offline: true }
  if (error instanceof Problem && error.status < 429) return { wrong: true }
  throw error
}
