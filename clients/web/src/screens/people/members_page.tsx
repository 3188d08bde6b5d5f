import { connectionWith, isLeaving, pairName } from '../../model/conversations.ts'
import { cardId } from '../../model/ids.ts'
import { blockedCards, isLeading, present } from '../../model/members.ts'
import { entries, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { go, href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import { holdings } from './holdings.ts'
import { Members } from './members.tsx'
import { NoThread } from './thread.tsx'

export function MembersPage({ scope }: { scope: string }) {
  const held = holdings()
  const [press, full] = usePress()
  const group = entries('group', scope)[0]
  const pair = entries('pair', scope)[0]
  if (!group && !pair) return <NoThread />
  const mine = cardId(held.user, scope)
  const blocked = blockedCards(held.blocks)
  const isMember = entries('member_card', scope).find((card) => card.id === mine)?.doc.role === 'member'
  const members = present(entries('member_card', scope)).map((card) => {
    const isPeer = card.id !== mine && !isLeading(card) && isMember
    const connection = connectionWith(card.id, held.connections)
    const isBlocked = blocked.has(card.id)
    const pairId = connection?.doc.pair
    return {
      card,
      isMine: card.id === mine,
      between: isBlocked ? t('members.blocked') : connection?.doc.state === 'asked' ? t('people.asked', { name: card.doc.alias }) : null,
      connectHref: group && isPeer && !isBlocked && !connection ? href('connect', { scope, card: card.id }) : null,
      writeHref: group && pairId ? href('thread', { scope: `pair:${pairId}` }) : null,
      canBlock: isPeer && !isBlocked,
    }
  })
  const connection = pair && held.connections.find(({ doc }) => doc.pair === pair.id && doc.state === 'connected')
  const leaving = isLeaving(scope, held.outbox)
  const leave = async () => {
    if (group) await phone().act('groups.leave', { group: group.id })
    else if (connection) await phone().act('alumni.end_connection', { connection: connection.id })
    go(href('people'))
  }
  return (
    <Members
      name={group ? group.doc.name : pairName(pair!, held)}
      kind={group ? 'group' : 'pair'}
      back={href('thread', { scope })}
      members={members}
      onBlock={(card) => void press(() => phone().act('alumni.block_person', { card: card.id }))}
      onLeave={(group ? isMember && !leaving : connection) ? () => void press(leave) : null}
      full={full}
      leaving={leaving ? t('people.leaving') : null}
    />
  )
}
