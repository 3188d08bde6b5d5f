import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { arriveAt } from './router.ts'

/** What is below the first screen. It comes a moment after that, so that the tap that led here is
 *  answered sooner. A page that opens further down, where it was left, has it at once. */
export function Rest({ children }: { children: ComponentChildren }) {
  const [isThere, come] = useState(() => Boolean(arriveAt))
  // An effect runs once the frame is drawn.
  useEffect(() => come(true), [])
  return isThere ? <>{children}</> : null
}
