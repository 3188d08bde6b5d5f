import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../text/text.ts'
import { href } from '../shell/router.ts'
import { Button } from './button.tsx'

interface SheetProps {
  title: ComponentChildren
  children: ComponentChildren
  /** By its button, by Escape and by Back on Android. */
  onClose: () => void
  /** The word that closes it: "Cancel", "Not now". */
  close: string
}

/** Asks one thing, at the bottom. Never for a crisis. The browser keeps the focus inside and gives
 *  it back. Help is inside too, since the page behind cannot be reached. */
export function Sheet({ title, children, onClose, close }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id} onClose={onClose}>
      <div class="stack">
        <h2 id={id} tabIndex={-1} autofocus>
          {title}
        </h2>
        {children}
        <div class="stack tight">
          <Button onPress={onClose}>{close}</Button>
          <Button kind="help" icon="help" href={href('help')}>
            {t('tabs.help')}
          </Button>
        </div>
      </div>
    </dialog>
  )
}
