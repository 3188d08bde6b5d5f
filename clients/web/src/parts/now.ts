import { useEffect, useState } from 'preact/hooks'

const OFTEN = 20_000

/** The time, for pages on which something begins or ends while they are looked at. */
export function useNow(read: () => number): number {
  const [now, setNow] = useState(read)
  useEffect(() => {
    const look = () => setNow(read())
    const timer = setInterval(look, OFTEN)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
  return now
}
