// The way in on top of a page whose session has ended: what was typed stays below it.
import htmx from 'htmx.org'

const dialog = () => document.querySelector<HTMLDialogElement>('#again')

/** Show the way in. Nothing of the page below can be read or reached meanwhile. */
export function signInAgain() {
  const over = dialog()
  if (!over || over.open) return
  document.body.classList.add('covered')
  over.showModal()
  const load = document.createElement('div')
  load.setAttribute('hx-get', '/sign-in?next=/signed-in')
  load.setAttribute('hx-trigger', 'load')
  over.querySelector('#way-in')?.replaceChildren(load)
  htmx.process(load)
}

/** Ask whether the session is over. `byItself`: nobody has done anything, so it lives no longer for it. */
export async function hasEnded(byItself = true) {
  const headers = { 'X-CSRFToken': document.body.dataset['csrf'] ?? '', 'HX-Request': 'true' }
  try {
    const answer = await fetch('/here', { method: 'POST', headers: byItself ? { ...headers, 'Handrail-By-Itself': 'true' } : headers })
    return answer.status === 401
  } catch {
    return false
  }
}

export function beginAgain() {
  const over = dialog()
  if (!over) return
  // Escape must not uncover the page.
  over.addEventListener('cancel', (event) => event.preventDefault())
  document.addEventListener('htmx:after:swap', () => {
    if (!over.querySelector('[data-signed-in]')) return
    over.close()
    document.body.classList.remove('covered')
    document.dispatchEvent(new Event('signed-in'))
  })
}
