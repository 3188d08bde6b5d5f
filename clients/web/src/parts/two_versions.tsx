import type { ComponentChildren } from 'preact'
import { t } from '../text/text.ts'
import { Button, Buttons } from './button.tsx'

interface Version {
  /** Whose it is, and when: "Yours, 8:20 AM". */
  title: ComponentChildren
  body: ComponentChildren
}

/** The same thing twice: what the person wrote, and what holds now. */
export function TwoVersions({ mine, now }: { mine: Version; now: Version }) {
  return (
    <div class="stack">
      <section class="version mine">
        <h2>{mine.title}</h2>
        {mine.body}
      </section>
      <section class="version">
        <h2>{now.title}</h2>
        {now.body}
      </section>
    </div>
  )
}

interface KeepOneProps {
  onMine: () => void
  onTheirs: () => void
  /** Without it, they cannot be joined. */
  onBoth?: (() => void) | undefined
}

/** None of the ways is the main one: the choice stays free. */
export function KeepOne({ onMine, onTheirs, onBoth }: KeepOneProps) {
  return (
    <>
      <Buttons even>
        <Button onPress={onMine}>{t('both.mine')}</Button>
        <Button onPress={onTheirs}>{t('both.theirs')}</Button>
      </Buttons>
      {onBoth && (
        <Button wide onPress={onBoth}>
          {t('both.join')}
        </Button>
      )}
    </>
  )
}
