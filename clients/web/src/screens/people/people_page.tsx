import { groupsOf, pairsOf, teamOf } from '../../model/conversations.ts'
import { cardId } from '../../model/ids.ts'
import { entries, isOffline, lacks, phone, status } from '../../phone.ts'
import { openInvitations } from '../../model/promises.ts'
import { hasShared, isOpen } from '../../model/rounds.ts'
import { usePress } from '../../press.ts'
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
  const [press, full] = usePress()
  return (
    <People
      groups={groups}
      pairs={pairsOf(held)}
      team={teamOf(entries('care_team_member'), entries('staff_member'))}
      invitations={openInvitations(entries('group_invitation'))}
      requests={held.connections
        .filter(({ doc }) => doc.state === 'waiting')
        .map((entry) => ({ entry, answering: answering.has(entry.id) }))}
      asked={held.connections.filter(({ doc }) => doc.state === 'asked')}
      rounds={groups.flatMap(({ scope, name, round }) => {
        return isOpen(round) ? [{ scope, name, shared: hasShared(round, lines, cardId(held.user, scope)) }] : []
      })}
      news={entries('inbox_item').length}
      blocked={held.blocks.length}
      hidden={hiddenMode.value}
      asOf={asOf(status.value)}
      getting={lacks()}
      offline={isOffline()}
      full={full}
      onDecline={(connection) => void press(() => phone().act('alumni.decline_connection', { connection }))}
      onTakeBack={(connection) => void press(() => phone().act('alumni.end_connection', { connection }))}
    />
  )
}
