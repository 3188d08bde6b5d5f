import type { ComponentChildren } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { Icon } from './icons.tsx'

interface FieldProps {
  label: ComponentChildren
  /** Who can read it, or how to write it. */
  hint?: ComponentChildren
  /** What is wrong, and what to do. */
  wrong?: ComponentChildren
  value: string
  onInput: (value: string) => void
  name: string
  /** More than one line: how high. */
  lines?: 'short' | 'long' | undefined
  look?: 'code' | undefined
  type?: 'text' | 'password' | 'email' | 'tel' | undefined
  inputMode?: 'numeric' | 'email' | 'text' | undefined
  autocomplete?: string | undefined
  placeholder?: string | undefined
  maxLength?: number | undefined
  /** The label is a hint of its group: Month, Day, Year. */
  part?: boolean | undefined
  /** Its group is wrong; what is wrong stands under this id. */
  wrongAt?: string | undefined
}

export function Field(props: FieldProps) {
  const { label, hint, wrong, value, onInput, name, lines, look, type, part, wrongAt } = props
  const id = useId()
  const described = [hint !== undefined && `${id}-hint`, wrong !== undefined && `${id}-wrong`, wrongAt]
  const shared = {
    id,
    name,
    value,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    autocomplete: props.autocomplete ?? 'off',
    'aria-invalid': wrong !== undefined || wrongAt !== undefined || undefined,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
  }
  const secret = look === 'code' || type === 'password'
  return (
    <div class="field" data-state={wrong !== undefined ? 'wrong' : undefined}>
      <label for={id} class={part ? 'hint' : undefined}>
        {label}
      </label>
      {lines ? (
        <textarea class={lines === 'short' ? 'input short' : 'input'} {...shared} />
      ) : (
        <input
          class={look ? `input ${look}` : 'input'}
          // The types of Preact have one props type for each; these four share theirs.
          type={(type ?? 'text') as 'text'}
          inputMode={props.inputMode}
          spellcheck={!secret}
          autocapitalize={look === 'code' ? 'characters' : secret ? 'none' : undefined}
          {...shared}
        />
      )}
      {wrong !== undefined && <Wrong id={`${id}-wrong`}>{wrong}</Wrong>}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** Go to the first field that is wrong, each time a `try` to go on has found one. Screen readers
 *  then read the field, and what is wrong with it. */
export function useGoToWrong(tries: number): void {
  useEffect(() => {
    if (tries > 0) document.querySelector<HTMLElement>('#main [aria-invalid="true"]')?.focus()
  }, [tries])
}

/** What is wrong with a field or a group of fields. */
export function Wrong({ id, children }: { id?: string; children: ComponentChildren }) {
  return (
    <p class="wrong" id={id}>
      <Icon name="warning" />
      <span>{children}</span>
    </p>
  )
}
