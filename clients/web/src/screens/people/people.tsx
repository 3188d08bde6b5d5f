import type { EntryOf } from 'handrail'
import type { ComponentChildren } from 'preact'
import type { Colleague, Conversation } from '../../model/conversations.ts'
import { initials, tone } from '../../model/members.ts'
import { Icon } from '../../parts/icons.tsx'
import { Button } from '../../parts/button.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Count } from '../../parts/notice.tsx'
import { Face } from '../../parts/face.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty, Coming } from '../../parts/waiting.tsx'
import { TabPage } from '../../shell/frame.tsx'
import { href } from '../../shell/router.ts'
import { clock, counted, t, weekday } from '../../text/text.ts'

export interface PeopleProps {
  groups: readonly Conversation[]
  pairs: readonly Conversation[]
  team: readonly Colleague[]
  invitations: readonly EntryOf<'group_invitation'>[]
  /** A person waits for an answer. `answering`: a yes is on its way. */
  requests: readonly { entry: EntryOf<'connection'>; answering: boolean }[]
  asked: readonly EntryOf<'connection'>[]
  /** Groups with an open round, and whether I have shared. */
  rounds: readonly { scope: string; name: string; shared: boolean }[]
  news: number
  blocked: number
  /** Initials and times only, no last lines. */
  hidden: boolean
  /** "As of 8:10 AM", without a connection. */
  asOf: string | null
  /** Not everything has been read yet: nothing is said about who is missing. */
  getting: boolean
  offline: boolean
  /** There was no room for what was done last. */
  full?: boolean
  onDecline: (connection: string) => void
  onTakeBack: (connection: string) => void
}

/** P14. Who is there: groups, team, peers, and what waits for an answer. */
export function People(props: PeopleProps) {
  const { groups, pairs, team, invitations, requests, asked, news, blocked, hidden, asOf, getting, offline, full } = props
  const isEmpty = !groups.length && !pairs.length && !team.length && !invitations.length && !requests.length && !asked.length
  const name = (whole: string) => (hidden ? initials(whole) : whole)
  return (
    <TabPage tab="people" title={t('tabs.people')} above={asOf ?? undefined}>
      {full && <NotKept />}
      {isEmpty && getting && <Coming offline={offline}>{t('people.getting_all')}</Coming>}
      {isEmpty && !getting && (
        <Empty title={t('people.empty')}>
          <p>{t('people.empty_how')}</p>
        </Empty>
      )}
      {!isEmpty && (
        <Part title={t('people.groups')}>
          <Rows>
            {invitations.map(({ id, doc }) => (
              <Row
                key={id}
                before={<Face name={doc.group_name} />}
                title={t('people.invited', { group: name(doc.group_name) })}
                hint={t('people.invited_hint')}
                href={href('invitation', { id })}
              />
            ))}
            {groups.map((group) => (
              <Thread key={group.scope} conversation={group} hidden={hidden} offline={offline} />
            ))}
            {props.rounds.map(({ scope, name: group, shared }) => (
              <Row
                key={`round ${scope}`}
                before={<Face name={group} tone={tone(scope)} />}
                title={t('people.round_open', { group: name(group) })}
                hint={t(shared ? 'people.round_done' : 'people.round_yours')}
                href={href('round', { scope })}
              />
            ))}
            {!getting && !groups.length && !invitations.length && <p class="row soft">{t('people.empty_how')}</p>}
          </Rows>
        </Part>
      )}
      {team.length > 0 && (
        <Part title={t('people.team')}>
          <Rows>
            {team.map(({ id, name: whole, role }) => (
              <Row
                key={id}
                before={<Face name={whole} tone={tone(id)} />}
                title={name(whole)}
                hint={t(`people.role_${role}`)}
              />
            ))}
          </Rows>
          <p class="soft small">{t('people.team_how')}</p>
        </Part>
      )}
      {!isEmpty && (
        <Part title={t('people.peers')}>
          <Rows>
            {requests.map((request) => (
              <Request key={request.entry.id} {...request} name={name} onDecline={props.onDecline} />
            ))}
            {pairs.map((pair) => (
              <Thread key={pair.scope} conversation={pair} hidden={hidden} offline={offline} />
            ))}
            {asked.map(({ id, doc }) => (
              <>
                <Row
                  before={<Face name={doc.alias} avatar={doc.avatar} tone={tone(doc.card)} />}
                  title={t('people.asked', { name: name(doc.alias) })}
                  hint={t('people.asked_hint', { name: name(doc.alias) })}
                />
                <div class="buttons inset-buttons">
                  <Button about={name(doc.alias)} onPress={() => props.onTakeBack(id)}>
                    {t('people.take_back')}
                  </Button>
                </div>
              </>
            ))}
            {!getting && !pairs.length && !requests.length && !asked.length && <p class="row soft">{t('people.no_peers')}</p>}
          </Rows>
        </Part>
      )}
      {(news > 0 || blocked > 0) && (
        <Rows>
          {news > 0 && (
            <Row icon="letter" title={t('people.news')} hint={counted('people.news', news)} href={href('news')} />
          )}
          {blocked > 0 && <Row icon="hide" title={t('people.blocked')} href={href('blocked')} />}
        </Rows>
      )}
    </TabPage>
  )
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="stack tight">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Thread({ conversation, hidden, offline }: { conversation: Conversation; hidden: boolean; offline: boolean }) {
  const { scope, name, avatar, last, unread, notSent, loading, leaving, ended } = conversation
  const line = leaving
    ? t('people.leaving')
    : loading && !offline
      ? t('people.getting')
      : ended
        ? t('people.ended')
        : lastLine(last, hidden)
  return (
    <Row
      before={<Face name={name || '?'} avatar={avatar} tone={tone(scope)} />}
      title={hidden ? initials(name) : name}
      hint={
        <>
          <span class={leaving || ended ? undefined : 'clip'} dir="auto">
            {line}
          </span>
          {notSent > 0 && (
            <span class="fate-line">
              <Icon name="warning" /> {counted('people.not_sent', notSent)}
            </span>
          )}
        </>
      }
      end={unread > 0 ? <Count n={unread} words={t('tabs.unread')} /> : undefined}
      href={href('thread', { scope })}
    />
  )
}

function lastLine(last: Conversation['last'], hidden: boolean): string {
  if (!last) return t('people.nothing_said')
  if (hidden) return when(last.at)
  const text = last.text || t('people.picture')
  return last.who === null ? t('people.you', { text }) : t('people.said', { who: last.who || t('people.someone'), text })
}

function when(at: string): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? clock(date) : weekday(date)
}

interface RequestProps {
  entry: EntryOf<'connection'>
  answering: boolean
  name: (whole: string) => string
  onDecline: (connection: string) => void
}

function Request({ entry: { id, doc }, answering, name, onDecline }: RequestProps) {
  return (
    <>
      <Row
        before={<Face name={doc.alias} avatar={doc.avatar} tone={tone(doc.card)} />}
        title={t('people.asks', { name: name(doc.alias) })}
        hint={answering ? t('people.accepting') : t('people.asks_hint')}
      />
      {!answering && (
        <div class="buttons even inset-buttons">
          <Button about={name(doc.alias)} onPress={() => onDecline(id)}>
            {t('people.no')}
          </Button>
          <Button about={name(doc.alias)} href={href('answer', { id })}>
            {t('people.look')}
          </Button>
        </div>
      )}
    </>
  )
}
