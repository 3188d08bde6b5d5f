// A button that prints what is on the page.
export function beginPrint() {
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-print]')) window.print()
  })
}
