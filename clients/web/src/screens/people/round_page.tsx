import { useState } from 'preact/hooks'
import type { EntryOf } from 'handrail'
import { dayOf } from '../../model/days.ts'
import { cardId } from '../../model/ids.ts'
import { isLeading, others } from '../../model/members.ts'
import { currentRound, isOpen, lineFromCheckIn, LINE_KINDS, refusedLines, turns, type LineKind } from '../../model/rounds.ts'
import { entries, isOffline, phone, status } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { copy } from '../../shell/copy.ts'
import { back, go, href } from '../../shell/router.ts'
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
  const [press, full] = usePress()
  const group = entries('group', scope)[0]
  if (!group) return <NoThread />
  const { round, all, leaders, mine } = roundOf(scope, held.user)
  const { lines, fromCheckIn } = readyLines(scope, round)
  const texts = LINE_KINDS.flatMap((kind) => lines[kind]?.trim() || [])
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
      ready={texts.length ? { texts, fromCheckIn } : null}
      passed={round !== null && phone().kept(passOf(round.id)) === true}
      offline={isOffline()}
      asOf={asOf(status.value)}
      loading={held.loading.includes(scope)}
      refused={round ? refusedLines(round, held.notSent) : []}
      full={full}
      onPass={() => round && void press(() => pass(round))}
      onShare={() => round && void press(() => share(scope, round, lines, mine?.lines ?? {}))}
      onSupport={(line, word) =>
        void press(() => phone().act('groups.support_line', { id: phone().newId(), line, word, text: '' }))
      }
      onCopy={(act) => void copy(String(act.args.text))}
      onPost={(act) =>
        void press(async () => {
          const message = { id: phone().newId(), text: String(act.args.text), reply_to: null }
          await phone().act('groups.post_message', { ...message, group: group.id })
          await phone().dismiss(act.uuid)
          go(thread)
        })
      }
      onDelete={(act) => void press(() => phone().dismiss(act.uuid))}
    />
  )
}

export function MyLinePage({ scope }: { scope: string }) {
  const group = entries('group', scope)[0]
  const { user } = holdings()
  const { round, mine, leaders, members } = roundOf(scope, user)
  const { lines, fromCheckIn } = readyLines(scope, round)
  const [written, write] = useState<Lines>(lines)
  const [press, full] = usePress()
  if (!group) return <NoThread />
  const said = LINE_KINDS.filter((kind) => mine?.lines[kind])
  const list = href('round', { scope })
  const keep = (lines: Lines, of: string | null) => phone().keep(draftOf(scope), { round: of, lines })
  const thenBack = (work: () => Promise<unknown>) => void press(() => work().then(() => back(list)))
  return (
    <MyLine
      back={list}
      lines={{ ...written, ...Object.fromEntries(said.map((kind) => [kind, mine!.lines[kind]!.doc.text])) }}
      said={said}
      fromCheckIn={fromCheckIn}
      audience={audience('round.who', members, leaders)}
      isOpen={isOpen(round)}
      full={full}
      onLines={(next) => {
        write(next)
        void keep(next, isOpen(round) ? round.id : null).catch(() => {}) // it stays in its box
      }}
      onKeep={() => thenBack(() => keep(written, null))}
      onPass={() => round && thenBack(() => pass(round))}
      onShare={() => round && thenBack(() => share(scope, round, written, mine?.lines ?? {}))}
    />
  )
}

function pass(round: EntryOf<'round'>): Promise<void> {
  return phone().keep(passOf(round.id), true)
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
  // What was written for a round that is over is not put into the next one by itself.
  if (draft && (draft.round === null || (isOpen(round) && draft.round === round.id))) {
    return { lines: draft.lines, fromCheckIn: false }
  }
  const found = lineFromCheckIn(entries('check_in'), isOpen(round) ? round.doc.on_date : dayOf(phone().now()))
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
