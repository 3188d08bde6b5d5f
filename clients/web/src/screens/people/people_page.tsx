import { groupsOf, pairsOf, teamOf } from '../../model/conversations.ts'
import { cardId } from '../../model/ids.ts'
import { entries, phone, status } from '../../phone.ts'
import { hiddenMode } from '../../shell/hide.tsx'
import { holdings } from './holdings.ts'
import { People } from './people.tsx'
import { asOf } from './words.ts'

export function PeoplePage() {
  const held = holdings()
  const groups = groupsOf(held)
  const answering = new Set(
    held.outbox.filter(({ action }) => action === 'alumni.accept_connection').map(({ args }) => args.connection),
  )
  const lines = entries('round_line')
  const joining = new Set(held.outbox.filter(({ action }) => action === 'groups.join').map(({ args }) => args.invitation))
  return (
    <People
      groups={groups}
      pairs={pairsOf(held)}
      team={teamOf(entries('care_team_member'), entries('staff_member'))}
      invitations={entries('group_invitation').filter(({ id, doc }) => doc.state === 'open' && !joining.has(id))}
      requests={held.connections
        .filter(({ doc }) => doc.state === 'waiting')
        .map((entry) => ({ entry, answering: answering.has(entry.id) }))}
      asked={held.connections.filter(({ doc }) => doc.state === 'asked')}
      rounds={groups.flatMap(({ scope, name, round }) => {
        if (!round || round.doc.closed_at !== null) return []
        const mine = cardId(held.user, scope)
        return [{ scope, name, shared: lines.some(({ doc }) => doc.round === round.id && doc.author === mine) }]
      })}
      news={entries('inbox_item').length}
      blocked={held.blocks.length}
      hidden={hiddenMode.value}
      asOf={asOf(status.value)}
      onDecline={(connection) => void phone().act('alumni.decline_connection', { connection })}
      onTakeBack={(connection) => void phone().act('alumni.end_connection', { connection })}
    />
  )
}
