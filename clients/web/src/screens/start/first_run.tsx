/** What stands between the door and the pages on the first day. */

import type { ComponentChildren } from 'preact'
import { dayOf } from '../../model/days.ts'
import { cardsOf } from '../../model/first_day.ts'
import { entries, phone } from '../../phone.ts'
import { later } from '../../shell/later.tsx'
import type { RouteName } from '../../shell/router.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import { first } from './first.ts'

const Questions = later(async () => (await import('./pages.tsx')).Questions)
const FirstDayPage = later(async () => (await import('./pages.tsx')).FirstDayPage)

/** These are never kept waiting. */
const OPEN: ReadonlySet<RouteName> = new Set<RouteName>(['urge', 'lock'])

export function FirstRun({ page, children }: { page: RouteName; children: ComponentChildren }) {
  const { done } = first.value
  const cards = page === 'today' ? cardsOf(first.value, entries('notice_acknowledgement'), phone().now(), dayOf) : []
  // The last card goes with its button, and the focus must not.
  useStepFocus(done ? cards.length > 0 : 'questions')
  if (!done && !OPEN.has(page)) return <Questions />
  return cards.length ? <FirstDayPage cards={cards} /> : <>{children}</>
}
