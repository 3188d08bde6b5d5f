// Controls without an edge, where a person has chosen all colours. A list of sentences.
() => {
  const { colours, contrast, ground, controls, boxOf, unfold } = window.sight
  const OPPOSITE = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' }

  function hasLine(element, side) {
    const style = getComputedStyle(element)
    const [kind, width, colour] = ['style', 'width', 'color'].map((what) => style.getPropertyValue(`border-${side}-${what}`))
    return kind !== 'none' && parseFloat(width) >= 1 && contrast(colours(colour), ground(element.parentElement)) >= 3
  }

  /** Its own, or in a list that of the list, of the next row or of the head. */
  function isBounded(box, side) {
    if (hasLine(box, side)) return true
    const at = box.getBoundingClientRect()[side]
    const row = box.closest('li, .card > *')
    const next = side === 'top' ? row?.parentElement.previousElementSibling : row?.nextElementSibling
    const lines = [[row, side], [row?.closest('.card'), side], [next, OPPOSITE[side]]]
    return lines.some(([other, edge]) => other && Math.abs(other.getBoundingClientRect()[edge] - at) <= 2 && hasLine(other, edge))
  }

  function hasEdge(control) {
    const style = getComputedStyle(control)
    if (control.matches('[type=checkbox], [type=radio]') && style.appearance !== 'none' && style.opacity !== '0') return true
    const words = [control, ...control.querySelectorAll('*')]
    if (words.some((each) => getComputedStyle(each).textDecorationLine.includes('underline'))) return true
    return Object.keys(OPPOSITE).every((side) => isBounded(boxOf(control), side))
  }

  const faults = []
  for (const control of controls()) {
    unfold(control)
    if (!hasEdge(control)) faults.push(`has no edge: ${control.outerHTML.slice(0, 80)}`)
  }
  unfold(null)
  return faults
}
