import type { ComponentChildren } from 'preact'
import { href } from '../shell/router.ts'
import { counted, t } from '../text/text.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icons.tsx'
import { Count } from './notice.tsx'

interface HeaderProps {
  title: ComponentChildren
  /** Above the title: day and time, or a version. */
  above?: ComponentChildren
  /** Without it there is no Hide: nothing personal is on the page. */
  onHide?: (() => void) | undefined
}

/** Top of a tab's page. The title takes the focus when the page opens. */
export function Header({ title, above, onHide }: HeaderProps) {
  return (
    <header class="head">
      <p>{above}</p>
      {onHide && (
        <button class="button hide" type="button" onClick={onHide}>
          <Icon name="hide" /> {t('shell.hide')}
        </button>
      )}
      <Title>{title}</Title>
    </header>
  )
}

export function Title({ children, unseen }: { children: ComponentChildren; unseen?: boolean }) {
  return (
    <h1 tabIndex={-1} class={unseen ? 'unseen' : undefined}>
      {children}
    </h1>
  )
}

export type Tab = 'today' | 'tools' | 'help' | 'people' | 'me'

const TABS: readonly Tab[] = ['today', 'tools', 'help', 'people', 'me']

interface TabBarProps {
  current: Tab | null
  unread?: number | undefined
  /** How many things were not sent. */
  unsent?: number | undefined
  /** Hidden mode: Hide a second time, where the thumb is. */
  onHide?: (() => void) | undefined
}

/** Help in the middle, in its own colour, in the same place on every page. */
export function TabBar({ current, unread = 0, unsent = 0, onHide }: TabBarProps) {
  return (
    <nav class="tabs" aria-label={t('tabs.sections')}>
      {onHide && (
        <button class="button hide" type="button" onClick={onHide}>
          <Icon name="hide" /> {t('shell.hide')}
        </button>
      )}
      <ul>
        {TABS.map((tab) => (
          <li key={tab}>
            <a
              class={tab === 'help' ? 'tab help' : 'tab'}
              href={href(tab)}
              aria-current={tab === current ? 'page' : undefined}
            >
              <Icon name={tab} />
              {tab === 'people' && <Marks unread={unread} unsent={unsent} />}
              <span>{t(`tabs.${tab}`)}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Marks({ unread, unsent }: { unread: number; unsent: number }) {
  return (
    <span class="marks">
      {unread > 0 && <Count n={unread} words={t('tabs.unread')} />}
      {unsent > 0 && (
        <span class="unsent">
          <Icon name="warning" />
          <span class="unseen">{counted('tabs.unsent', unsent)}</span>
        </span>
      )}
    </span>
  )
}

interface Way {
  label: ComponentChildren
  href?: string | undefined
  onPress?: (() => void) | undefined
  icon?: IconName | undefined
}

interface PlayerFrameProps {
  /** The way out, at the top: Back, Close, or where it leads to. Without it, nothing is behind. */
  out?: Way | undefined
  /** "2 of 6", and the bar. */
  step?: number | undefined
  of?: number | undefined
  /** At the bottom, within reach of a thumb. Skip is as large as Next. */
  back?: Way | undefined
  next?: (Way & { submit?: boolean; notYet?: boolean; even?: boolean }) | undefined
  /** Instead of Back and Next: a composer. */
  end?: ComponentChildren
  /** `end` has more than one row: it then scrolls with the page. */
  stacked?: boolean | undefined
  /** The urge tool is dark. */
  night?: boolean | undefined
  /** More classes for the page: `ask`. */
  layout?: string | undefined
  children: ComponentChildren
}

/** A page that fills the screen: way out and Help above, Back and Next below. */
export function PlayerFrame(props: PlayerFrameProps) {
  const { out, step, of, back, next, end, stacked, night, layout = 'stack', children } = props
  const numbered = step !== undefined && of !== undefined
  return (
    <div class={night ? 'app night' : 'app'} data-scheme={night ? 'dark' : undefined}>
      <header class="bar-top">
        {out ? <Out {...out} /> : <span />}
        {numbered && (
          <span class="soft small" aria-hidden="true">
            {t('shell.step_short', { step, of })}
          </span>
        )}
        <a class="button help" href={href('help')}>
          <Icon name="help" /> {t('tabs.help')}
        </a>
        {numbered && <progress value={step} max={of} aria-label={t('shell.step', { step, of })} />}
      </header>
      <main class={`page ${layout}`} id="main">
        {children}
      </main>
      {(back || next || end !== undefined) && (
        <footer class={stacked ? 'bar-end stack tight' : 'bar-end'}>
          {end}
          {back && next ? (
            <div class="buttons even">
              <Button href={back.href} onPress={back.onPress} icon={back.icon}>
                {back.label}
              </Button>
              <Next {...next} />
            </div>
          ) : (
            next && <Next {...next} wide />
          )}
        </footer>
      )}
    </div>
  )
}

function Out({ label, href, onPress, icon = 'back' }: Way) {
  const inside = (
    <>
      <Icon name={icon} /> <span>{label}</span>
    </>
  )
  if (href !== undefined) {
    return (
      <a class="button out" href={href} onClick={onPress}>
        {inside}
      </a>
    )
  }
  return (
    <button class="button out" type="button" onClick={onPress}>
      {inside}
    </button>
  )
}

function Next({ label, even, ...way }: NonNullable<PlayerFrameProps['next']> & { wide?: boolean }) {
  return (
    <Button kind={even ? undefined : 'main'} {...way}>
      {label}
    </Button>
  )
}

