import { useLayoutEffect, useRef } from 'preact/hooks'

/** Another step of one page: its title takes the focus, as on a new page. */
export function useStep(step: unknown): void {
  const before = useRef(step)
  useLayoutEffect(() => {
    if (before.current === step) return
    before.current = step
    scrollTo(0, 0)
    toTitle()
  }, [step])
}

/** For a button that goes away with what it did: the focus must not go with it. */
export function toTitle(): void {
  document.querySelector('h1')?.focus({ preventScroll: true })
}
