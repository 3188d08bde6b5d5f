// The way in on top of a page, so that what was typed stays below it: when the session has ended, and
// when an act needs a fresh second step.
import htmx from 'htmx.org'

const dialog = (id: string) => document.querySelector<HTMLDialogElement>(`#${id}`)

function open(over: HTMLDialogElement, path: string) {
  over.showModal()
  const load = document.createElement('div')
  load.setAttribute('hx-get', path)
  load.setAttribute('hx-trigger', 'load')
  over.querySelector('[data-way-in]')?.replaceChildren(load)
  htmx.process(load)
}

/** Show the way in. Nothing of the page below can be read or reached meanwhile. */
export function signInAgain() {
  const over = dialog('again')
  if (!over || over.open) return
  dialog('prove')?.close()
  document.body.classList.add('covered')
  open(over, '/sign-in?next=/signed-in')
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

/** What `data-prove` leads to is asked for here, and the notice that it is in then says what is next. */
function proveHere(over: HTMLDialogElement) {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-prove]')
    if (!link || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    open(over, '/confirm?next=/signed-in')
  })
}

function isIn() {
  for (const notice of document.querySelectorAll<HTMLElement>('.notice:has([data-prove])')) notice.hidden = true
  const next = document.querySelector<HTMLElement>('#proved')
  if (!next) return
  next.hidden = false
  next.focus()
}

export function beginAgain() {
  const [again, prove] = [dialog('again'), dialog('prove')]
  if (!again || !prove) return
  // Escape must not uncover the page.
  again.addEventListener('cancel', (event) => event.preventDefault())
  proveHere(prove)
  document.addEventListener('htmx:after:swap', () => {
    if (again.querySelector('[data-signed-in]')) {
      again.querySelector('[data-way-in]')?.replaceChildren()
      again.close()
      document.body.classList.remove('covered')
      document.dispatchEvent(new Event('signed-in'))
    } else if (prove.querySelector('[data-signed-in]')) {
      prove.querySelector('[data-way-in]')?.replaceChildren()
      prove.close()
      isIn()
    }
  })
}
