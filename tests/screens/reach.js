// What a keyboard meets on a page. A list of sentences, empty where all is well.
() => {
  const faults = []
  const { colours, contrast, ground, controls, boxOf, unfold, inReach } = window.sight
  // What lies on top of everything is not cut off by what it is in.
  const TOP = 'dialog[open], :popover-open'
  const bars = window.sight.bars().filter(inReach)

  /** How high the part of the control is that a bar covers, or that is not on the screen. */
  function hiddenPart(control, { top, bottom, left, right }) {
    const x = (left + right) / 2
    const covered = bars.map((bar) => {
      const over = bar.getBoundingClientRect()
      const [from, to] = [Math.max(top, over.top), Math.min(bottom, over.bottom)]
      const isOver = from < to && !bar.contains(control) && bar.contains(document.elementFromPoint(x, (from + to) / 2))
      return isOver ? to - from : 0
    })
    return Math.max(...covered, -top, bottom - innerHeight, 0)
  }

  for (const control of controls().filter((each) => !each.matches(':disabled') && inReach(each))) {
    const report = (words) => faults.push(`${words}: ${control.outerHTML.slice(0, 80)}`)
    unfold(control)
    control.focus()
    if (document.activeElement !== control) report('takes no focus')
    const box = boxOf(control)
    const style = getComputedStyle(box)
    const { top, bottom, left, right, height } = box.getBoundingClientRect()
    const offset = parseFloat(style.outlineOffset)
    const width = style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)

    if (!control.matches(':focus-visible') || width < 2) report('shows no focus')
    else if (contrast(colours(style.outlineColor), ground(offset < 0 ? box : box.parentElement)) < 3) report('shows its focus faintly')
    for (let outer = box.parentElement; outer && outer !== document.body && !outer.matches(TOP); outer = outer.parentElement) {
      if (getComputedStyle(outer).overflowX === 'visible') continue
      const cut = outer.getBoundingClientRect()
      const sides = [cut.left - left, cut.top - top, right - cut.right, bottom - cut.bottom]
      if (sides.some((by) => by + offset + width > 0.5)) report('has the line around it cut off')
    }

    const part = hiddenPart(control, { top, bottom, left, right })
    // Of what is higher than most of the screen, enough must be seen; of a text, the line that is written.
    if (part > 1 && height - part < (control.matches('textarea') ? 44 : 100)) report(`is under a bar with ${Math.round(part)} of ${Math.round(height)}`)
  }
  document.activeElement.blur()
  unfold(null)
  return faults
}
