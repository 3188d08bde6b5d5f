import type { ComponentChildren } from 'preact'

interface Option<V> {
  value: V
  title: ComponentChildren
  hint?: ComponentChildren
  disabled?: boolean
}

interface OneOf<V> {
  /** One group of answers has one name on its page. */
  name: string
  options: readonly Option<V>[]
  value: V | null
  onChange: (value: V) => void
  legend: ComponentChildren
  /** The question stands above, as the title of the page. */
  legendUnseen?: boolean
  /** Answers of one or two signs. */
  small?: boolean
}

/** One decision, with its consequences in words. */
export function Choices<V extends string>(props: OneOf<V>) {
  const { name, options, value, onChange } = props
  return (
    <fieldset class="choices">
      <Legend {...props} />
      {options.map((option) => (
        <Choice
          key={option.value}
          type="radio"
          name={name}
          checked={option.value === value}
          onChange={() => onChange(option.value)}
          {...option}
        />
      ))}
    </fieldset>
  )
}

interface ChoiceProps {
  type?: 'radio' | 'checkbox'
  name: string
  title: ComponentChildren
  hint?: ComponentChildren
  checked: boolean
  disabled?: boolean
  /** What is wrong stands under this id. */
  wrongAt?: string | undefined
  onChange: (checked: boolean) => void
}

export function Choice({ type = 'checkbox', name, title, hint, checked, disabled, wrongAt, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type={type}
        name={name}
        checked={checked}
        disabled={disabled}
        aria-invalid={wrongAt !== undefined || undefined}
        aria-describedby={wrongAt}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <b>{title}</b>
        {hint !== undefined && <small>{hint}</small>}
      </span>
    </label>
  )
}

interface PickProps {
  type?: 'radio' | 'checkbox'
  name: string
  checked: boolean
  onChange: (checked: boolean) => void
  children: ComponentChildren
}

/** A short answer. */
export function Pick({ type = 'radio', name, checked, onChange, children }: PickProps) {
  return (
    <label class="pick">
      <input
        type={type}
        name={name}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {children}
    </label>
  )
}

/** One of a few short answers, side by side. */
export function Picks<V extends string | number>(props: OneOf<V>) {
  const { name, options, value, onChange, small } = props
  return (
    <fieldset>
      <Legend {...props} />
      <div class={small ? 'picks few' : 'picks'}>
        {options.map((option) => (
          <Pick
            key={option.value}
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          >
            {option.title}
          </Pick>
        ))}
      </div>
    </fieldset>
  )
}

interface ScaleProps {
  name: string
  value: number | null
  onChange: (value: number) => void
  legend: ComponentChildren
  legendUnseen?: boolean
  /** What 0 and 10 mean. */
  ends: readonly [ComponentChildren, ComponentChildren]
  /** 10: from 0 to 100. */
  step?: number
}

/** 0 to 10 as buttons: a slider cannot be set by a shaking thumb. */
export function Scale({ ends, step = 1, ...props }: ScaleProps) {
  const { name, value, onChange } = props
  return (
    <fieldset class="stack tight">
      <Legend {...props} />
      <div class="scale">
        {Array.from({ length: 11 }, (_, place) => place * step).map((n) => (
          <Pick key={n} name={name} checked={n === value} onChange={() => onChange(n)}>
            {n}
          </Pick>
        ))}
      </div>
      <p class="scale-ends">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </p>
    </fieldset>
  )
}

interface SwitchProps {
  title: ComponentChildren
  hint?: ComponentChildren
  on: boolean
  onChange: (on: boolean) => void
}

export function Switch({ title, hint, on, onChange }: SwitchProps) {
  return (
    <label class="switch-row">
      <span>
        <b>{title}</b>
        {hint !== undefined && <small>{hint}</small>}
      </span>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  )
}

function Legend({ legend, legendUnseen }: { legend: ComponentChildren; legendUnseen?: boolean }) {
  return <legend class={legendUnseen ? 'unseen' : 'label'}>{legend}</legend>
}
