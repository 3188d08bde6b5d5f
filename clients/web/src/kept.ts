import { PhoneError } from 'handrail'
import { useState } from 'preact/hooks'
import type { Phone } from 'handrail'
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

/** What is only in memory goes with the open phone: a locked app remembers nothing of anyone. */
export function untilClosed<T extends object>(make: () => T): () => T {
  const known = new WeakMap<Phone, T>()
  return () => {
    const found = known.get(phone()) ?? make()
    known.set(phone(), found)
    return found
  }
}
