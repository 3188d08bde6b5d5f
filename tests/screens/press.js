// Press everything that leads to no other page: in this state of the gallery, each on a fresh page; or,
// without a state, on the page as it is, where a form that is sent would do something. A list of
// sentences, empty where all is well.
async (state) => {
  const faults = []
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))

  async function fresh() {
    if (state) await shown()
    for (const over of document.querySelectorAll('dialog[open]')) over.close()
    for (const over of document.querySelectorAll(':popover-open')) over.hidePopover()
    return window.sight.controls().filter((each) =>
      each.matches('#main *, .bar-end *, .top-bar *, dialog *') && each.matches('button, summary, [type=checkbox], [type=radio]')
        && (state || each.type !== 'submit'),
    )
  }

  async function shown() {
    if (location.hash) {
      const left = new Promise((done) => addEventListener('hashchange', done, { once: true }))
      location.hash = ''
      await left
      await frame()
    }
    delete document.body.dataset.shown
    location.hash = encodeURIComponent(state)
    while (document.body.dataset.shown !== state) await frame()
  }

  const count = (await fresh()).length
  for (let at = 0; at < count; at += 1) {
    const control = (await fresh())[at]
    window.sight.unfold(control)
    control.focus()
    if (document.activeElement !== control) continue
    const { outerHTML } = control
    control.click()
    await frame()
    await frame()
    if (document.activeElement === document.body) faults.push(`loses the focus: ${outerHTML.slice(0, 80)}`)
  }
  return faults
}
