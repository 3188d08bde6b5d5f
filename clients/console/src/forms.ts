// Forms: each is sent once, however often the network fails, and what was typed stays.
import { signInAgain } from './again.ts'

type Context = { sourceElement: Element; response?: { status: number } }
const contextOf = (event: Event) => (event as CustomEvent<{ ctx: Context }>).detail.ctx
const formOf = (event: Event) => contextOf(event).sourceElement.closest('form')

/** Forms whose refusal is shown. The server drew what was typed into them, and would draw it without. */
const refused = new Set<HTMLFormElement>()

/** What stands in these forms but for `sent`; returns how to put it back. */
function typedIn(sent: HTMLFormElement | null) {
  const values = [...refused]
    .filter((form) => form !== sent)
    .flatMap((form) => [...form.elements])
    .filter((each): each is HTMLInputElement => 'value' in each && !(each instanceof HTMLButtonElement) && each.getAttribute('type') !== 'hidden')
    .map((each) => [each, each.value, each.checked] as const)
  return () => {
    for (const [each, value, checked] of values) {
      if (each.value !== value) each.value = value
      if (each.checked !== checked) each.checked = checked
    }
  }
}

export function beginForms() {
  document.addEventListener('htmx:before:response', (event) => {
    const { response } = contextOf(event)
    // Something in between has answered, or the session is over: the page stays as it is.
    if (!response || response.status === 401) {
      event.preventDefault()
      signInAgain()
    }
  })
  document.addEventListener('htmx:after:request', (event) => {
    const { response } = contextOf(event)
    const form = formOf(event)
    if (!response || response.status >= 500 || !form) return
    if (response.status >= 400) refused.add(form)
    else refused.delete(form)
    // The server has decided. What is sent next is something else.
    const key = form.elements.namedItem('key')
    if (key instanceof HTMLInputElement) key.value = crypto.randomUUID()
    // What is done was typed for this once: the page that comes says what stands there now.
    if (response.status < 400) form.reset()
    form.querySelector('.unsent')?.remove()
    if (response.status < 400) form.closest<HTMLElement>('[popover]')?.hidePopover()
  })
  let hadFocus = false
  let putBack = () => {}
  document.addEventListener('htmx:before:swap', (event) => {
    hadFocus = document.activeElement !== document.body
    // What came of a form stays when the page is drawn again by itself.
    for (const each of document.querySelectorAll('[data-keep]'))
      each.toggleAttribute('hx-morph-skip', !formOf(event))
    putBack = typedIn(formOf(event))
  })
  document.addEventListener('htmx:after:swap', (event) => {
    putBack()
    if (formOf(event) && !document.querySelector('#main :popover-open'))
      document.querySelector<HTMLElement>('[data-focus]')?.focus()
    // What had it is no longer there: go on from the top of the page, not of the window.
    if (hadFocus && document.activeElement === document.body) document.querySelector<HTMLElement>('#main')?.focus()
  })
  for (const failure of ['htmx:error', 'htmx:response:error'])
    document.addEventListener(failure, (event) => {
      const context = contextOf(event)
      const form = formOf(event)
      if (!form || (context.response && context.response.status < 500)) return
      const said = form.querySelector('.unsent') ?? form.appendChild(document.createElement('p'))
      said.className = 'unsent notice'
      said.setAttribute('role', 'status')
      said.setAttribute('data-kind', 'wait')
      said.textContent = document.body.dataset['unsent'] ?? ''
    })
}
