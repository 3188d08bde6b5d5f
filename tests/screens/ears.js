// What a screen reader says by itself, in `heard`: a live region whenever words come into it. One that
// comes together with its words says nothing, since not every screen reader reads it.
(() => {
  const REGION = '[role=status], [role=alert], [aria-live]'
  const known = new WeakSet()
  window.heard = []
  new MutationObserver((records) => {
    const changed = new Set()
    for (const { type, target, addedNodes } of records) {
      if (type === 'childList' && addedNodes.length === 0) continue
      const region = (target instanceof Element ? target : target.parentElement)?.closest(REGION)
      if (region && known.has(region)) changed.add(region)
    }
    for (const region of changed) {
      const words = region.isConnected ? region.innerText.replace(/\s+/g, ' ').trim() : ''
      if (words) window.heard.push(words)
    }
    for (const region of document.querySelectorAll(REGION)) known.add(region)
  }).observe(document, { subtree: true, childList: true, characterData: true })
})()
