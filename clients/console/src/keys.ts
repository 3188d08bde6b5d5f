// Keys for those who want them: `?` lists them, and everything works without.

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-row]')]

export function beginKeys() {
  let go = false
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const where = event.target as HTMLElement
    if (where.closest('input, textarea, select, [contenteditable], dialog[open]')) return
    const { key } = event
    if (go) {
      go = false
      document.querySelector<HTMLAnchorElement>(`.side a[data-key="${CSS.escape(key)}"]`)?.click()
      return
    }
    if (key === 'g') go = true
    else if (key === '?') document.querySelector<HTMLDialogElement>('#keys')?.showModal()
    else if (key === '/') {
      const search = document.querySelector<HTMLInputElement>('input[type="search"]')
      if (!search) return
      event.preventDefault()
      search.focus()
    } else if (key === 'j' || key === 'k') {
      const all = rows()
      const now = all.indexOf(document.activeElement as HTMLElement)
      const next = key === 'j' ? now + 1 : now < 0 ? all.length - 1 : now - 1
      all[Math.max(0, Math.min(all.length - 1, next))]?.focus()
    }
  })
}
