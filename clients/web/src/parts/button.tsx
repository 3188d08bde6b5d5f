import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** `main` once a screen; `help` only for Help, `deep` only for the urge tool, `stop` only for
 *  destroying and 911. */
export type ButtonKind = 'main' | 'help' | 'deep' | 'stop' | 'quiet'

interface Look {
  kind?: ButtonKind | undefined
  icon?: IconName | undefined
  /** As wide as the page. */
  wide?: boolean | undefined
  tall?: boolean | undefined
  /** A second line under the verb. Makes the button a big way out: wide, words at the start. */
  hint?: ComponentChildren
  /** What stands at the end of a big way out: a number, or an arrow by `goes`. */
  end?: ComponentChildren
  goes?: boolean | undefined
  /** Said by screen readers after the verb, where buttons with the same verb repeat. */
  about?: string | undefined
  /** Big way out without a hint. */
  lead?: boolean | undefined
  children: ComponentChildren
}

export interface ButtonProps extends Look {
  href?: string | undefined
  onPress?: (() => void) | undefined
  submit?: boolean | undefined
  /** Shown and reachable, but it does nothing; the page says why. */
  notYet?: boolean | undefined
}

/** A verb of the person. With `href` a link, otherwise a button. */
export function Button({ href, onPress, submit, notYet, ...look }: ButtonProps) {
  const props = { class: classes(look), children: <Inside {...look} /> }
  if (href !== undefined) return <a href={href} onClick={onPress} {...props} />
  return (
    <button
      type={submit ? 'submit' : 'button'}
      aria-disabled={notYet || undefined}
      onClick={notYet ? undefined : onPress}
      {...props}
    />
  )
}

/** Buttons side by side. `even`: two answers of the same weight. */
export function Buttons({ even, children }: { even?: boolean; children: ComponentChildren }) {
  return <div class={even ? 'buttons even' : 'buttons'}>{children}</div>
}

function classes({ kind, wide, tall, hint, end, goes, lead }: Look): string {
  const big = lead || hint !== undefined || end !== undefined || goes
  return ['button', kind, (wide || big) && 'wide', tall && 'tall', big && 'lead']
    .filter(Boolean)
    .join(' ')
}

function Inside({ icon, hint, end, goes, about, children }: Look) {
  return (
    <>
      {icon && <Icon name={icon} />}
      <span>
        {children}
        {about && <span class="unseen"> {about}</span>}
        {hint !== undefined && <small>{hint}</small>}
      </span>
      {end !== undefined && <span class="end call">{end}</span>}
      {goes && <Icon name="go" end />}
    </>
  )
}
