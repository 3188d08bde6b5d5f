/** Putting the app on the home screen: what this browser can do, and under which name. */

import { computed, signal } from '@preact/signals'
import NAMES from '../names.json'
import { language } from '../text/text.ts'
import { recall, remember } from './settings.ts'

export type NameId = keyof typeof NAMES
export type Platform = 'android' | 'iphone' | 'other' | 'done'

interface InstallPrompt extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const prompt = signal<InstallPrompt | null>(null)
const installed = signal(false)
/** The person has seen how, and may not want to. */
export const isAsked = signal(recall('install_asked') !== null)
const chosen = signal<NameId>(ids().find((id) => id === recall('name')) ?? ids()[0]!)

function ids(): NameId[] {
  return Object.keys(NAMES) as NameId[]
}

/** The names to choose from, in the person's language. None says what this app is for. */
export const names = computed(() => ids().map((id) => ({ id, name: NAMES[id][language.value] })))
export const nameId = computed(() => chosen.value)
/** How the app is called on this phone. */
export const appName = computed(() => NAMES[chosen.value][language.value])

/** `android`: the browser lets the app ask. `other`: it does not, and its menu may. */
export const platform = computed<Platform>(() => {
  if (installed.value) return 'done'
  if (prompt.value) return 'android'
  return isIphone() ? 'iphone' : 'other'
})

/** Whether this is the app on the home screen. */
export function isInstalled(): boolean {
  const { standalone } = navigator as { standalone?: boolean }
  return Boolean(standalone) || matchMedia('(display-mode: standalone)').matches
}

export function startInstallPrompt(): void {
  if (recall('name') !== null) applyName()
  isAsked.subscribe((asked) => asked && remember('install_asked', 'yes'))
  addEventListener('beforeinstallprompt', (event) => {
    // The browser's own bar would come by surprise.
    event.preventDefault()
    prompt.value = event as InstallPrompt
  })
  addEventListener('appinstalled', () => {
    installed.value = true
    prompt.value = null
  })
}

/** The browser reads the name when it installs the app. */
export function callIt(id: NameId): void {
  chosen.value = id
  remember('name', id)
  applyName()
}

export async function install(): Promise<void> {
  const answer = await prompt.value?.prompt()
  // The browser lets us ask once.
  if (answer) prompt.value = null
}

function applyName(): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')
  if (link) link.href = `/manifest.webmanifest?name=${chosen.value}`
}

function isIphone(): boolean {
  const { userAgent, maxTouchPoints } = navigator
  // An iPad says that it is a Mac.
  return /iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
}
