import { useEffect, useRef } from 'preact/hooks'

/** Pages that follow each other under one path: the title takes the focus, as after a link.
 *  Null: the next page is not there yet. */
export function useStepFocus(step: unknown): void {
  const before = useRef(step)
  useEffect(() => {
    if (step === null || before.current === step) return
    before.current = step
    document.querySelector('h1')?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [step])
}
