import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../text/text.ts'
import { RailDrawing } from './icons.tsx'

/** Waiting in words. Work on the phone itself shows nothing at all. */
export function Getting({ children }: { children: ComponentChildren }) {
  return (
    <p class="getting" role="status">
      <span>{children}</span>
    </p>
  )
}

/** What has not all come to this phone: on its way, or in want of a connection. */
export function Coming({ offline, children }: { offline: boolean; children: ComponentChildren }) {
  if (!offline) return <Getting>{children}</Getting>
  return (
    <p class="soft" role="status">
      {t('shell.not_all')}
    </p>
  )
}

/** Whether a thing has taken longer than a second: only then is waiting worth a word. */
export function useTakesLong(busy: boolean): boolean {
  const [long, setLong] = useState(false)
  useEffect(() => {
    if (!busy) return
    const timer = setTimeout(() => setLong(true), 1000)
    return () => {
      clearTimeout(timer)
      setLong(false)
    }
  }, [busy])
  return busy && long
}

/** Nothing here, and what brings it. */
export function Empty({ title, children }: { title: ComponentChildren; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <RailDrawing />
      <p>
        <b>{title}</b>
      </p>
      {children}
    </div>
  )
}
