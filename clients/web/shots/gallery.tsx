import { signal } from '@preact/signals'
import { Fragment, render, type VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import { SchemeSwitch } from '../src/shell/switches.tsx'
import { Rows, Row } from '../src/parts/rows.tsx'
import { linkedCode } from '../src/screens/door/code_in_link.ts'
import { Door } from '../src/screens/door/door.tsx'
import { Danger } from '../src/screens/help/danger.tsx'
import { Help } from '../src/screens/help/help.tsx'
import { Overdose } from '../src/screens/help/overdose.tsx'
import { Shell, TabPage } from '../src/shell/frame.tsx'
import { setHiddenMode, startHide } from '../src/shell/hide.tsx'
import { Rest } from '../src/shell/rest.tsx'
import { PATHS, type Place, startRouter } from '../src/shell/router.ts'
import '../src/text/check_in.ts'
import '../src/text/first.ts'
import '../src/text/me.ts'
import '../src/text/people.ts'
import { speak, startText, wordsOfLanguage } from '../src/text/text.ts'
import '../src/text/tools.ts'
import { opened } from './shot.ts'
import { STATES } from './states.tsx'

/* Shows one state, `/#first/door,%20wrong`, or the shell around pages without data. `/?es` speaks Spanish.
   Pictures and tests of single screens open it; it is no part of the app. */

function page(place: Place): VNode {
  if (code) return <Door code={code} onOpen={opened} onEmail={opened} />
  if (state.value) return <State key={state.value} name={state.value} />
  switch (place.name) {
    case 'help':
      return <Help />
    case 'overdose':
      return <Overdose />
    case 'danger':
      return <Danger />
    case 'me':
      throw new Error('A mistake of ours')
    case 'tools':
      return <Door onOpen={opened} onEmail={opened} />
    default:
      return <LongPage />
  }
}

/** Reads the signal, so that another state is another page. */
function Gallery(): VNode {
  return <Shell key={state.value} page={page} />
}

function State({ name }: { name: string }): VNode {
  useEffect(() => void (document.body.dataset.shown = name), [name])
  return <Fragment>{STATES[name]?.() ?? <p>There is no such state</p>}</Fragment>
}

/** Something to scroll, with personal words that must go when the app is hidden. */
function LongPage(): VNode {
  return (
    <TabPage tab="today" title="Good morning, Sam">
      <SchemeSwitch />
      <Rest>
        <Rows>
          {Array.from({ length: 30 }, (_, n) => (
            <Row key={n} title={`Row ${n}`} href="/help" />
          ))}
        </Rows>
      </Rest>
    </TabPage>
  )
}

const { hash, search } = location
const code = linkedCode.value
const state = signal(code ? '' : decodeURIComponent(hash.slice(1)))
addEventListener('hashchange', () => void (state.value = decodeURIComponent(location.hash.slice(1))))
await startText()
await wordsOfLanguage()
if (search === '?es') await speak('es')
if (search === '?hidden') setHiddenMode(true)
startRouter()
startHide()
const app = document.getElementById('app')
if (app) render(<Gallery />, app)
document.body.dataset.states = JSON.stringify(Object.keys(STATES))
document.body.dataset.paths = JSON.stringify(Object.values(PATHS))
