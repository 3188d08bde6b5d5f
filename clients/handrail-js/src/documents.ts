/** The documents and the inputs of actions, from `openapi.json` by way of `schema.ts`. */

import type { Entry } from './core/memory.ts'
import type { Projection } from './core/overlay.ts'
import type { components } from './schema.ts'

/** By kind. */
export type Documents = components['schemas']['Documents']
/** By action. */
export type Inputs = components['schemas']['Inputs']

export type Kind = keyof Documents & string
export type Action = keyof Inputs & string

export type EntryOf<K extends Kind> = Entry<Documents[K]> & { readonly kind: K }

/** What pending acts show, by action. Acts that are not here show in the outbox only. */
export type Overlays = { readonly [A in Action]?: Projection<Inputs[A]> }
