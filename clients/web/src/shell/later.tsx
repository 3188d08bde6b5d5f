import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Getting, useTakesLong } from '../parts/waiting.tsx'
import { t, wordsOfLanguage } from '../text/text.ts'
import { PlainPage } from './frame.tsx'

/** A part of the app in a file of its own, which comes when it is needed. The service worker keeps
 *  it, so that it is there without a connection. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<{ Part: ComponentType<Props> } | null>(null)
  let loading: Promise<void> | null = null
  function begin(): void {
    loading ??= Promise.all([load(), wordsOfLanguage()]).then(
      ([Part]) => void (loaded.value = { Part }),
      () => void (loading = null),
    )
  }
  return function Later(props: Props) {
    begin()
    const { Part } = loaded.value ?? {}
    useEffect(() => {
      // The title was not there when the page came.
      if (Part && document.activeElement === document.body) document.querySelector('h1')?.focus({ preventScroll: true })
    }, [Part])
    return Part ? <Part {...props} /> : <ComingPage />
  }
}

/** Waiting for a page of the app itself. Help is there meanwhile. */
export function ComingPage() {
  if (!useTakesLong(true)) return null
  return (
    <PlainPage>
      <Getting>{t('shell.coming')}</Getting>
    </PlainPage>
  )
}
