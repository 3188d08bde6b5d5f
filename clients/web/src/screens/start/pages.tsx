// See areas.ts.
import '../../app.tsx'
import '../../text/first.ts'
import { back, go, href } from '../../shell/router.ts'
import { InvitationPage } from './group_choice.tsx'
import { LockPage } from './lock_page.tsx'
import { NoticePage } from './notice.tsx'

export { Entrance } from './entrance.tsx'
export { FirstDayPage } from './first_day.tsx'
export { InstallPage } from './install_page.tsx'
export { Questions } from './questions.tsx'

export const START = {
  lock: () => <LockPage onEnd={() => back(href('me'))} />,
  promises: () => <NoticePage onEnd={() => go(href('today'))} />,
  invitation: ({ id }: { id: string }) => <InvitationPage id={id} onEnd={() => go(href('today'))} />,
}
