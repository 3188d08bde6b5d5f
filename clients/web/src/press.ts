import { useRef, useState } from 'preact/hooks'

export type Press = (work: () => Promise<unknown>) => Promise<void>

/** What the buttons of a page do, and whether the last of it found no room on this phone. */
export function usePress(): readonly [Press, boolean] {
  const [full, setFull] = useState(false)
  const press = useRef<Press>(undefined)
  press.current ??= oneAtATime(setFull)
  return [press.current, full]
}

/** Two quick taps do one thing: while the first is at work, another is left out. */
export function oneAtATime(onFull: (full: boolean) => void): Press {
  let busy = false
  return async (work) => {
    if (busy) return
    busy = true
    onFull(false)
    try {
      await work()
    } catch (error) {
      if ((error as Error).name !== 'StorageFull') throw error
      onFull(true)
    } finally {
      busy = false
    }
  }
}
