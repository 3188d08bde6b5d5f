import { PhoneError, StorageFull } from 'handrail'
import { useRef, useState } from 'preact/hooks'
import { phone } from './phone.ts'

/** For what takes one tap and holds no words. What is wrong with this phone, such as that it is full, its status says. */
export function tryTo(keep: Promise<unknown>): void {
  keep.catch((error) => {
    if (!(error instanceof PhoneError)) throw error
  })
}

/** A state that outlives the app: what is typed is kept on this phone at every change. Null is
 *  forgotten there, while the page goes on showing what it shows. A full phone keeps nothing more,
 *  which its status says. */
export function useKept<T>(name: string, start: () => T): readonly [T, (next: T | null) => void] {
  const [value, set] = useState(() => phone().kept<T>(name) ?? start())
  function keep(next: T | null): void {
    if (next !== null) set(next)
    phone()
      .keep(name, next)
      .catch(() => {})
  }
  return [value, keep]
}

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
