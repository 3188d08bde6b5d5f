/** What this phone has not sent yet, in the person's words. */

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Reason, Way } from '../../model/acts.ts'
import { dayOf } from '../../model/days.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { href } from '../../shell/router.ts'
import { clock, moment, t } from '../../text/text.ts'
import { Part, Under } from './under.tsx'

export interface Thing {
  uuid: string
  title: string
  /** When it was written. */
  at: number
}

export interface Queued extends Thing {
  fate: 'saved' | 'waiting'
  /** It has never left this phone. */
  canTakeBack: boolean
}

export interface Refused extends Thing {
  /** Null: the server gave a reason that this app does not know. */
  reason: Reason | null
  /** In full, line by line. */
  written: readonly string[]
  way: Way
  /** A picture or recording was with it: whether that can go again. */
  files: 'kept' | 'lost' | null
  /** Where its two versions, or the invitation, are. */
  href: string | null
  /** The most letters that the server takes. */
  most: number
  /** Other words that the person began to write. */
  draft: string | null
}

export interface WaitingProps {
  network: 'unknown' | 'online' | 'offline' | 'busy'
  lastSynced: number | null
  tooOld: boolean
  full: boolean
  queued: readonly Queued[]
  refused: readonly Refused[]
  sent: readonly Thing[]
  /** Taken back a moment ago: it can still be sent. */
  takenBack: (Thing & { written: readonly string[] }) | null
  onTryNow: () => void
  onTakeBack: (thing: Queued) => void
  onSendAfterAll: () => void
  onCopy: (words: readonly string[]) => void
  onAgain: (thing: Refused) => void
  /** At every letter; null: they go on with the first words. */
  onDraft: (thing: Refused, text: string | null) => void
  onEdit: (thing: Refused, text: string) => void
  onDelete: (thing: Refused) => void
}

export function Waiting(props: WaitingProps) {
  const { queued, refused, sent, takenBack, full, onTakeBack } = props
  const isEmpty = queued.length + refused.length + sent.length === 0 && !takenBack
  return (
    <Under
      title={t('waiting.title')}
      lead={<span role="status">{stateWords(props)}</span>}
      end={
        queued.length > 0 ? (
          <Button wide onPress={props.onTryNow}>
            {t('waiting.try')}
          </Button>
        ) : undefined
      }
    >
      {full && <NotKept />}
      {takenBack && (
        <Notice
          icon="again"
          title={t('waiting.taken_back')}
          buttons={
            <>
              <Button onPress={props.onSendAfterAll}>{t('waiting.after_all')}</Button>
              {takenBack.written.length > 0 && (
                <Button icon="copy" onPress={() => props.onCopy(takenBack.written)}>
                  {t('waiting.copy')}
                </Button>
              )}
            </>
          }
        >
          <p role="status">{takenBack.title}</p>
          <Quote lines={takenBack.written} />
        </Notice>
      )}
      {refused.length > 0 && (
        <Part title={t('waiting.needs_you')}>
          {refused.map((thing) => (
            <NotSent key={thing.uuid} thing={thing} {...props} />
          ))}
        </Part>
      )}
      {queued.length > 0 && (
        <Part title={t('waiting.by_itself')}>
          <Rows>
            {queued.map((thing) => (
              <Row
                key={thing.uuid}
                icon="clock"
                title={thing.title}
                hint={`${t(`fate.${thing.fate}`)}. ${t('waiting.written', { time: timeWords(thing.at) })}`}
                end={
                  thing.canTakeBack ? (
                    <Button onPress={() => onTakeBack(thing)} about={thing.title}>
                      {t('waiting.take_back')}
                    </Button>
                  ) : (
                    t('waiting.on_its_way')
                  )
                }
              />
            ))}
          </Rows>
        </Part>
      )}
      {isEmpty && <Empty title={t('waiting.none')} />}
      {sent.length > 0 && (
        <Part title={t('waiting.sent')}>
          <ul class="stack tight soft">
            {sent.map(({ uuid, title, at }) => (
              <li key={uuid}>
                {title}. {t('fate.sent_at', { time: clock(at) })}
              </li>
            ))}
          </ul>
        </Part>
      )}
    </Under>
  )
}

function stateWords({ network, lastSynced, tooOld, queued, refused, takenBack }: WaitingProps): string {
  if (tooOld) return t('status.too_old')
  if (network === 'busy') return t('status.busy')
  if (network === 'offline') return lastSynced === null ? t('status.offline') : t('waiting.offline', { time: timeWords(lastSynced) })
  if (queued.length > 0) return t('waiting.sending')
  return refused.length > 0 || takenBack ? '' : t('waiting.all_sent')
}

/** With its day, unless that is today. */
export function timeWords(at: number): string {
  return dayOf(at) === dayOf(Date.now()) ? clock(at) : moment(at)
}

function NotSent({ thing, onCopy, onAgain, onDraft, onEdit, onDelete }: { thing: Refused } & WaitingProps) {
  const { title, reason, written, way, files, href } = thing
  const [text, setText] = useState(thing.draft)
  const type = (next: string | null) => {
    setText(next)
    onDraft(thing, next)
  }
  const [asks, ask] = useState(false)
  const box = useFocusInside(text !== null ? 'textarea' : asks ? 'last button' : null)
  if (text !== null) {
    return (
      <div ref={box}>
        <Notice kind="wait" icon="edit" title={title}>
          <Field label={t('waiting.words')} value={text} onInput={type} name="text" lines="long" maxLength={thing.most} />
          <div class="buttons">
            <Button onPress={() => (text.trim() || files === 'kept') && onEdit(thing, text)}>{t('waiting.send')}</Button>
            <Button onPress={() => type(null)}>{t('shell.not_now')}</Button>
          </div>
        </Notice>
      </div>
    )
  }
  return (
    <div ref={box}>
      <Notice
        kind="wait"
        icon={way === 'both' ? 'edit' : 'warning'}
        title={title}
        buttons={
          asks ? (
            <>
              <Button kind="stop" onPress={() => onDelete(thing)}>
                {t('waiting.delete_yes')}
              </Button>
              <Button onPress={() => ask(false)}>{t('waiting.keep')}</Button>
            </>
          ) : (
            <>
              {way === 'both' && href !== null && <Button href={href}>{t('today.see_both')}</Button>}
              {way === 'look' && href !== null && <Button href={href}>{t('waiting.look')}</Button>}
              {way === 'edit' && <Button onPress={() => type(written.join('\n'))}>{t('waiting.edit')}</Button>}
              {way === 'again' && <Button onPress={() => onAgain(thing)}>{t('waiting.again')}</Button>}
              {written.length > 0 && (
                <Button icon="copy" onPress={() => onCopy(written)} about={title}>
                  {t('waiting.copy')}
                </Button>
              )}
              {way !== 'both' && (
                <Button kind="stop" onPress={() => ask(true)} about={title}>
                  {t('waiting.delete')}
                </Button>
              )}
            </>
          )
        }
      >
        <p>{way === 'both' ? t('today.needs_you_what') : t('fate.not_sent', { reason: t(`refusal.${reason ?? 'other'}`) })}</p>
        <Quote lines={written} />
        {files && <p class="soft">{t(`waiting.files_${files}`)}</p>}
        {asks && <p role="status">{t('waiting.delete_what')}</p>}
      </Notice>
    </div>
  )
}

/** The button that was pressed is gone: the focus goes on to what has come in its place. */
function useFocusInside(to: 'textarea' | 'last button' | null) {
  const box = useRef<HTMLDivElement>(null)
  const before = useRef(to)
  useEffect(() => {
    if (before.current === to) return
    before.current = to
    const found = box.current?.querySelectorAll<HTMLElement>(to === 'textarea' ? 'textarea' : 'button')
    ;(to === 'last button' ? found?.[found.length - 1] : found?.[0])?.focus()
  }, [to])
  return box
}

export function Quote({ lines }: { lines: readonly string[] }): ComponentChildren {
  return lines.map((line, place) => (
    <p class="quote" key={place}>
      “{line}”
    </p>
  ))
}

/** Opened by an old link. */
export function Decided() {
  return (
    <Under title={t('both.gone')} out={{ label: t('waiting.title'), href: href('waiting') }}>
      <p>{t('both.gone_what')}</p>
    </Under>
  )
}
