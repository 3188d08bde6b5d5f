import { useState } from 'preact/hooks'
import type { Card } from '../../model/members.ts'
import { isLeading, tone } from '../../model/members.ts'
import { Menu } from '../../parts/bubble.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Face } from '../../parts/face.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { t } from '../../text/text.ts'

export interface Shown {
  card: Card
  isMine: boolean
  /** What there is between the two, in words. */
  between: string | null
  connectHref: string | null
  writeHref: string | null
  canBlock: boolean
}

export interface MembersProps {
  name: string
  kind: 'group' | 'pair'
  back: string
  members: readonly Shown[]
  onBlock: (card: Card) => void
  /** Leave the group, or end the connection; null: it is over or on its way. */
  onLeave: (() => void) | null
  /** "You are leaving. Waiting to send." */
  leaving: string | null
  /** There was no room for what was done last. */
  full?: boolean
}

/** Who is here, by alias. There is no photo, and no search for people anywhere. */
export function Members({ name, kind, back, members, onBlock, onLeave, leaving, full }: MembersProps) {
  const [ask, setAsk] = useState<{ block: Card } | 'leave' | null>(null)
  return (
    <PlayerFrame out={{ label: name, href: back }}>
      <Title>{t('members.title')}</Title>
      {full && <NotKept />}
      <ul class="card flush rows">
        {members.map((member) => (
          <li key={member.card.id}>
            <Member {...member} onBlock={() => setAsk({ block: member.card })} />
          </li>
        ))}
      </ul>
      {leaving !== null && (
        <p class="soft" role="status">
          {leaving}
        </p>
      )}
      {onLeave && (
        <div>
          <Button icon="leave" onPress={() => setAsk('leave')}>
            {t(kind === 'group' ? 'members.leave' : 'members.end')}
          </Button>
        </div>
      )}
      {ask === 'leave' && (
        <Confirm
          stem={kind === 'group' ? 'leave' : 'end'}
          name={name}
          onNo={() => setAsk(null)}
          onYes={() => {
            setAsk(null)
            onLeave?.()
          }}
        />
      )}
      {ask && ask !== 'leave' && (
        <Confirm
          stem="block"
          name={ask.block.doc.alias}
          onNo={() => setAsk(null)}
          onYes={() => {
            setAsk(null)
            onBlock(ask.block)
          }}
        />
      )}
    </PlayerFrame>
  )
}

function Member({ card, isMine, between, connectHref, writeHref, canBlock, onBlock }: Shown & { onBlock: () => void }) {
  const { alias, avatar } = card.doc
  const hint = between ?? (isLeading(card) ? t('members.leads') : null)
  return (
    <div class="row">
      <Face name={alias} avatar={avatar} tone={tone(card.id)} />
      <span class="words">
        <b>{isMine ? `${alias} (${t('members.you')})` : alias}</b>
        {hint !== null && <small>{hint}</small>}
      </span>
      {(connectHref || writeHref || canBlock) && (
        <Menu about={t('members.more', { name: alias })}>
          {writeHref && <a href={writeHref}>{t('members.write')}</a>}
          {connectHref && <a href={connectHref}>{t('members.connect')}</a>}
          {canBlock && (
            <button type="button" onClick={onBlock}>
              {t('members.block')}
            </button>
          )}
        </Menu>
      )}
    </div>
  )
}

function Confirm({ stem, name, onYes, onNo }: { stem: 'block' | 'leave' | 'end'; name: string; onYes: () => void; onNo: () => void }) {
  return (
    <Sheet title={t(`members.${stem}_title`, { name })} close={t(`members.${stem}_keep`)} onClose={onNo}>
      <p>{t(`members.${stem}_body`, { name })}</p>
      <Button kind="stop" wide onPress={onYes}>
        {t(`members.${stem}_do`, { name })}
      </Button>
    </Sheet>
  )
}
