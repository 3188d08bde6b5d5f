import type { EntryOf } from 'handrail'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { entries, phone } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { day, dayWithin, language, t } from '../../text/text.ts'
import { NoThread } from './thread.tsx'

type Texts = Record<string, string>

/** In the person's language, or else in whatever there is. */
export function inLanguage(texts: Texts): { text: string; lang: string } {
  const lang = texts[language.value] === undefined ? (Object.keys(texts)[0] ?? 'en') : language.value
  return { text: texts[lang] ?? '', lang }
}

export function Rules({ name, back, rules }: { name: string; back: string; rules: readonly { code: string; text: Texts }[] }) {
  return (
    <PlayerFrame out={{ label: name, href: back }}>
      <div>
        <Title>{t('rules.title')}</Title>
        <p class="soft">{t(rules.length ? 'rules.lead' : 'rules.none')}</p>
      </div>
      <ul class="dots">
        {rules.map((rule) => {
          const { text, lang } = inLanguage(rule.text)
          return (
            <li key={rule.code} lang={lang}>
              {text}
            </li>
          )
        })}
      </ul>
    </PlayerFrame>
  )
}

export function RulesPage({ scope }: { scope: string }) {
  const group = entries('group', scope)[0]
  if (!group) return <NoThread />
  return <Rules name={group.doc.name} back={href('thread', { scope })} rules={group.doc.house_rules} />
}

interface BlockedProps {
  blocks: readonly { id: string; alias: string; since: string; waiting: string | null }[]
  onUnblock: (id: string) => void
}

export function Blocked({ blocks, onUnblock }: BlockedProps) {
  return (
    <PlayerFrame out={{ label: t('tabs.people'), href: href('people') }}>
      <div>
        <Title>{t('blocked.title')}</Title>
        <p class="soft">{t(blocks.length ? 'blocked.lead' : 'blocked.none')}</p>
      </div>
      {blocks.map(({ id, alias, since, waiting }) => (
        <div class="item" key={id}>
          <p>
            <b>{alias}</b>
            <br />
            <small class="soft">
              {waiting ?? t('blocked.since', { day: dayWithin(Date.parse(since)) })}
            </small>
          </p>
          {waiting === null && (
            <Button kind="quiet" about={alias} onPress={() => onUnblock(id)}>
              {t('blocked.unblock')}
            </Button>
          )}
        </div>
      ))}
    </PlayerFrame>
  )
}

export function BlockedPage() {
  const unblocking = new Set(
    phone().outbox().filter(({ action }) => action === 'alumni.unblock_person').map(({ args }) => args.block),
  )
  const blocks = entries('block').map(({ id, doc, pending }) => ({
    id,
    alias: doc.alias,
    since: doc.since,
    // A block that waits itself has no id of the server's yet.
    waiting: pending !== null ? t('fate.waiting') : unblocking.has(id) ? t('blocked.waiting') : null,
  }))
  return <Blocked blocks={blocks} onUnblock={(block) => void phone().act('alumni.unblock_person', { block })} />
}

/** What the programme writes to all who have finished. Newest first. */
export function News({ items }: { items: readonly EntryOf<'inbox_item'>[] }) {
  return (
    <PlayerFrame out={{ label: t('tabs.people'), href: href('people') }}>
      <Title>{t('news.title')}</Title>
      {items.length === 0 && (
        <Empty title={t('news.none')}>
          <p>{t('news.none_how')}</p>
        </Empty>
      )}
      {items.map(({ id, doc }) => {
        const { text, lang } = inLanguage(doc.text)
        return (
          <Card key={id} layout="stack tight">
            <h2>{doc.programme_name}</h2>
            <p class="as-written" lang={lang}>
              {text}
            </p>
            <p class="soft small">
              <time>{day(Date.parse(doc.received_at))}</time>
            </p>
          </Card>
        )
      })}
    </PlayerFrame>
  )
}

export function newsNewestFirst(): EntryOf<'inbox_item'>[] {
  return [...entries('inbox_item')].sort((a, b) => (a.doc.received_at < b.doc.received_at ? 1 : -1))
}

export function NewsPage() {
  return <News items={newsNewestFirst()} />
}
