/** Pushes to this browser: one constant line that says something is new. */

// See areas.ts.
import './app.tsx'
import { effect } from '@preact/signals'
import { devicesOf } from './model/phones.ts'
import { entries, kept, phone, status } from './phone.ts'
import { type PushState, pushState } from './shell/push_state.ts'
import { language } from './text/text.ts'

const WANTED = 'push'
/** Without a network, `subscribe` may never end. */
const GIVE_UP_MS = 8000

class Late extends Error {}

/** At each start, once there is a connection: say again where this browser is reached. */
export function startPush(): void {
  let done = false
  effect(() => {
    const { screen, network } = status.value ?? {}
    if (screen !== 'open') {
      done = false
      return
    }
    if (done || network !== 'online') return
    done = true
    void look()
  })
}

/** Show what holds, and mend it if the person wants pushes. */
export async function look(): Promise<void> {
  const wants = kept<boolean>(WANTED) ?? false
  const missing = lacking()
  if (missing) pushState.value = missing
  else if (!wants) pushState.value = 'off'
  else if (isDead()) pushState.value = 'stopped'
  else if (status.peek()?.network !== 'online') pushState.value = 'waits'
  else await register(false)
}

/** The person wants pushes. Asks the browser's permission, so it needs a tap. */
export async function turnOn(): Promise<void> {
  const missing = lacking()
  if (missing) {
    pushState.value = missing
    return
  }
  pushState.value = 'busy'
  if ((await Notification.requestPermission()) !== 'granted') {
    pushState.value = Notification.permission === 'denied' ? 'denied' : 'off'
    return
  }
  await phone().keep(WANTED, true)
  await register(true)
}

export async function turnOff(): Promise<void> {
  pushState.value = 'off'
  await phone().keep(WANTED, false)
  const registration = await navigator.serviceWorker.getRegistration()
  const subscription = await registration?.pushManager.getSubscription()
  // The browser drops what still comes, also if the server cannot be reached.
  await subscription?.unsubscribe()
  await call('unregister_push', {}).catch(() => {})
}

/** The push service knows this browser no longer, whatever the browser itself believes. */
function isDead(): boolean {
  const own = phone().session.deviceSession
  return devicesOf(entries('device_session')).some(({ id, pushesStopped }) => id === own && pushesStopped)
}

function lacking(): PushState | null {
  const isIphone = /iPhone|iPad/.test(navigator.userAgent)
  if (!('PushManager' in window) || !('serviceWorker' in navigator)) return isIphone ? 'home' : 'none'
  return Notification.permission === 'denied' ? 'denied' : null
}

async function register(isNew: boolean): Promise<void> {
  try {
    const { browser_key } = await phone().get('/api/v1/push')
    if (!browser_key) {
      pushState.value = 'none'
      return
    }
    const subscription = await withinTime(subscribed(bytesOf(browser_key), isNew))
    if (!subscription) {
      pushState.value = 'stopped'
      return
    }
    await call('register_push', {
      kind: 'web',
      platform: 'web',
      language: language.peek(),
      subscription: subscription.toJSON(),
    })
    pushState.value = 'on'
  } catch {
    // No connection, a busy server, or a push service that cannot be reached: the next start tries again.
    pushState.value = 'waits'
  }
}

/** Null: the browser has ended what it had. Turning it on again is the person's decision. */
async function subscribed(key: Uint8Array<ArrayBuffer>, isNew: boolean): Promise<PushSubscription | null> {
  const { pushManager } = await navigator.serviceWorker.ready
  const known = await pushManager.getSubscription()
  const isOurs = known && sameBytes(known.options.applicationServerKey, key)
  if (isOurs && !isNew) return known
  if (!known && !isNew) return null
  await known?.unsubscribe()
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
}

function call(action: string, body: object): Promise<unknown> {
  return phone().post(`/api/v1/actions/people.${action}`, body, { 'Idempotency-Key': phone().newId() })
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Late()), GIVE_UP_MS))
  return Promise.race([work, late])
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const base64 = base64url.replace(/-/g, '+').replace(/_/g, '/')
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
}

function sameBytes(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = one && new Uint8Array(one)
  return bytes?.length === other.length && bytes.every((byte, place) => byte === other[place])
}
