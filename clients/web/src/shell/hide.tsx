import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { t } from '../text/text.ts'
import { announce } from './live.tsx'
import { forget } from './router.ts'
import { recall, remember } from './settings.ts'

/** Nothing of the app is on the screen. */
export const hidden = signal(false)
/** Hidden mode: Hide within reach of the thumb, and the page goes whenever the app is left. */
export const hiddenMode = signal(recall('hidden_mode') === 'on')

const drops: (() => void)[] = []

/** Do this too when the person hides the app: the lock drops its key. */
export function onHide(drop: () => void): void {
  drops.push(drop)
}

export function hide(): void {
  if (hidden.value) return
  hidden.value = true
  announce('')
  forget()
  for (const drop of drops) drop()
}

export function setHiddenMode(on: boolean): void {
  remember('hidden_mode', on ? 'on' : 'off')
  hiddenMode.value = on
}

const REPEATS = 3
const WITHIN = 2000

/** With a keyboard: Shift three times within two seconds, as on sites for people at risk. */
export function startHide(): void {
  let pressed: number[] = []
  addEventListener('keydown', (event) => {
    if (event.repeat) return
    if (event.key !== 'Shift') pressed = []
    else pressed = [...pressed, event.timeStamp].filter((at) => event.timeStamp - at < WITHIN)
    if (pressed.length < REPEATS) return
    pressed = []
    hide()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && hiddenMode.value) hide()
  })
}

/** Blank, with one way back. */
export function Cover() {
  const way = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    way.current?.focus({ preventScroll: true })
  }, [])
  return (
    <main class="cover">
      <h1 class="unseen">{t('shell.covered')}</h1>
      <button
        ref={way}
        class="button"
        type="button"
        aria-label={t('shell.open_again')}
        onClick={() => {
          hidden.value = false
        }}
      >
        <Icon name="rail" />
      </button>
    </main>
  )
}
