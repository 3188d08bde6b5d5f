import '../../text/tools.ts'
import type { PagesOf } from '../../pages.tsx'
import { AttemptPage } from './attempt.tsx'
import { AttemptsPage } from './attempts.tsx'
import { PlayerPage } from './player_page.tsx'
import { ReasonsPage } from './reasons.tsx'
import { ToolsPage } from './tools_page.tsx'
import { UrgePage } from './urge_page.tsx'

export const TOOLS: PagesOf<'tools' | 'urge' | 'reasons' | 'attempts' | 'attempt' | 'exercise'> = {
  tools: () => <ToolsPage />,
  urge: () => <UrgePage />,
  reasons: () => <ReasonsPage />,
  attempts: () => <AttemptsPage />,
  attempt: ({ attempt }) => <AttemptPage key={attempt} id={attempt} />,
  exercise: ({ exercise }) => <PlayerPage key={exercise} id={exercise} />,
}
