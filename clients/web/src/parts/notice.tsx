import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** `wait`: waiting or not sent. `stop`: destroying. `help`: Help only. */
export type Kind = 'wait' | 'stop' | 'good' | 'act' | 'help'

interface StatusProps {
  children: ComponentChildren
  icon?: IconName | undefined
  kind?: 'wait' | undefined
  /** Leads to Waiting to send. */
  href: string
  end?: ComponentChildren
}

/** The one line about the connection. */
export function Status({ children, icon = 'offline', kind, href, end }: StatusProps) {
  return (
    <a class="status" data-kind={kind} href={href}>
      <Icon name={kind === 'wait' ? 'warning' : icon} />
      <span>{children}</span>
      {end !== undefined ? <span class="end">{end}</span> : <Icon name="go" end />}
    </a>
  )
}

interface NoticeProps {
  /** What happened. */
  title: ComponentChildren
  /** What is safe, and what to do. */
  children?: ComponentChildren
  /** What leads on, as `<Button>`s. */
  buttons?: ComponentChildren
  icon?: IconName | undefined
  kind?: Exclude<Kind, 'act'> | undefined
  /** Only for Help: read out at once. */
  alert?: boolean | undefined
}

const ICONS = { wait: 'clock', stop: 'warning', good: 'check', help: 'help' } as const

export function Notice({ title, children, buttons, icon, kind, alert }: NoticeProps) {
  return (
    <section class="notice" data-kind={kind} role={alert ? 'alert' : undefined}>
      <Icon name={icon ?? (kind ? ICONS[kind] : 'info')} />
      <h2>{title}</h2>
      {children}
      {buttons && <div class="buttons">{buttons}</div>}
    </section>
  )
}

interface ChipProps {
  children: ComponentChildren
  kind?: Kind | undefined
  icon?: IconName | undefined
}

/** A word about a thing, never a control. */
export function Chip({ children, kind, icon }: ChipProps) {
  return (
    <span class="chip" data-kind={kind}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  )
}

/** A number on a row or a tab. `words` says of what: "unread". */
export function Count({ n, words }: { n: number; words: string }) {
  return (
    <span class="count">
      {n}
      <span class="unseen"> {words}</span>
    </span>
  )
}

/** Who can read what is written here, beside the box; or another line that explains. */
export function Privacy({ icon = 'lock', children }: PrivacyProps) {
  return (
    <p class="privacy">
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  )
}

interface PrivacyProps {
  icon?: IconName
  children: ComponentChildren
}
