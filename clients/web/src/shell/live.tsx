import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const said = signal({ words: '', times: 0 })

/** Have screen readers say what has just changed, once. Nothing takes back what was said before. */
export function announce(words: string): void {
  said.value = { words, times: said.value.times + 1 }
}

/** Say this once it is there: a page shows what has just happened. */
export function useAnnounce(words: string | null): void {
  useEffect(() => {
    if (words) announce(words)
  }, [words])
}

/** A new paragraph each time: the same words twice are read out twice. */
export function LiveRegion() {
  return (
    <div role="status" class="unseen">
      <p key={said.value.times}>{said.value.words}</p>
    </div>
  )
}
