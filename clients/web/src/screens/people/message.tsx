import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Card } from '../../model/members.ts'
import { tone } from '../../model/members.ts'
import { filesOf, inConflict } from '../../model/acts.ts'
import { isWithdrawal, type Said } from '../../model/messages.ts'
import { Bubble, Menu, type BubbleFate } from '../../parts/bubble.tsx'
import { Button } from '../../parts/button.tsx'
import { useTakesLong } from '../../parts/waiting.tsx'
import { toTitle } from '../../shell/step.ts'
import { clock, t } from '../../text/text.ts'
import { Attached } from './attachment.tsx'
import { Plain } from './composer.tsx'
import { reason } from './words.ts'

/** What a person can do with a message. */
export interface MessageActs {
  onReply: (said: Said) => void
  onCopy: (said: Said) => void
  onEdit: (said: Said) => void
  onTakeBack: (said: Said) => void
  onAgain: (said: Said) => void
  onDelete: (said: Said) => void
  /** The way to both versions of a refused change. */
  bothHref: (uuid: string) => string
  load: (said: Said, sha256: string) => Promise<Uint8Array>
}

interface MessageProps {
  said: Said
  card: Card | undefined
  /** What this answers: who and what. */
  quote: { who: string | null; text: string } | null
  acts: MessageActs
  /** Nothing more is written here. */
  ended: boolean
}

export function Message({ said, card, quote, acts, ended }: MessageProps) {
  const [isShown, setShown] = useState(false)
  const who = said.author === null ? undefined : card?.doc.alias || t('people.someone')
  const hidden = said.why === 'blocked' && !isShown
  const fate: BubbleFate = said.why === 'blocked' && isShown ? 'sent' : said.fate
  const isGone = said.why === 'withdrawn' && said.fate === 'gone'
  return (
    <Bubble
      who={who}
      avatar={card?.doc.avatar}
      tone={tone(said.author ?? said.id)}
      at={<time>{clock(Date.parse(said.at))}</time>}
      fate={fate}
      words={<Words said={said} />}
      menu={!ended && !isGone && !hidden && said.fate !== 'notsent' && <More said={said} who={who} acts={acts} />}
      buttons={said.fate === 'notsent' ? <WaysOn said={said} acts={acts} /> : undefined}
    >
      {isGone && <p>{who === undefined ? t('thread.taken_back') : t('thread.taken_back_other', { name: who })}</p>}
      {hidden && (
        <p>
          {t('thread.blocked')}{' '}
          <Plain onPress={() => (setShown(true), toTitle())}>{t('thread.show')}</Plain>
        </p>
      )}
      {!isGone && !hidden && <Content said={said} quote={quote} who={who} acts={acts} />}
    </Bubble>
  )
}

function Content({ said, quote, who, acts }: { said: Said; who: string | undefined } & Pick<MessageProps, 'quote' | 'acts'>) {
  const alt = who === undefined ? t('attach.alt_mine') : t('attach.alt', { name: who })
  return (
    <>
      {quote && (
        <p class="quote small" dir="auto">
          {quote.who !== null && <b>{quote.who}: </b>}
          {quote.text}
        </p>
      )}
      {said.text && <p dir="auto">{said.text}</p>}
      {said.attachments.map((file) => (
        <Attached
          key={file.sha256}
          file={file}
          alt={alt}
          own={!file.media_type}
          load={(sha256) => acts.load(said, sha256)}
        />
      ))}
    </>
  )
}

/** The fate of mine in words; that of others is when they wrote it, above. */
function Words({ said }: { said: Said }): ComponentChildren {
  const isLong = useTakesLong(said.fate === 'sending')
  if (said.author !== null) return said.edited && !said.why ? t('thread.edited') : undefined
  return fateOf(said) ?? (isLong ? t('thread.sending') : undefined)
}

/** One of four words. In the first second there is nothing to say: most messages are sent by then. */
export function fateOf(said: Said): string | undefined {
  if (said.fate === 'notsent' || said.act?.state === 'refused') return t('fate.not_sent', { reason: reason(said.act!) })
  if (said.fate === 'sending') return undefined
  if (said.fate === 'waiting' || said.act) return t('fate.waiting')
  if (said.why) return undefined
  const edited = said.edited ? `${t('thread.edited')}. ` : ''
  return edited + t('fate.sent_at', { time: clock(Date.parse(said.at)) })
}

function More({ said, who, acts }: { said: Said; who: string | undefined; acts: MessageActs }) {
  return (
    <Menu about={who === undefined ? t('thread.more_mine') : t('thread.more', { name: who })}>
      <Items said={said} acts={acts} isMine={who === undefined} />
    </Menu>
  )
}

function Items({ said, acts, isMine }: { said: Said; acts: MessageActs; isMine: boolean }) {
  // What may be on its way cannot be changed before it is known whether it arrived.
  const canEdit = isMine && Boolean(said.text) && (said.act === null || !said.act.tried)
  return (
    <>
      {said.fate === 'sent' && <Item onPress={() => acts.onReply(said)}>{t('thread.reply')}</Item>}
      {said.text && <Item onPress={() => acts.onCopy(said)}>{t('thread.copy')}</Item>}
      {canEdit && <Item onPress={() => acts.onEdit(said)}>{t('thread.edit')}</Item>}
      {isMine && <Item onPress={() => acts.onTakeBack(said)}>{t('thread.take_back')}</Item>}
    </>
  )
}

function Item({ onPress, children }: { onPress: () => void; children: ComponentChildren }) {
  return (
    <button type="button" onClick={onPress}>
      {children}
    </button>
  )
}

function WaysOn({ said, acts }: { said: Said; acts: MessageActs }) {
  const { entry } = said
  const act = said.act!
  const isConflict = inConflict(act) !== null
  const canEdit = !isConflict && !isWithdrawal(act) && said.text
  return (
    <>
      {isConflict ? (
        <Button href={acts.bothHref(act.uuid)}>{t('thread.see_both')}</Button>
      ) : (
        filesOf(act) !== 'lost' && <Button onPress={() => acts.onAgain(said)}>{t('thread.again')}</Button>
      )}
      {canEdit && <Button onPress={() => acts.onEdit(said)}>{t('thread.edit_send')}</Button>}
      {entry ? (
        <Button onPress={() => acts.onDelete(said)}>{t('thread.never_mind')}</Button>
      ) : (
        <Button kind="stop" onPress={() => acts.onDelete(said)}>
          {t('thread.delete')}
        </Button>
      )}
    </>
  )
}
