// What another person will read, shown while it is typed. `data-echo` names the field, `data-words`
// is the sentence in which its value stands, and `data-otherwise` is shown while there is none.

const inWords = (input: HTMLInputElement | HTMLTextAreaElement) => {
  const { value, type } = input
  if (type !== 'date' || !value) return value.trim()
  const day: Intl.DateTimeFormatOptions = { weekday: 'long', month: 'long', day: 'numeric', timeZone: 'UTC' }
  return new Date(value).toLocaleDateString(document.documentElement.lang, day)
}

function show() {
  for (const place of document.querySelectorAll<HTMLElement>('[data-echo]')) {
    const field = document.querySelector(`[name="${place.dataset['echo'] ?? ''}"]`)
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue
    const value = inWords(field)
    const words = place.dataset['words'] ?? '{value}'
    place.textContent = value ? words.replace('{value}', () => value) : (place.dataset['otherwise'] ?? '')
  }
}

export function beginEcho() {
  document.addEventListener('input', show)
  document.addEventListener('htmx:after:swap', show)
  show()
}
