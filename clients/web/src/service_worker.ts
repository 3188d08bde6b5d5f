/** The service worker: keeps the app's files on the phone, answers page loads from them, and shows
 *  pushes. What goes to the API it never sees. */

import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope
/** The built files; their names have a hash. Written by build.mjs. */
declare const FILES: string[]

// The server replaces this text: the page has no hash in its name.
const page = { url: '/', revision: 'REVISION_OF_THE_PAGE' }
const files = FILES.map((url) => ({ url, revision: null }))
precache([page, ...files])
cleanupOutdatedCaches()

const LICENSES = '/static/webapp/licenses.txt'
const LATER = 'later'

/** Left out of the first visit, to keep it short: the licenses come with the first page that this worker
 *  answers. */
async function keepLicenses(): Promise<void> {
  const later = await caches.open(LATER)
  if (!(await later.match(LICENSES))) await later.add(LICENSES)
}

const answerPage = createHandlerBoundToURL('/')
// What the server answers itself, also when it is opened in a browser's tab.
const others = [/^\/(api|auth|ws|static|healthz|readyz)(\/|$)/, /\./]
// Before the route of the files: that one would look for "/" with the language of the request, which
// the page varies by, and find nothing.
registerRoute(new NavigationRoute((asked) => {
  // Without a network, the next page tries again.
  asked.event.waitUntil(keepLicenses().catch(() => {}))
  return answerPage(asked)
}, { denylist: others }))
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname === LICENSES,
  async ({ request }) => (await caches.match(LICENSES)) ?? fetch(request),
)
// Names that browsers should not ask for in other forms, such as /index.html.
addRoute({ cleanURLs: false, directoryIndex: '' })

// The first visit needs no second one to be kept. A later version waits until nobody uses this one,
// or until its owner asks for it.
self.addEventListener('activate', (event) => event.waitUntil(Promise.all([self.clients.claim(), caches.delete(LATER)])))
self.addEventListener('message', (event) => {
  if (event.data === 'use the newer version') void self.skipWaiting()
})

interface Line {
  title: string
  lang?: string
  tag?: string
}

/** The line of a declarative push (its words are constant), or one that always fits. */
function line(data: PushMessageData | null): Line {
  try {
    const { title, lang, tag } = data?.json().notification
    if (typeof title === 'string' && title) return { title, lang, tag }
  } catch {
    // Whatever came, something has to be shown: browsers end a subscription that shows nothing.
  }
  return { title: 'You have something new', lang: 'en' }
}

self.addEventListener('push', (event) => {
  const { title, ...options } = line(event.data)
  event.waitUntil(Promise.all([self.registration.showNotification(title, options), tellPages()]))
})

async function tellPages() {
  for (const page of await self.clients.matchAll({ type: 'window' })) page.postMessage('pull')
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(show())
})

async function show() {
  const [open] = await self.clients.matchAll({ type: 'window' })
  return open ? open.focus() : self.clients.openWindow('/')
}
