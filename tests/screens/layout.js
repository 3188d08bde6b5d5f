// What axe does not see on a page. A list of sentences, empty where all is well.
() => {
  const found = []
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) found.push(`scrolls sideways by ${scrollWidth - clientWidth}`)
  if (document.querySelectorAll('h1').length !== 1) found.push('has not one title')

  // Of an answer, the label is what a thumb must hit. Links inside a sentence are left out.
  for (const control of document.querySelectorAll('a, button, input, select, summary, textarea')) {
    const answer = control.matches('.choice input, .pick input, .switch')
    const { width, height } = (answer ? control.closest('label') : control).getBoundingClientRect()
    if (!width || control.matches('.skip') || control.closest('p')) continue
    if (width < 44 || height < 44) found.push(`is too small: ${control.outerHTML.slice(0, 80)}`)
  }

  const stuck = window.sight.bars().reduce((sum, bar) => sum + bar.getBoundingClientRect().height, 0)
  if (stuck > innerHeight / 4) found.push(`has bars of ${Math.round(stuck)} of ${innerHeight}`)

  const moving = document.getAnimations().filter(({ playState }) => playState === 'running')
  if (moving.length) found.push('moves although less motion is wanted')
  return found
}
