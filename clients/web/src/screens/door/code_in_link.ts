import { signal } from '@preact/signals'

/** The code in the link that opened the app (`/#code=7QMX-2RTA-9WPF`), or "". */
export const linkedCode = signal(takeCode())

// The link is tapped while the app is open.
addEventListener('hashchange', () => {
  linkedCode.value = takeCode() || linkedCode.value
})

/** A fragment is never sent to a server. It leaves the address at once, so that it is not kept in
 *  the browser's history. */
function takeCode(): string {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code === null) return ''
  history.replaceState(history.state, '', location.pathname + location.search)
  return /^[0-9a-z -]{1,20}$/i.test(code) ? code : ''
}
