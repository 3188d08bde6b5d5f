/** The page's side of service_worker.ts. */

/** Keep the app on this phone. `newer` is called when a newer version waits, `pull` at a push. */
export async function keepOffline(newer: () => void, pull: () => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', (event) => {
    if (event.data === 'pull') pull()
  })
  const registration = await navigator.serviceWorker.register(workerUrl(), { updateViaCache: 'none' })
  const look = () => {
    if (registration.waiting && navigator.serviceWorker.controller) newer()
  }
  look()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
}

/** Load the version that waits. Save what is being written first: the page starts again. */
export async function useNewer(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration()
  // The server may have a newer one than this page has heard of.
  if (!registration?.waiting) await registration?.update().catch(() => {})
  const coming = registration?.installing
  if (coming) await new Promise((done) => (coming.onstatechange = done))
  if (!registration?.waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  registration.waiting.postMessage('use the newer version')
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
    createScriptURL(url: string): string
  }
}

/** Where trusted types are enforced, a worker's address needs the one policy that the server allows. */
function workerUrl(): string {
  const url = '/sw.js'
  const policies = (window as { trustedTypes?: Policies }).trustedTypes
  return policies?.createPolicy('handrail-sw', { createScriptURL: () => url }).createScriptURL(url) ?? url
}
