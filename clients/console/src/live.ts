// One socket that says only which lists have changed. Without it, the page asks every 30 seconds.
import { hasEnded, signInAgain } from './again.ts'

const POLL = 30_000
const WAIT = 250
const LONGEST = 60_000
const PATIENCE = 3000
const REAUTHENTICATE = 4401

export function beginLive() {
  const address = document.querySelector<HTMLMetaElement>('meta[name="live"]')?.content
  const page = () => document.querySelector<HTMLElement>('#main[data-lists]')
  if (!address || !page()) return
  let socket: WebSocket | undefined
  let failures = 0
  let poll: ReturnType<typeof setInterval> | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined

  const changed = () => {
    clearTimeout(waiting)
    // Several changes in a row are one.
    waiting = setTimeout(() => page()?.dispatchEvent(new Event('changed')), WAIT)
  }
  const concerns = (lists: string[]) => {
    const mine = (page()?.dataset['lists'] ?? '').split(' ')
    return lists.some((list) => list === 'all' || mine.includes(list) || mine.includes(list.split(':')[0] ?? ''))
  }
  const say = (on: boolean) => {
    for (const sign of document.querySelectorAll<HTMLElement>('.live')) {
      sign.dataset['state'] = on ? 'on' : 'off'
      sign.textContent = (on ? sign.dataset['on'] : sign.dataset['off']) ?? ''
    }
  }
  const off = async ({ code }: CloseEvent) => {
    if (code === REAUTHENTICATE && (await hasEnded())) return signInAgain()
    // A socket that comes back at once is not worth a word.
    silence ??= setTimeout(say, PATIENCE, false)
    poll ??= setInterval(changed, POLL)
    const wait = Math.min(LONGEST, 1000 * 2 ** failures++) * (0.5 + Math.random() / 2)
    setTimeout(connect, wait)
  }
  const connect = () => {
    socket = new WebSocket(address, 'handrail.desk.v1')
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data as string) as { t: string; lists?: string[] }
      if (said.t === 'hello') {
        failures = 0
        clearInterval(poll)
        clearTimeout(silence)
        poll = silence = undefined
        say(true)
        // What happened before the socket stood.
        changed()
      } else if (said.lists && concerns(said.lists)) changed()
    }
    socket.onclose = off
  }
  // A morph must not bring back what the server drew: the sign says how it is now.
  document.addEventListener('htmx:after:swap', () => say(socket?.readyState === WebSocket.OPEN))
  document.addEventListener('signed-in', connect)
  connect()
}
