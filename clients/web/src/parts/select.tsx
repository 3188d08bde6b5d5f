import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface SelectProps {
  label: ComponentChildren
  name: string
  options: readonly { value: string; title: string }[]
  value: string
  onChange: (value: string) => void
}

/** One of many short values, such as a time of day. Not for decisions. */
export function Select({ label, name, options, value, onChange }: SelectProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select class="input" id={id} name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.title}
          </option>
        ))}
      </select>
    </div>
  )
}
