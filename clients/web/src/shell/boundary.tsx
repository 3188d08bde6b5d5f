import { Component, type ComponentChildren } from 'preact'
import { Button } from '../parts/button.tsx'
import { Title } from '../parts/bars.tsx'
import { t } from '../text/text.ts'
import { href } from './router.ts'

interface Props {
  /** Another page has another chance. */
  place: string
  children: ComponentChildren
}

/** A mistake of ours ends one page, not the app. */
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static override getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: unknown) {
    // The console of this phone only. Nothing is reported: it could hold the person's words.
    console.error(error)
  }

  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.place !== this.props.place) this.setState({ failed: false })
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return <Stopped onAgain={() => this.setState({ failed: false })} />
  }
}

/** What is safe, and two ways on. */
export function Stopped({ onAgain }: { onAgain: () => void }) {
  return (
    <div class="app">
      <header class="head" />
      <main class="page stack" id="main">
        <Title>{t('error.title')}</Title>
        <p>{t('error.body')}</p>
        <div class="buttons even">
          <Button onPress={onAgain}>{t('error.again')}</Button>
          <Button href={href('today')}>{t('error.today')}</Button>
        </div>
      </main>
      <footer class="bar-end">
        <Button kind="help" icon="help" wide href={href('help')}>
          {t('door.numbers')}
        </Button>
      </footer>
    </div>
  )
}
