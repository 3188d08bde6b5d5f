/** How the app comes to its phone: what this browser holds, the lock, and the way out. */

import { batch, signal } from '@preact/signals'
import type { Phone } from 'handrail'
import { deviceKey, fetchTransport, indexedDb, openInTabs, systemClock, webCipher } from 'handrail'
import { things } from './model/quiet.ts'
import { OVERLAYS } from './model/overlays.ts'
import { attach } from './phone.ts'
import { announce } from './shell/live.tsx'
import { recall, remember } from './shell/settings.ts'
import { savesData } from './shell/save_data.ts'
import { isLanguage, language, speakHere } from './text/text.ts'
import * as vault from './vault/vault.ts'

declare const APP_VERSION: string

/** `door`: nobody has signed in here. `cleared`: someone had, and the browser has deleted it.
 *  `locked`: the vault is closed. `open`: the phone's own status says what may be shown.
 *  `nowhere`: this browser stores nothing. `stopped`: what it stores could not be opened. */
export type Stage = 'starting' | 'door' | 'locked' | 'cleared' | 'open' | 'wiped' | 'nowhere' | 'stopped'

export const stage = signal<Stage>('starting')
export const level = signal<vault.Level | null>(null)

/** Hidden for so long, the app closes its vault. */
const LOCK_AFTER_MS = 5 * 60_000
/** A sign-out is a wipe for a moment. */
const WIPE_AFTER_MS = 1000
/** Push services may not answer. */
const GIVE_UP_MS = 3000
const SCHEMA = 1

let current: { phone: Phone; database: string; belongs: boolean } | null = null
let lockTimer: ReturnType<typeof setTimeout> | undefined
let hiddenAt: number | null = null
/** The database that was made after a wipe. */
let emptied: string | null = null

/** How often the app was locked. */
let locks = 0
/** The other tabs. Any message: the vault changes. */
let others: BroadcastChannel | undefined

/** Another tab changes the vault: close it here, and look again when that tab is done, or is gone. */
function listen(): BroadcastChannel {
  const channel = new BroadcastChannel('handrail-vault')
  // Twice: it may have been about to open.
  const away = () => close('starting')
  channel.onmessage = () => void away().then(() => vault.alone(() => away().then(start)))
  return channel
}

/** Look at what this browser holds, and open it if nothing but the phone protects it. */
export async function start(): Promise<void> {
  if (current) return
  try {
    others ??= listen()
    level.value = await vault.level()
  } catch {
    stage.value = 'nowhere'
    return
  }
  void vault.sweep()
  if (level.value === null) stage.value = recall('unsent') === null ? 'door' : 'cleared'
  else if (level.value === 'phone') await unlock({ level: 'phone' }).catch(() => (stage.value = 'stopped'))
  else stage.value = 'locked'
}

/** Open the vault. Throws `WrongSecret` and `NoPasskey`. */
export async function unlock(secret: vault.Secret): Promise<void> {
  let before = locks
  const opened = await vault.unlock(secret)
  // To show a passkey, a phone may hide the page, which locks it.
  if (secret.level === 'passkey') before = locks
  await use(opened)
  if (locks > before) await lock()
}

/** The first phone of this browser, before anybody signs in: protected by the phone alone. */
export function fresh(): Promise<Phone> {
  return vault.alone(async () => {
    if (current) return current.phone
    // Another tab may have been quicker.
    if (await vault.level()) return use(await vault.unlock({ level: 'phone' }))
    const { opened, commit } = await vault.prepare({ level: 'phone' })
    await commit()
    const phone = await use(opened)
    tellOthers()
    // Without it, a browser that is short of room may delete everything.
    void navigator.storage?.persist?.()
    return phone
  })
}

/** Seal everything again under another protection. If it fails, nothing has changed. */
export async function protect(secret: vault.Secret): Promise<void> {
  const newLock = await vault.lockOf(secret)
  const change = vault.alone(async () => {
    const { phone, database } = current!
    const { opened, commit } = await vault.prepare(newLock)
    let isClosed = false
    try {
      tellOthers()
      await onlyTab(database)
      await phone.moveTo(indexedDb(opened.database), await webCipher(opened.key))
      isClosed = true
      await commit()
      // Locked meanwhile, it stays so.
      await (current ? use(opened) : start())
    } catch (error) {
      if (isClosed) await close('starting').then(start)
      else current?.phone.foreground()
      throw error
    }
  })
  await change.finally(() => void vault.sweep())
}

/** Close the vault. Only what says nothing about anyone stays in memory. */
export async function lock(): Promise<void> {
  locks += 1
  if (current && level.value !== 'phone') await close('locked')
}

/** Erase everything that this browser holds: after a wipe or a sign-out, or unopened. Help stays. */
export function leave(): Promise<void> {
  const erased = vault.alone(async () => {
    tellOthers()
    await close('starting')
    remember('unsent', null)
    await vault.destroy()
    await leaveBrowser()
  })
  return erased.finally(start)
}

/** The app came to the front or went to the back. */
export function seen(visible: boolean, lockNow: boolean): void {
  clearTimeout(lockTimer)
  if (visible) {
    // A browser stops the timers of an app in the background.
    if (hiddenAt !== null && Date.now() - hiddenAt >= LOCK_AFTER_MS) void lock()
    hiddenAt = null
    current?.phone.foreground()
    return
  }
  hiddenAt = Date.now()
  current?.phone.background()
  if (lockNow) void lock()
  else lockTimer = setTimeout(() => void lock(), LOCK_AFTER_MS)
}

/** The network has changed, or a push has come. */
export function wake(): void {
  if (document.visibilityState === 'visible') current?.phone.wake()
}

async function use(opened: vault.Opened): Promise<Phone> {
  const phone = await openInTabs(
    {
      home: location.origin,
      storage: indexedDb(opened.database),
      cipher: await webCipher(opened.key),
      deviceKey: deviceKey(opened.deviceKeys),
      transport: fetchTransport(),
      clock: systemClock,
      live: liveUrl(),
      app: { platform: 'web', version: APP_VERSION, schema: SCHEMA },
      overlays: OVERLAYS,
      name: deviceName(),
    },
    opened.database,
  )
  phone.savesData = savesData()
  const isNew = phone.status.screen === 'new'
  current = { phone, database: opened.database, belongs: !isNew }
  batch(() => {
    level.value = opened.level
    attach(phone)
    // The browser may delete the data and leave the key.
    stage.value = isNew && stage.value !== 'door' && recall('unsent') !== null ? 'cleared' : 'open'
  })
  phone.subscribe(() => follow(phone))
  follow(phone)
  if (document.visibilityState === 'visible') phone.foreground()
  return phone
}

/** Remember outside the vault that this browser held something, for the day it is deleted. */
function follow(phone: Phone): void {
  if (current?.phone !== phone) return
  const { screen } = phone.status
  if (screen === 'wiped') wiped(phone)
  else if (screen !== 'new') {
    current.belongs = true
    remember('unsent', String(things(phone.outbox()).length))
    speakAsTheyWish(phone)
    if (stage.value !== 'open') stage.value = 'open'
  } else if (current.belongs) {
    // The person has signed out here.
    current.belongs = false
    if (!phone.remote) void leave()
  }
}

/** The data are gone. Then the key goes too; a new one seals the receipt that the server waits for. */
function wiped(phone: Phone): void {
  if (stage.value === 'wiped') return
  stage.value = 'wiped'
  setTimeout(async () => {
    const isOver = current?.phone !== phone || phone.status.screen !== 'wiped'
    // The leading tab does it for all.
    if (isOver || phone.remote || current?.database === emptied) return
    remember('unsent', null)
    await phone.session.acknowledgeWipe().catch(() => {})
    // If another tab does not answer, the next start does it.
    await protect({ level: 'phone' }).catch(() => {})
    emptied = current?.database ?? null
    await leaveBrowser()
  }, WIPE_AFTER_MS)
}

function tellOthers(): void {
  others?.postMessage(null)
}

async function close(then: Stage): Promise<void> {
  const phone = current?.phone
  current = null
  announce('')
  batch(() => {
    attach(null)
    stage.value = then
  })
  await phone?.close()
}

/** Wait until no other tab uses this database. */
async function onlyTab(database: string): Promise<void> {
  for (let left = 60; left; left--) {
    const { held = [], pending = [] } = await navigator.locks.query()
    if ([...held, ...pending].filter(({ name }) => name === `handrail ${database}`).length <= 1) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('Another tab does not close')
}

/** What a browser keeps beside the database. The app's own files stay, so that Help opens. */
function leaveBrowser(): Promise<unknown> {
  const late = new Promise<void>((done) => setTimeout(done, GIVE_UP_MS))
  return Promise.race([late, Promise.allSettled([endPush(), emptyCaches()])])
}

async function endPush(): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration()
  const push = await worker?.pushManager?.getSubscription()
  await push?.unsubscribe()
}

async function emptyCaches(): Promise<void> {
  for (const name of (await globalThis.caches?.keys()) ?? []) {
    if (!name.includes('precache')) await caches.delete(name)
  }
}

/** The library comes in the language that the person has chosen with their programme. The app speaks it too,
 *  until they choose another here. */
function speakAsTheyWish(phone: Phone): void {
  if (recall('language') !== null) return
  const wanted = phone.scopes().find((scope) => scope.startsWith('library:'))?.slice('library:'.length)
  if (isLanguage(wanted) && wanted !== language.peek()) speakHere(wanted).catch(() => {}) // the next change tries again
}

/** The server says where the socket is, if it is not beside the pages. */
function liveUrl(): string | null {
  return document.querySelector<HTMLMetaElement>('meta[name=live]')?.content || null
}

/** What the person's list of devices calls this browser. */
function deviceName(): string {
  const { userAgent } = navigator
  const system = /iPhone|iPad|Android|Windows|Mac|Linux/.exec(userAgent)?.[0]
  return system ? `Web app, ${system}` : 'Web app'
}
