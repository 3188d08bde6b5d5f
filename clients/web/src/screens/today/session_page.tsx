import { type Session, coming } from '../../model/sessions.ts'
import { useNow } from '../../parts/now.ts'
import { entries, status } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import * as here from './here.ts'
import { CantGo, SessionDetails, SessionGone, Sessions } from './session.tsx'

const MOST = 30
const OTHERS = 4

interface Params {
  scope: string
  id: string
}

export function SessionPage(params: Params) {
  const now = useNow(here.now)
  const session = find(params)
  if (!session) return <SessionGone />
  const onHere = () => here.reportArrival(session)
  const full = status.value?.storageFull ?? false
  return <SessionDetails session={session} now={now} asOf={here.asOf()} full={full} onHere={onHere} {...here.arrival(session, now)} />
}

export function CantGoPage(params: Params) {
  const now = useNow(here.now)
  const session = find(params)
  if (!session) return <SessionGone />
  const group = entries('group', params.scope)[0]
  return (
    <CantGo
      session={session}
      now={now}
      team={here.team(now)}
      group={group ? { name: group.doc.name, href: href('thread', { scope: group.scope }) } : null}
      others={coming(here.sessions(), now)
        .filter((other) => other.id !== session.id && !other.cancelled)
        .slice(0, OTHERS)}
    />
  )
}

export function SessionsPage() {
  const now = useNow(here.now)
  return <Sessions sessions={coming(here.sessions(), now).slice(0, MOST)} now={now} asOf={here.asOf()} />
}

function find({ scope, id }: Params): Session | undefined {
  return here.sessions().find((session) => session.scope === scope && session.id === id)
}
