// A button that prints the page, because nothing else can.
export function beginPrint() {
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-print]')) print()
  })
}
