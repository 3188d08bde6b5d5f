import { signal } from '@preact/signals'

/** Every page has a name, a path, and a title in `text/` that says nothing about anyone. */
export const PATHS = {
  today: '/',
  session: '/session/:scope/:id',
  cant_go: '/session/:scope/:id/cant-go',
  sessions: '/sessions',
  check_in: '/check-in/:date/:slot/:step',
  check_ins: '/check-ins',
  check_in_day: '/check-ins/:date/:slot',
  tools: '/tools',
  urge: '/tools/now',
  reasons: '/tools/reasons',
  attempts: '/tools/mine',
  attempt: '/tools/mine/:attempt',
  exercise: '/tools/:exercise',
  help: '/help',
  overdose: '/help/overdose',
  danger: '/help/danger-signs',
  people: '/people',
  blocked: '/people/blocked',
  news: '/people/news',
  connect: '/people/ask/:scope/:card',
  answer: '/people/answer/:id',
  thread: '/people/:scope',
  members: '/people/:scope/who',
  rules: '/people/:scope/rules',
  round: '/people/:scope/round',
  my_line: '/people/:scope/round/line',
  me: '/me',
  hours: '/me/hours',
  story: '/me/story',
  record: '/me/record',
  correction: '/me/record/ask',
  sharing: '/me/sharing',
  shared: '/me/sharing/:id',
  notices: '/me/notices',
  notice: '/me/notices/:id',
  looked: '/me/looked',
  devices: '/me/devices',
  calls: '/me/calls',
  reminders: '/me/reminders',
  both: '/me/waiting/:uuid',
  display: '/me/display',
  hiding: '/me/hiding',
  data: '/me/data',
  about: '/me/about',
  install: '/install',
  lock: '/me/lock',
  waiting: '/me/waiting',
  promises: '/promises',
  invitation: '/invitations/:id',
} as const

export type RouteName = keyof typeof PATHS
type Names<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
/** `{scope: string}` for `/people/:scope`. */
export type Params<R extends RouteName> = Record<Names<(typeof PATHS)[R]>, string>
export type Place = { [R in RouteName]: { name: R; params: Params<R> } }[RouteName]

/** The page that is shown. */
export const place = signal<Place>(placeOf(location.pathname))

export function href<R extends RouteName>(
  name: R,
  ...params: Names<(typeof PATHS)[R]> extends never ? [] : [Params<R>]
): string {
  const values: Record<string, string> = params[0] ?? {}
  return PATHS[name].replace(/:(\w+)/g, (_, param) => encodeURIComponent(values[param] ?? ''))
}

/** Today, if there is no such page. */
export function placeOf(path: string): Place {
  for (const [name, pattern] of Object.entries(PATHS)) {
    const found = new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`).exec(path)
    if (found) return { name, params: decoded(found.groups ?? {}) } as Place
  }
  return { name: 'today', params: {} }
}

function decoded(groups: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([k, v]) => [k, decodeURIComponent(v)]))
  } catch {
    return groups // a lone % is taken as it is
  }
}

// How many pages of ours came before this one, and how far each was scrolled.
let depth = 0
/** How many of them the browser has dropped: it keeps fifty. */
let dropped = 0
const scrolled = new Map<number, number>()
/** How far down the page that comes will open; null once it stands. */
export let arriveAt: number | null = null
let forgetting = false

export function go(path: string, { replace = false } = {}): void {
  scrolled.set(depth, scrollY)
  if (!replace) depth += 1
  history[replace ? 'replaceState' : 'pushState']({ depth }, '', path)
  countDropped()
  arriveAt = 0
  place.value = placeOf(location.pathname)
}

function countDropped(): void {
  dropped = Math.max(dropped, depth + 1 - history.length)
}

/** To the page before, or to `path` where the app was opened on this one. */
export function back(path: string): void {
  if (depth > dropped) history.back()
  else go(path, { replace: true })
}

/** Forget the way here: neither Back nor Forward leads to what was shown. */
export function forget(): void {
  scrolled.clear()
  arriveAt = 0
  place.value = placeOf(PATHS.today)
  const behind = depth - dropped
  forgetting = behind > 0
  if (forgetting) history.go(-behind) // ends in a popstate event
  else startAgain()
}

function startAgain(): void {
  forgetting = false
  depth = dropped = 0
  history.replaceState({ depth }, '', PATHS.today)
  history.pushState({ depth }, '', PATHS.today) // cuts off what lay ahead
}

/** The shell calls this once a new page stands. */
export function arrived(): void {
  if (arriveAt === null) return
  document.querySelector('h1')?.focus({ preventScroll: true })
  scrollTo(0, arriveAt)
  arriveAt = null
}

export function startRouter(): void {
  history.scrollRestoration = 'manual'
  depth = history.state?.depth ?? 0
  history.replaceState({ depth }, '')
  countDropped()
  addEventListener('popstate', (event) => {
    if (forgetting) return startAgain()
    scrolled.set(depth, scrollY)
    depth = event.state?.depth ?? 0
    arriveAt = scrolled.get(depth) ?? 0
    place.value = placeOf(location.pathname)
  })
  addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const ours = link && link.origin === location.origin && !link.target && !link.download
    if (!ours || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (link.pathname !== location.pathname) go(link.pathname)
    else scrollTo(0, 0)
  })
}
