/** How the phone reacts to each close code of the live socket. */

/** First `do`. Then connect again after a random time between `low` and `high` seconds or, with
 *  `stayAway`, only when the app is opened again. */
export interface Reaction {
  do: '' | 'refresh' | 'wipe' | 'pull' | 'too_old'
  low: number
  high: number
  stayAway: boolean
}

const PLAIN: Reaction = { do: '', low: 0, high: 0, stayAway: false }

const REACTIONS: Readonly<Record<number, Partial<Reaction>>> = {
  1012: { high: 30 },
  1013: { high: 30 },
  4400: { do: 'pull', low: 30, high: 60 }, // the pull shows whether our client id is unknown
  4401: { do: 'refresh' },
  4403: { do: 'wipe', stayAway: true },
  4406: { stayAway: true },
  4408: {},
  4409: { stayAway: true },
  4410: { do: 'pull' },
  4426: { do: 'too_old', stayAway: true },
  4429: { low: 30, high: 90 },
}

/** What a refused handshake's HTTP status stands for. */
const OF_STATUS: Readonly<Record<number, number>> = {
  401: 4401,
  410: 4410,
  421: 4410,
  426: 4426,
  429: 4429,
  503: 1013,
}

/** Any other end, such as a lost network, is a plain reconnect. */
export function reaction(code: number): Reaction {
  return { ...PLAIN, ...REACTIONS[OF_STATUS[code] ?? code] }
}
