// Forms: each is sent once, however often the network fails, and what was typed stays.
import { signInAgain } from './again.ts'

type Context = { sourceElement: Element; response?: { status: number } }
const contextOf = (event: Event) => (event as CustomEvent<{ ctx: Context }>).detail.ctx
const formOf = (event: Event) => contextOf(event).sourceElement.closest('form')

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
    // The server has decided. What is sent next is something else.
    const key = form.elements.namedItem('key')
    if (key instanceof HTMLInputElement) key.value = crypto.randomUUID()
    // What is done was typed for this once: the page that comes says what stands there now.
    if (response.status < 400) form.reset()
    form.querySelector('.unsent')?.remove()
    if (response.status < 400) form.closest<HTMLElement>('[popover]')?.hidePopover()
  })
  let hadFocus = false
  document.addEventListener('htmx:before:swap', (event) => {
    hadFocus = document.activeElement !== document.body
    // What came of a form stays when the page is drawn again by itself.
    for (const each of document.querySelectorAll('[data-keep]'))
      each.toggleAttribute('hx-morph-skip', !formOf(event))
  })
  document.addEventListener('htmx:after:swap', (event) => {
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
