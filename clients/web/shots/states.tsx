import type { VNode } from 'preact'
import { SHOTS as FIRST } from './first.tsx'
import { SHOTS as ME } from './me.tsx'
import { SHOTS as PEOPLE } from './people.tsx'
import { SHOTS as SHELL } from './shell.tsx'
import { SHOTS as TODAY } from './today.tsx'
import { SHOTS as TOOLS } from './tools.tsx'

const AREAS = { shell: SHELL, first: FIRST, today: TODAY, tools: TOOLS, people: PEOPLE, me: ME }

/** Every page in each of its states, by the name that `make shots` and the tests open: area/name. */
export const STATES: Readonly<Record<string, () => VNode>> = Object.fromEntries(
  Object.entries(AREAS).flatMap(([area, shots]) => shots.map(({ name, render }) => [`${area}/${name}`, render])),
)
