import '../../text/check_in.ts'
import { CheckInPage } from './check_in_page.tsx'
import { CheckInDayPage, CheckInsPage } from './check_ins_page.tsx'
import { CantGoPage, SessionPage, SessionsPage } from './session_page.tsx'

export const TODAY = {
  session: (params: { scope: string; id: string }) => <SessionPage {...params} />,
  cant_go: (params: { scope: string; id: string }) => <CantGoPage {...params} />,
  sessions: () => <SessionsPage />,
  check_in: (params: { date: string; slot: string; step: string }) => <CheckInPage {...params} />,
  check_ins: () => <CheckInsPage />,
  check_in_day: (params: { date: string; slot: string }) => <CheckInDayPage {...params} />,
}
