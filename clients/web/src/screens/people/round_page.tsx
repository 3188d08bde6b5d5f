import { useState } from 'preact/hooks'
import { StorageFull, type EntryOf } from 'handrail'
import { cardId } from '../../model/ids.ts'
import { isLeading, others } from '../../model/members.ts'
import { currentRound, lineFromCheckIn, LINE_KINDS, refusedLines, turns, type LineKind } from '../../model/rounds.ts'
import { entries, phone, status } from '../../phone.ts'
import { announce } from '../../shell/live.tsx'
import { back, go, href } from '../../shell/router.ts'
import { t, type Key } from '../../text/text.ts'
import { holdings } from './holdings.ts'
import { MyLine, type Lines } from './my_line.tsx'
import { Round } from './round.tsx'
import { NoThread } from './thread.tsx'
import { asOf, audience } from './words.ts'

/** Lines that wait for a round are drafts of this phone. So is a pass: others only see no line. */
const draftOf = (scope: string) => `line/${scope}`
const passOf = (round: string) => `pass/${round}`

export function RoundPage({ scope }: { scope: string }) {
  const held = holdings()
  const group = entries('group', scope)[0]
  if (!group) return <NoThread />
  const { round, all, leaders, mine } = roundOf(scope, held.user)
  const { lines, fromCheckIn } = readyLines(scope, round)
  const text = LINE_KINDS.map((kind) => lines[kind]?.trim()).find(Boolean)
  const thread = href('thread', { scope })
  const doc = round?.doc
  return (
    <Round
      group={group.doc.name}
      back={thread}
      lineHref={href('my_line', { scope })}
      round={
        doc
          ? {
              on: doc.on_date,
              topic: doc.topic,
              opened: Date.parse(doc.opened_at),
              closed: doc.closed_at === null ? null : Date.parse(doc.closed_at),
            }
          : null
      }
      turns={all}
      cards={entries('member_card', scope)}
      leaders={leaders}
      ready={text ? { text, fromCheckIn } : null}
      passed={round !== null && phone().kept(passOf(round.id)) === true}
      offline={status.value?.network === 'offline'}
      asOf={asOf(status.value)}
      loading={held.loading.includes(scope)}
      refused={round ? refusedLines(round, held.notSent) : []}
      onPass={() => round && void phone().keep(passOf(round.id), true)}
      onShare={() => round && void share(scope, round, lines, mine?.lines ?? {})}
      onSupport={(line, word) => void phone().act('groups.support_line', { id: phone().newId(), line, word, text: '' })}
      onCopy={(act) => void navigator.clipboard.writeText(String(act.args.text)).then(() => announce(t('thread.copied')))}
      onPost={(act) =>
        void phone()
          .act('groups.post_message', { id: phone().newId(), group: group.id, text: String(act.args.text), reply_to: null })
          .then(() => phone().dismiss(act.uuid))
          .then(() => go(thread))
      }
      onDelete={(act) => void phone().dismiss(act.uuid)}
    />
  )
}

export function MyLinePage({ scope }: { scope: string }) {
  const { user } = holdings()
  const [trouble, setTrouble] = useState<Key | null>(null)
  const group = entries('group', scope)[0]
  if (!group) return <NoThread />
  const { round, mine, leaders, members } = roundOf(scope, user)
  const { lines, fromCheckIn } = readyLines(scope, round)
  const said = LINE_KINDS.filter((kind) => mine?.lines[kind])
  const isOpen = round?.doc.closed_at === null
  const list = href('round', { scope })
  const keep = (written: Lines) => phone().keep(draftOf(scope), { round: isOpen ? round.id : null, lines: written })
  return (
    <MyLine
      back={list}
      lines={{ ...lines, ...Object.fromEntries(said.map((kind) => [kind, mine!.lines[kind]!.doc.text])) }}
      said={said}
      fromCheckIn={fromCheckIn}
      audience={audience('round.who', members, leaders)}
      isOpen={isOpen}
      trouble={trouble}
      onKeep={(written) => void keep(written).then(() => back(list))}
      onPass={() => round && void phone().keep(passOf(round.id), true).then(() => back(list))}
      onShare={(written) => {
        if (!round) return
        share(scope, round, written, mine?.lines ?? {})
          .then(() => back(list))
          .catch((error) => {
            if (!(error instanceof StorageFull)) throw error
            setTrouble('thread.full')
          })
      }}
    />
  )
}

function roundOf(scope: string, user: string) {
  const mineId = cardId(user, scope)
  const cards = entries('member_card', scope)
  const round = currentRound(entries('round', scope))
  const all = round
    ? turns({
        round, cards, mine: mineId,
        lines: entries('round_line', scope),
        supports: entries('support', scope),
        blocks: entries('block'),
      })
    : []
  const peers = others(cards, mineId)
  return {
    round,
    all,
    mine: all.find((turn) => turn.isMine),
    leaders: peers.filter(isLeading).map((card) => card.doc.alias),
    members: peers.filter((card) => !isLeading(card)).length,
  }
}

/** What was written before; or else what went well, from today's check-in. */
function readyLines(scope: string, round: EntryOf<'round'> | null): { lines: Lines; fromCheckIn: boolean } {
  const draft = phone().kept<{ round: string | null; lines: Lines }>(draftOf(scope))
  const isOpen = round?.doc.closed_at === null
  // What was written for a round that is over is not put into the next one by itself.
  if (draft && (draft.round === null || (isOpen && draft.round === round.id))) {
    return { lines: draft.lines, fromCheckIn: false }
  }
  const now = new Date(phone().now())
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
  const found = lineFromCheckIn(entries('check_in'), isOpen ? round.doc.on_date : local)
  return { lines: found ? { success: found.text } : {}, fromCheckIn: found !== null }
}

/** One act for each line that has words and was not said before. */
async function share(
  scope: string,
  round: EntryOf<'round'>,
  lines: Lines,
  said: Partial<Record<LineKind, unknown>>,
): Promise<void> {
  for (const kind of LINE_KINDS) {
    const text = lines[kind]?.trim()
    if (text && !said[kind]) await phone().act('groups.add_line', { id: phone().newId(), round: round.id, kind, text })
  }
  await phone().keep(draftOf(scope), null)
}
