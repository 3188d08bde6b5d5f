import { useRef, useState } from 'preact/hooks'

export type Press = (work: () => Promise<unknown>) => Promise<void>

/** What the buttons of a page do, and whether the last of it found no room on this phone. */
export function usePress(): readonly [Press, boolean] {
  const [full, setFull] = useState(false)
  const press = useRef<Press>(undefined)
  press.current ??= oneAtATime(setFull)
  return [press.current, full]
}

/** Keep an answer, and go on once it is kept. `full`: the phone had no room for it. */
export function useAnswer(onEnd: () => void) {
  const [press, full] = usePress()
  const answer = (keep: () => Promise<unknown>) =>
    void press(async () => {
      await keep()
      onEnd()
    })
  return { full, answer }
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
