// A page that nobody touches is covered when the session ends. While a person writes for long, the
// session lives on.
import { beginAgain, hasEnded, signInAgain } from './again.ts'

const STEP = 20_000
const ASK = 4 * 60_000

export function beginIdle() {
  const seconds = Number(document.body.dataset['idle'])
  if (!seconds) return
  beginAgain()
  let touched = Date.now()
  let asked = Date.now()
  for (const kind of ['pointerdown', 'keydown', 'scroll'])
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true })
  document.addEventListener('signed-in', () => (touched = asked = Date.now()))
  setInterval(() => {
    const now = Date.now()
    if (now - touched > seconds * 1000) signInAgain()
    else if (touched > asked && now - asked > ASK) {
      asked = now
      void hasEnded(false).then((ended) => ended && signInAgain())
    }
  }, STEP)
}
