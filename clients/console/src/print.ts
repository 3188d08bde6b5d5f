// A button that prints what is on the page.
export function beginPrint() {
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-print]')) window.print()
// A button that prints the page, because nothing else can.
export function beginPrinting() {
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-print]')) print()
  })
}
