/** What every page outside the app has: its name, the other language, and a form where one opens it. */

import type { ComponentChildren } from 'preact'
import { Button } from '../../parts/button.tsx'
import { Title } from '../../parts/bars.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { PlainPage } from '../../shell/frame.tsx'
import { appName } from '../../shell/install_prompt.ts'
import { LANGUAGES, language, speak } from '../../text/text.ts'

interface DoorPageProps {
  title: string
  lead?: string | null
  children: ComponentChildren
}

export function DoorPage({ title, lead, children }: DoorPageProps) {
  return (
    <PlainPage head={<Head />}>
      <div class="stack tight">
        <Title>{title}</Title>
        {lead && <p class="soft">{lead}</p>}
      </div>
      {children}
    </PlainPage>
  )
}

/** The other language stands under its own name. */
function Head() {
  const other = language.value === 'en' ? 'es' : 'en'
  // Where its words cannot be had, nothing changes.
  const change = () => void speak(other).catch(() => {})
  return (
    <>
      <p class="line">
        <Icon name="rail" /> {appName.value}
      </p>
      <button class="button hide" type="button" lang={other} onClick={change}>
        <Icon name="language" /> {LANGUAGES[other]}
      </button>
    </>
  )
}

interface OpenFormProps {
  button: string
  busy: boolean
  /** Said if it takes long. */
  busyWords: string
  onSubmit: () => void
  children: ComponentChildren
}

export function OpenForm({ button, busy, busyWords, onSubmit, children }: OpenFormProps) {
  const long = useTakesLong(busy)
  function submit(event: Event) {
    event.preventDefault()
    if (!busy) onSubmit()
  }
  return (
    <form class="stack" onSubmit={submit} noValidate>
      {children}
      <Button kind="main" wide submit>
        {button}
      </Button>
      {long && <Getting>{busyWords}</Getting>}
    </form>
  )
}
