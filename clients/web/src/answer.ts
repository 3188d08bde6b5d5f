import { StorageFull } from 'handrail'
import { useRef, useState } from 'preact/hooks'

/** Keep an answer, and go on once it is kept. A second tap meanwhile is no second answer. `full`: the
 *  phone had no room for it. */
export function useAnswer(onEnd: () => void) {
  const [full, setFull] = useState(false)
  const isBusy = useRef(false)
  async function answer(keep: () => Promise<unknown>): Promise<void> {
    if (isBusy.current) return
    isBusy.current = true
    try {
      await keep()
      onEnd()
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error
      setFull(true)
    } finally {
      isBusy.current = false
    }
  }
  return { full, answer: (keep: () => Promise<unknown>) => void answer(keep) }
}
