import type { PagesOf } from '../../pages.tsx'
import '../../text/people.ts'
import '../../text/me.ts'
import { AnswerPage, ConnectPage } from './connect.tsx'
import { MembersPage } from './members_page.tsx'
import { PeoplePage } from './people_page.tsx'
import { MyLinePage, RoundPage } from './round_page.tsx'
import { BlockedPage, NewsPage, RulesPage } from './small_pages.tsx'
import { ThreadPage } from './thread_page.tsx'

type Routes =
  | 'people' | 'thread' | 'members' | 'rules' | 'round' | 'my_line' | 'connect' | 'answer' | 'blocked' | 'news'

export const PEOPLE: PagesOf<Routes> = {
  people: () => <PeoplePage />,
  thread: ({ scope }) => <ThreadPage scope={scope} />,
  members: ({ scope }) => <MembersPage scope={scope} />,
  rules: ({ scope }) => <RulesPage scope={scope} />,
  round: ({ scope }) => <RoundPage scope={scope} />,
  my_line: ({ scope }) => <MyLinePage scope={scope} />,
  connect: ({ scope, card }) => <ConnectPage key={card} scope={scope} card={card} />,
  answer: ({ id }) => <AnswerPage key={id} id={id} />,
  blocked: () => <BlockedPage />,
  news: () => <NewsPage />,
}
