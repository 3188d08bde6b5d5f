/** What the benchmark of the phone app measures inside the page. */

window.bench = {
  /** The longest that a tap had to wait for the next frame, in ms; Chromium tells of 16 and more. */
  longest: 16,

  /** When the page was ready, in ms since it was asked for: the first frame that shows `selector`. */
  ready(selector) {
    return new Promise((done) => {
      const look = () => {
        if (!document.querySelector(selector)) return requestAnimationFrame(look)
        requestAnimationFrame(() => setTimeout(() => done(performance.now())))
      }
      look()
    })
  },

  /** How many rows of documents the phone has stored. Their database is the one beside the vault. */
  async stored() {
    const all = await indexedDB.databases()
    const { name } = all.find((each) => each.name !== 'handrail-vault')
    const db = await settled(indexedDB.open(name))
    const count = await settled(db.transaction('document').objectStore('document').count())
    db.close()
    return count
  },

  /** Wait until nothing more is stored, and return `stored`. */
  async settled() {
    let [rows, before] = [0, -1]
    while (rows !== before) {
      before = rows
      await new Promise((done) => setTimeout(done, 3000))
      rows = await this.stored()
    }
    return rows
  },

  /** Wait until the phone has stored this many. Returns the ms since its first pull. */
  async synced(rows) {
    while ((await this.stored()) < rows) await new Promise((done) => setTimeout(done, 20))
    const pulls = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/sync/pull'))
    return performance.now() - pulls[0].startTime
  },
}

function settled(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
  })
}

new PerformanceObserver((list) => {
  for (const { interactionId, duration } of list.getEntries()) {
    if (interactionId) window.bench.longest = Math.max(window.bench.longest, duration)
  }
}).observe({ type: 'event', durationThreshold: 16 })
