import type { ComponentChildren } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { Header, TabBar, type Tab } from '../parts/bars.tsx'
import { marks } from '../phone.ts'
import { Alerts } from '../screens/start/alerts.tsx'
import { moment, t } from '../text/text.ts'
import { Boundary } from './boundary.tsx'
import { Cover, hidden, hiddenMode, hide } from './hide.tsx'
import { LiveRegion } from './live.tsx'
import { now } from './now.ts'
import { arrived, href, type Place, place } from './router.ts'

/** What is around every page: the cover, the way past the bars, what is read out. It renders the
 *  page itself, so that the page stands when `arrived` looks for its title. */
export function Shell({ page, title }: ShellProps) {
  const { name } = place.value
  const shown = title ?? t(`title.${name}`)
  useLayoutEffect(() => {
    // A title with nothing in it would show the address instead.
    document.title = hidden.value ? '\u00a0' : shown
  }, [shown, hidden.value])
  useLayoutEffect(() => {
    if (!hidden.value) arrived()
  }, [place.value, hidden.value])
  if (hidden.value) return <Cover />
  return (
    <>
      <button class="skip unseen" type="button" onClick={toPage}>
        {t('shell.skip')}
      </button>
      <LiveRegion />
      <Boundary place={name}>
        <Current page={page} place={place.value} />
      </Boundary>
    </>
  )
}

/** A component, so that a mistake in finding the page is the boundary's too. */
function Current({ page, place }: Pick<ShellProps, 'page'> & { place: Place }) {
  return <>{page(place)}</>
}

interface ShellProps {
  page: (place: Place) => ComponentChildren
  /** Where something else stands in the page's place: the door. */
  title?: string | undefined
}

function toPage(): void {
  const first = document.querySelector<HTMLElement>('#main h1, #main :is(a, button, input, summary)')
  ;(first ?? document.querySelector('h1'))?.focus()
}

interface TabPageProps {
  tab: Tab
  title: ComponentChildren
  /** Instead of the day and time. */
  above?: ComponentChildren
  children: ComponentChildren
}

/** A page under one of the five tabs. */
export function TabPage({ tab, title, above, children }: TabPageProps) {
  return (
    <div class="app">
      <Header title={title} above={above ?? moment(now.value)} onHide={hide} />
      <main class="page stack" id="main">
        <Alerts tab={tab} />
        {children}
      </main>
      <TabBar current={tab} {...marks.value} onHide={hiddenMode.value ? hide : undefined} />
    </div>
  )
}

interface PlainPageProps {
  /** At the top: the name of the app and the other language. */
  head?: ComponentChildren
  /** Above Help at the bottom: the one way on. */
  end?: ComponentChildren
  children: ComponentChildren
}

/** A page outside the app: the door, and what stands in its place. Help is at the bottom. */
export function PlainPage({ head, end, children }: PlainPageProps) {
  return (
    <div class="app">
      <header class="head">{head}</header>
      <main class="page stack" id="main">
        {children}
      </main>
      <footer class="bar-end">
        {end}
        <Button kind="help" icon="help" wide href={href('help')}>
          {t('door.numbers')}
        </Button>
      </footer>
    </div>
  )
}
