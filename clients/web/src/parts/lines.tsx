import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { t } from '../text/text.ts'
import { Button } from './button.tsx'

interface LinesProps {
  legend: ComponentChildren
  legendUnseen?: boolean
  hint?: ComponentChildren
  lines: readonly string[]
  onChange: (lines: readonly string[]) => void
  /** How many fit. */
  most?: number | undefined
}

const MAX_LENGTH = 600

/** A list that is built line by line. The line in the box is one of them from its first letter, so
 *  that it is never lost. */
export function Lines({ legend, legendUnseen, hint, lines, onChange, most = 20 }: LinesProps) {
  const [isOpen, open] = useState(false)
  const id = useId()
  const done = isOpen ? lines.slice(0, -1) : lines
  const typed = isOpen ? (lines.at(-1) ?? '') : ''
  function type(line: string): void {
    open(line !== '')
    onChange(line === '' ? done : [...done, line])
  }
  function add(): void {
    open(false)
    onChange(typed.trim() ? [...done, typed.trim()] : done)
  }
  function takeOut(place: number): void {
    onChange(lines.filter((_, n) => n !== place))
  }
  return (
    <fieldset class="field">
      <legend class={legendUnseen ? 'unseen' : undefined}>{legend}</legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {done.length > 0 && (
        <ul class="stack tight">
          {done.map((line, place) => (
            <li key={place} class="item">
              <span>{line}</span>
              <Button kind="quiet" icon="close" onPress={() => takeOut(place)}>
                <span class="unseen">{t('lines.take_out', { line })}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {done.length < most && (
        <form
          class="composer"
          onSubmit={(event) => {
            event.preventDefault()
            add()
          }}
        >
          <label class="unseen" for={id}>
            {t(done.length ? 'lines.another' : 'lines.first')}
          </label>
          <input
            class="input"
            id={id}
            value={typed}
            maxLength={MAX_LENGTH}
            autocomplete="off"
            onInput={(event) => type(event.currentTarget.value)}
          />
          <Button submit>{t('lines.add')}</Button>
        </form>
      )}
    </fieldset>
  )
}
