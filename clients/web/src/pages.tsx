/** The pages behind the door. Today is there at once; the others come a moment later, so that
 *  the first page need not wait for them. The service worker keeps them all. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { TodayPage } from './screens/today/today_page.tsx'
import { ComingPage } from './shell/later.tsx'
import type { Params, RouteName } from './shell/router.ts'
import { wordsOfLanguage } from './text/text.ts'

/** What is always there, or stands before the door. */
type Elsewhere = 'help' | 'overdose' | 'danger' | 'install'
type Behind = Exclude<RouteName, Elsewhere>

export type PagesOf<R extends RouteName> = { [Name in R]: (params: Params<Name>) => ComponentChildren }

const NOW = { today: () => <TodayPage /> }
const LATER = {
  areas: async () => (await import('./screens/areas.ts')).AREAS,
  start: async () => (await import('./screens/start/pages.tsx')).START,
}
type Later = Awaited<ReturnType<(typeof LATER)[keyof typeof LATER]>>
type Pages = Partial<Record<RouteName, (params: never) => ComponentChildren>>

// A path that no area has is a type error here.
const everyPathHasItsPage: Exclude<Behind, keyof typeof NOW | AllKeys<Later>> extends never ? true : false = true
type AllKeys<T> = T extends unknown ? keyof T : never
void everyPathHasItsPage

const pages = signal<Pages>(NOW)
let loading: Promise<void> | null = null

/** Get the other areas. */
export function loadPages(): Promise<void> {
  loading ??= Promise.all([wordsOfLanguage(), ...Object.values(LATER).map((load) => load())]).then(
    ([, ...areas]) => void (pages.value = Object.assign({}, NOW, ...areas)),
    () => void (loading = null),
  )
  return loading
}

/** The page of a route. */
export function Page({ name, params }: { name: Behind; params: Record<string, string> }) {
  const page = pages.value[name] as ((params: Record<string, string>) => ComponentChildren) | undefined
  useEffect(() => void loadPages(), [name])
  return page ? <>{page(params)}</> : <ComingPage />
}
