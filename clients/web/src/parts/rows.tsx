import { type ComponentChildren, toChildArray } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** A list to choose from, in a card of its own. */
export function Rows({ children }: { children: ComponentChildren }) {
  return (
    <ul class="card flush rows">
      {toChildArray(children).map((row, place) => (
        <li key={place}>{row}</li>
      ))}
    </ul>
  )
}

interface RowProps {
  title: ComponentChildren
  hint?: ComponentChildren
  icon?: IconName | undefined
  /** Instead of an icon: a `<Face>` or a `<Ring>`. */
  before?: ComponentChildren
  /** Instead of the arrow: a count, a button. A row with a button is neither link nor button. */
  end?: ComponentChildren
  href?: string | undefined
  onPress?: (() => void) | undefined
}

export function Row({ title, hint, icon, before, end, href, onPress }: RowProps) {
  const leads = href !== undefined || onPress !== undefined
  const inside = (
    <>
      {before ?? (icon && <Icon name={icon} />)}
      <span class="words">
        <b>{title}</b>
        {hint !== undefined && <small>{hint}</small>}
      </span>
      {(end !== undefined || leads) && <span class="end">{end ?? <Icon name="go" />}</span>}
    </>
  )
  if (href !== undefined) {
    return (
      <a class="row" href={href} onClick={onPress}>
        {inside}
      </a>
    )
  }
  if (onPress) {
    return (
      <button class="row" type="button" onClick={onPress}>
        {inside}
      </button>
    )
  }
  return <div class="row">{inside}</div>
}
