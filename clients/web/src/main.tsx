import { render } from 'preact'
import { App } from './app.tsx'
import { loadPages } from './pages.tsx'
import { keepOffline } from './offline.ts'
import { lock, seen, start, wake } from './opening.ts'
import './screens/door/code_in_link.ts'
import { hiddenMode, onHide, startHide } from './shell/hide.tsx'
import { startInstallPrompt } from './shell/install_prompt.ts'
import { isWaiting } from './shell/newer.ts'
import { startClock } from './shell/now.ts'
import { startRouter } from './shell/router.ts'
import { startText } from './text/text.ts'

await startText()
startRouter()
startHide()
startClock()
startInstallPrompt()
onHide(() => void lock())
render(<App />, document.getElementById('app') ?? document.body)
document.addEventListener('visibilitychange', () => {
  seen(document.visibilityState === 'visible', hiddenMode.value)
})
addEventListener('online', wake)
void start()
// Where the browser refuses, the app works with a network only.
keepOffline(() => (isWaiting.value = true), wake).catch(() => {})
// Whatever comes next, its pages are there by then.
setTimeout(() => {
  void loadPages()
  import('./screens/areas.ts').then(({ startPush }) => startPush(), () => {})
}, 1000)
