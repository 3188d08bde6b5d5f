/** Which page is shown: Help always; then what stands in the way; then the page of the address. */

import type { ComponentChildren } from 'preact'
import { stage, start } from './opening.ts'
import { Page } from './pages.tsx'
import { status } from './phone.ts'
import { Danger } from './screens/help/danger.tsx'
import { HelpPage } from './screens/help/page.tsx'
import { Overdose } from './screens/help/overdose.tsx'
import { FirstRun } from './screens/start/first_run.tsx'
import { Stopped } from './shell/boundary.tsx'
import { Shell } from './shell/frame.tsx'
import { ComingPage, later } from './shell/later.tsx'
import type { Place } from './shell/router.ts'
import { useStepFocus } from './shell/step_focus.ts'

const Entrance = later(async () => (await import('./screens/start/pages.tsx')).Entrance)
const InstallPage = later(async () => (await import('./screens/start/pages.tsx')).InstallPage)

export function App() {
  useStepFocus(whatStands())
  return <Shell page={page} />
}

/** While a code is tried at the door, the door stands. */
function whatStands(): string | null {
  if (stage.value === 'starting') return null
  if (['locked', 'wiped', 'cleared', 'stopped'].includes(stage.value)) return stage.value
  return stage.value === 'open' && status.value?.screen === 'open' ? 'open' : 'outside'
}

function page({ name, params }: Place): ComponentChildren {
  if (name === 'help') return <HelpPage />
  if (name === 'overdose') return <Overdose />
  if (name === 'danger') return <Danger />
  if (name === 'install') return <InstallPage />
  if (stage.value === 'open' && status.value?.screen === 'open') {
    return (
      <FirstRun page={name}>
        <Page name={name} params={params} />
      </FirstRun>
    )
  }
  if (stage.value === 'stopped') return <Stopped onAgain={() => void start()} />
  return stage.value === 'starting' ? <ComingPage /> : <Entrance />
}
