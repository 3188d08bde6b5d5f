import { useState } from 'preact/hooks'
import type { Card } from '../../model/members.ts'
import { tone } from '../../model/members.ts'
import { hasSpoken, supportable, WORDS, type Turn, type Word } from '../../model/rounds.ts'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Chip, Notice } from '../../parts/notice.tsx'
import { Face } from '../../parts/face.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Coming } from '../../parts/waiting.tsx'
import { clock, dayWithin, listed, t } from '../../text/text.ts'
import { reason } from './words.ts'
import type { Mutation } from 'handrail'

export interface RoundProps {
  group: string
  back: string
  lineHref: string
  /** Null: none has been opened yet. */
  round: { on: string; topic: string; opened: number; closed: number | null } | null
  turns: readonly Turn[]
  cards: readonly Card[]
  leaders: readonly string[]
  /** What is ready to share: from the check-in, or written before. */
  ready: { texts: readonly string[]; fromCheckIn: boolean } | null
  passed: boolean
  offline: boolean
  asOf: string | null
  loading: boolean
  /** Lines of mine that came too late. */
  refused: readonly Mutation[]
  /** There was no room for what was done last. */
  full?: boolean
  onPass: () => void
  onShare: () => void
  onSupport: (line: string, word: Word) => void
  onCopy: (act: Mutation) => void
  onPost: (act: Mutation) => void
  onDelete: (act: Mutation) => void
}

/** P16. A pass is a full choice: it looks like one. */
export function Round(props: RoundProps) {
  const { group, back, lineHref, round, turns, leaders, ready, passed, offline, asOf, loading } = props
  const [support, setSupport] = useState<Turn | null>(null)
  const isOpen = round !== null && round.closed === null
  const mine = turns.find((turn) => turn.isMine)
  const spoke = mine !== undefined && hasSpoken(mine)
  const isOver = spoke || (round !== null && !isOpen)
  return (
    <PlayerFrame out={{ label: group, href: back }} end={isOver ? undefined : <Ways {...props} />}>
      <div>
        <Title>{round ? t('round.of', { day: dayWithin(Date.parse(`${round.on}T12:00`)) }) : t('round.none')}</Title>
        {round?.topic && <p dir="auto">{round.topic}</p>}
        <p class="soft" role="status">
          {describe(props)} {asOf}
        </p>
      </div>
      {props.full && <NotKept />}
      {loading && <Coming offline={offline}>{t('thread.getting')}</Coming>}
      {offline && isOpen && !spoke && (
        <Notice icon="offline" title={t('round.offline')}>
          <p>{t('round.offline_body')}</p>
        </Notice>
      )}
      {props.refused.map((act) => (
        <Late key={act.uuid} act={act} {...props} />
      ))}
      {!spoke && ready && (isOpen || !round) && !passed && (
        <Notice icon="lines" title={t('round.ready')}>
          {ready.texts.map((text) => (
            <p dir="auto" key={text}>
              “{text}”
            </p>
          ))}
          <p>
            {ready.fromCheckIn && `${t('round.ready_check_in')} `}
            <a href={lineHref}>{t('round.change')}</a>
          </p>
        </Notice>
      )}
      {isOpen && passed && !spoke && (
        <Notice icon="check" title={t('round.passed')}>
          <p>{t('round.passed_body')}</p>
        </Notice>
      )}
      {round && (
        <ol class="round card">
          {turns.map((turn) => (
            <One key={turn.card.id} turn={turn} isOpen={isOpen} {...props} onAsk={() => setSupport(turn)} />
          ))}
        </ol>
      )}
      {!round && leaders.length === 0 && !ready && <p class="soft">{t('round.opens_any')}</p>}
      {support && (
        <Sheet
          title={t('round.support_title', { name: support.card.doc.alias })}
          close={t('shell.not_now')}
          onClose={() => setSupport(null)}
        >
          <p>{t('round.support_body')}</p>
          <div class="columns">
            {WORDS.map((word) => (
              <Button
                key={word}
                onPress={() => {
                  props.onSupport(supportable(support)!.id, word)
                  setSupport(null)
                }}
              >
                {capital(t(`round.${word}`))}
              </Button>
            ))}
          </div>
        </Sheet>
      )}
    </PlayerFrame>
  )
}

function describe({ round, turns, leaders }: RoundProps): string {
  if (!round) return leaders.length ? t('round.opens', { leaders: listed(leaders) }) : ''
  if (round.closed !== null) return t('round.closed', { day: dayWithin(round.closed) })
  const done = turns.filter(hasSpoken).length
  return t('round.opened', { time: clock(round.opened), done, all: turns.length })
}

function Ways({ lineHref, round, passed, onPass, onShare, ready }: RoundProps) {
  const write = ready ? t('round.change') : t('round.write')
  if (!round) {
    return (
      <Button wide href={lineHref}>
        {write}
      </Button>
    )
  }
  return (
    <div class="buttons even">
      {!passed && <Button onPress={onPass}>{t('round.pass')}</Button>}
      {ready ? <Button onPress={onShare}>{t('round.share')}</Button> : <Button href={lineHref}>{write}</Button>}
    </div>
  )
}

interface OneProps extends Pick<RoundProps, 'cards' | 'passed'> {
  turn: Turn
  isOpen: boolean
  onAsk: () => void
}

function One({ turn, isOpen, cards, passed, onAsk }: OneProps) {
  const { card, isMine, lines, supports, isBlocked } = turn
  const name = isMine ? t('members.you') : card.doc.alias || t('people.someone')
  const spoke = hasSpoken(turn)
  const pending = Object.values(lines).some((line) => line.pending !== null)
  const canSupport = !isMine && !isBlocked && supportable(turn) !== null && !supports.some((each) => each.isMine)
  const rest = [lines.hard && t('round.hard', { text: lines.hard.doc.text }), lines.plan && t('round.plan', { text: lines.plan.doc.text })]
  return (
    <li data-state={isMine && isOpen && !spoke && !passed ? 'now' : undefined}>
      <Face name={card.doc.alias || name} avatar={card.doc.avatar} tone={tone(card.id)} />
      <div class="lines">
        <b>{name}</b>
        {isBlocked && <p class="soft">{t('thread.blocked')}</p>}
        {!spoke && !isBlocked && <p class="soft">{t(isMine && passed ? 'round.passed' : isOpen ? 'round.not_yet' : 'round.nothing')}</p>}
        {!isBlocked && lines.success && <p dir="auto">{lines.success.doc.text}</p>}
        {!isBlocked &&
          rest.map(
            (text) =>
              text && (
                <p class="soft" dir="auto" key={text}>
                  {text}
                </p>
              ),
          )}
        {pending && <p class="fate-line small">{t('fate.waiting')}</p>}
        {!isBlocked && supports.length > 0 && (
          <div class="line">
            {supports.map((each) => (
              <Chip kind="act" key={each.from}>
                {t('round.chip', {
                  name: each.isMine ? t('members.you') : aliasOf(each.from, cards),
                  word: t(`round.${each.word}`),
                })}
              </Chip>
            ))}
          </div>
        )}
        {canSupport && (
          <div>
            <Button onPress={onAsk}>{t('round.support', { name })}</Button>
          </div>
        )}
      </div>
    </li>
  )
}

/** The round ended first. Nothing is lost: the person chooses. */
function Late({ act, onCopy, onPost, onDelete }: { act: Mutation } & Pick<RoundProps, 'onCopy' | 'onPost' | 'onDelete'>) {
  return (
    <Notice
      kind="wait"
      icon="warning"
      title={t('round.late_title')}
      buttons={
        <>
          <Button onPress={() => onPost(act)}>{t('round.late_post')}</Button>
          <Button onPress={() => onCopy(act)}>{t('thread.copy')}</Button>
          <Button kind="stop" onPress={() => onDelete(act)}>
            {t('thread.delete')}
          </Button>
        </>
      }
    >
      <p>{reason(act)}</p>
      <p dir="auto">“{String(act.args.text)}”</p>
    </Notice>
  )
}

function aliasOf(id: string, cards: readonly Card[]): string {
  return cards.find((card) => card.id === id)?.doc.alias || t('people.someone')
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
