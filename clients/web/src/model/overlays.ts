/** What an act shows before the server has confirmed it, by action. One file an area. */

import type { Overlays } from 'handrail'
import { ME_OVERLAYS } from './me_overlays.ts'
import { PEOPLE_OVERLAYS } from './people_overlays.ts'
import { FIRST_OVERLAYS } from './promises.ts'
import { TODAY_OVERLAYS } from './today_overlays.ts'
import { TOOLS_OVERLAYS } from './tools_overlays.ts'

export const OVERLAYS: Overlays = { ...FIRST_OVERLAYS, ...ME_OVERLAYS, ...PEOPLE_OVERLAYS, ...TODAY_OVERLAYS, ...TOOLS_OVERLAYS }
