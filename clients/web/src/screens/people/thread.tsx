import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Card } from '../../model/members.ts'
import type { Said } from '../../model/messages.ts'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Coming, Empty, Getting } from '../../parts/waiting.tsx'
import { href } from '../../shell/router.ts'
import { counted, day, listed, t } from '../../text/text.ts'
import { BeforeSending, Composer, type ComposerProps } from './composer.tsx'
import { Message, type MessageActs } from './message.tsx'

export interface ThreadProps {
  kind: 'group' | 'pair'
  name: string
  /** Who sees this. */
  audience: string
  /** What else there is about the group: members, go-round, rules. */
  ways: readonly { title: string; href: string; hint?: string | undefined }[]
  said: readonly Said[]
  cards: readonly Card[]
  /** The first message that was unread when the thread was opened. */
  newFrom: string | null
  /** `more`: on this phone or on the server; `begin`: there is nothing older. */
  earlier: 'more' | 'getting' | 'offline' | 'begin'
  onEarlier: () => void
  loading: boolean
  offline: boolean
  typing: readonly string[]
  asOf: string | null
  acts: MessageActs
  /** There was no room for what was done last. */
  full?: boolean
  /** Why nothing more is written here; null: it is open. */
  closed: string | null
  composer: ComposerProps
  ask: Question | null
}

/** Before something is lost. */
export interface Question {
  about: 'back' | 'delete'
  onYes: () => void
  onNo: () => void
}

/** P15. Oldest to newest; what is not sent yet is always last. */
export function Thread(props: ThreadProps) {
  const { name, audience, said, composer, typing, asOf, full, closed, ask } = props
  useEnd(said)
  return (
    <PlayerFrame
      out={{ label: name, href: href('people') }}
      end={closed === null ? <Composer {...composer} /> : <p class="soft">{closed}</p>}
    >
      <Title unseen>{name}</Title>
      <Privacy>{audience}</Privacy>
      <About {...props} />
      <Earlier {...props} />
      <Messages {...props} />
      <p class="soft small" role="status">
        {typing.length > 0 && counted('thread.typing', typing.length, { names: listed(typing) })}
        {typing.length === 0 && asOf}
      </p>
      {full && <NotKept />}
      {closed === null && <BeforeSending {...composer} />}
      {ask && <Ask {...ask} />}
    </PlayerFrame>
  )
}

function Messages({ said, cards, newFrom, acts, loading, closed }: ThreadProps) {
  if (!said.length && !loading) {
    return (
      <Empty title={t('thread.empty')}>
        <p>{t('thread.empty_how')}</p>
      </Empty>
    )
  }
  const byId = new Map(said.map((each) => [each.id, each]))
  const cardOf = new Map(cards.map((card) => [card.id, card]))
  let shownDay = ''
  return (
    <div class="thread">
      {said.flatMap((each) => {
        const items: ComponentChildren[] = []
        const date = new Date(each.at)
        if (date.toDateString() !== shownDay) {
          shownDay = date.toDateString()
          const isToday = shownDay === new Date().toDateString()
          items.push(<p class="day" key={`${shownDay} ${each.id}`}>{isToday ? t('thread.day_today') : day(date)}</p>)
        }
        if (each.id === newFrom) items.push(<p class="day new" key="new">{t('thread.new')}</p>)
        items.push(
          <Message
            key={each.entry ? each.id : each.act?.uuid}
            said={each}
            card={each.author === null ? undefined : cardOf.get(each.author)}
            quote={quoteOf(each, byId, cardOf)}
            acts={acts}
            ended={closed !== null}
          />,
        )
        return items
      })}
    </div>
  )
}

function quoteOf({ replyTo }: Said, byId: Map<string, Said>, cardOf: Map<string, Card>) {
  if (replyTo === null) return null
  const answered = byId.get(replyTo)
  if (!answered || answered.fate === 'gone') return { who: null, text: t('thread.quote_gone') }
  const who = answered.author === null ? t('members.you') : cardOf.get(answered.author)?.doc.alias || t('people.someone')
  return { who, text: excerpt(answered) }
}

/** The first words, for a reply. */
export function excerpt({ text }: Said): string {
  if (!text) return t('people.picture')
  return text.length > 90 ? `${text.slice(0, 90)}…` : text
}

function Earlier({ earlier, onEarlier, loading, offline, said }: ThreadProps) {
  if (loading) return <Coming offline={offline}>{t('thread.getting')}</Coming>
  if (earlier === 'getting') return <Getting>{t('thread.getting_earlier')}</Getting>
  if (earlier === 'begin') {
    return said.length > 0 ? <p class="soft small centred">{t('thread.begin')}</p> : null
  }
  return (
    <div class="centred">
      {earlier === 'offline' && (
        <p class="soft small" role="status">
          {t('thread.earlier_offline')}
        </p>
      )}
      <Button kind="quiet" onPress={onEarlier}>
        {t('thread.earlier')}
      </Button>
    </div>
  )
}

function About({ kind, name, ways }: ThreadProps) {
  if (!ways.length) return null
  return (
    <details class="fold">
      <summary>
        <Icon name="go" /> {kind === 'group' ? t('thread.about') : t('thread.about_pair', { name })}
      </summary>
      <Rows>
        {ways.map((way) => (
          <Row key={way.href} {...way} />
        ))}
      </Rows>
    </details>
  )
}

function Ask({ about, onYes, onNo }: Question) {
  return (
    <Sheet title={t(`thread.${about}_title`)} close={t(about === 'back' ? 'thread.back_keep' : 'thread.keep')} onClose={onNo}>
      <p>{t(`thread.${about}_body`)}</p>
      <Button kind="stop" wide onPress={onYes}>
        {t(about === 'back' ? 'thread.take_back' : 'thread.delete')}
      </Button>
    </Sheet>
  )
}

/** A thread opens at its end, and stays there while the person is reading there. */
function useEnd(said: readonly Said[]): void {
  const last = said.at(-1)
  const known = useRef<string | undefined | null>(null)
  useEffect(() => {
    const page = document.documentElement
    const isFirst = known.current === null
    const isMineAndNew = last?.author === null && known.current !== last.id
    if (isFirst || isMineAndNew || page.scrollHeight - scrollY - innerHeight < 400) {
      // After the shell has set the scroll of a new page.
      requestAnimationFrame(() => scrollTo(0, page.scrollHeight))
    }
    known.current = last?.id
  }, [last?.id, last?.fate])
}

/** What is left of a thread that this phone no longer holds. */
export function NoThread() {
  return (
    <PlayerFrame out={{ label: t('tabs.people'), href: href('people') }}>
      <Title>{t('thread.gone')}</Title>
      <p>{t('thread.gone_body')}</p>
    </PlayerFrame>
  )
}
