// What the other scripts need: `sight`.
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const known = new Map()

  /** [red, green, blue, alpha], each from 0 to 1. */
  function colours(css) {
    if (!known.has(css)) {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = css
      canvas.fillRect(0, 0, 1, 1)
      known.set(css, [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255))
    }
    return known.get(css)
  }

  const over = ([r, g, b, a], below) => [r, g, b].map((value, at) => value * a + below[at] * (1 - a)).concat(1)

  /** What is painted behind the words of an element. */
  function ground(element) {
    if (!element) return colours('Canvas')
    const own = colours(getComputedStyle(element).backgroundColor)
    return own[3] === 1 ? own : over(own, ground(element.parentElement))
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  /** As WCAG computes it. */
  function contrast(colour, below) {
    const [dark, light] = [luminance(over(colour, below)), luminance(below)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }

  const BARS = '.bar-top, .bar-end, .tabs, .help, .urge-spot, .top-bar, .side'

  /** What stays where it is while the page moves. A column beside the page is no bar. */
  function bars() {
    return [...document.querySelectorAll(BARS)].filter((bar) =>
      ['sticky', 'fixed'].includes(getComputedStyle(bar).position) && bar.getBoundingClientRect().height < innerHeight)
  }

  /** Not below a sheet that is open. */
  function inReach(element) {
    const sheet = document.querySelector('dialog[open], .ask:popover-open, .side:popover-open')
    return !sheet || sheet.contains(element)
  }

  const folds = () => [...document.querySelectorAll('details')]

  /** Open what this control is in, and close the rest: what is open may lie over it. */
  function unfold(control) {
    for (const fold of folds()) if (fold.open !== fold.contains(control)) fold.open = !fold.open
  }

  /** Those that can be shown. The way past the bars is seen while it has the focus. */
  function controls() {
    for (const fold of folds()) fold.open = true
    const all = [...document.querySelectorAll('a, button, input, select, summary, textarea')]
    return all.filter((each) => each.matches('.skip') || (each.checkVisibility() && !each.closest('.unseen')))
  }

  /** Of an answer, the label looks like the control. */
  const boxOf = (control) => (control.matches('.choice input, .pick input') ? control.closest('label') : control)

  window.sight = { colours, contrast, ground, bars, controls, boxOf, inReach, unfold }
})()
