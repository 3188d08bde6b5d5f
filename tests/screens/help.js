// Whether Help is in reach of a thumb wherever a page of the phone app is scrolled to. A list of sentences.
() => {
  const faults = []
  if (!document.querySelector('.help, .cover')) faults.push('is without Help')
  const helps = [...document.querySelectorAll('.help:is(a, button)')].filter(window.sight.inReach)
  for (let down = 0; !document.querySelector('.cover'); down += innerHeight / 2) {
    scrollTo(0, down)
    const isHit = helps.some((help) => {
      const { x, y, width, height } = help.getBoundingClientRect()
      return help.contains(document.elementFromPoint(x + width / 2, y + height / 2))
    })
    if (!isHit) faults.push(`has no Help at ${Math.round(scrollY)}`)
    if (down >= document.documentElement.scrollHeight - innerHeight) break
  }
  scrollTo(0, 0)
  return faults
}
