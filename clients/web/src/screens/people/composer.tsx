import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Found } from '../../model/private_words.ts'
import { Menu } from '../../parts/bubble.tsx'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { href } from '../../shell/router.ts'
import { size } from '../../text/size.ts'
import { t, type Key } from '../../text/text.ts'
import { minutes } from './words.ts'

/** A picture or recording that is ready to go. */
export interface Ready {
  kind: 'image' | 'audio'
  bytes: Uint8Array
}

export const LONGEST_TEXT = 4000

export interface ComposerProps {
  name: string
  kind: 'group' | 'pair'
  text: string
  onText: (text: string) => void
  onSend: () => void
  files: readonly Ready[]
  onPicture: (file: File) => void
  onTakeOff: (place: number) => void
  /** Milliseconds since the recording began; null: none goes on. */
  recording: number | null
  /** A message that is changed keeps the files that it has. */
  canAttach: boolean
  canRecord: boolean
  onRecord: () => void
  onRecorded: (keep: boolean) => void
  /** What is wrong with a file, or with the room on this phone. */
  trouble: Key | null
  working: boolean
  /** What this message answers, or changes. */
  about: { title: string; text: string } | null
  onForget: () => void
  found: Found | null
  /** "8 people", or the other one's name. */
  whom: string
  onAnyway: () => void
  onTakeOut: () => void
  hours: string
}

/** What the person writes, and what goes with it. What stands above the box belongs to it. */
export function Composer(props: ComposerProps) {
  const { name, kind, text, onText, onSend, files, found, about, onForget, recording, hours } = props
  const box = useRef<HTMLTextAreaElement>(null)
  const tooLong = excess(text)
  const isEmpty = !text.trim() && files.length === 0
  useLayoutEffect(() => grow(box.current), [text])
  useEffect(() => {
    if (about) box.current?.focus()
  }, [about?.title, about?.text])
  return (
    <>
      {about ? (
        <p class="hours clip">
          <span class="clip">
            {about.title}: <span dir="auto">{about.text}</span>
          </span>
          <Plain onPress={() => (onForget(), toBox())}>{t('thread.stop')}</Plain>
        </p>
      ) : (
        <p class="hours">
          {hours} <a href={href('help')}>{t('tabs.help')}</a>
        </p>
      )}
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault()
          if (isEmpty || tooLong > 0 || found || recording !== null) return
          onSend()
          box.current?.focus()
        }}
      >
        {props.canAttach && <AddFile {...props} />}
        <label class="unseen" for="write">
          {t('thread.label', { name })}
        </label>
        <textarea
          ref={box}
          class="input"
          id="write"
          rows={1}
          dir="auto"
          value={text}
          placeholder={kind === 'group' ? t('thread.write') : t('thread.write_pair', { name })}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        <Button kind="main" icon="send" submit notYet={isEmpty || tooLong > 0 || found !== null || recording !== null}>
          {t('thread.send')}
        </Button>
      </form>
    </>
  )
}

function excess(text: string): number {
  return [...text].length - LONGEST_TEXT
}

/** For what goes away with its own button. */
export function toBox(): void {
  document.getElementById('write')?.focus()
}

function toAdding(): void {
  document.querySelector<HTMLElement>('.composer summary')?.focus()
}

/** What goes with the message, and what to know before it goes: at the end of the page, since the bar
 *  must leave room for the thread. */
export function BeforeSending(props: ComposerProps) {
  const { text, files, onTakeOff, trouble, working, recording, onRecorded, found } = props
  const tooLong = excess(text)
  const end = useRef<HTMLDivElement>(null)
  const shown = [files.length, trouble, working, recording !== null, tooLong > 0, found?.words].join()
  const before = useRef(shown)
  useEffect(() => {
    if (before.current !== shown) end.current?.scrollIntoView({ block: 'end' })
    before.current = shown
  }, [shown])
  return (
    <div class="stack tight" ref={end}>
      <Warning {...props} />
      {files.map((file, place) => (
        <div class="item" key={place}>
          <p class="small">
            {t(file.kind === 'image' ? 'attach.ready_picture' : 'attach.ready_audio', { size: size(file.bytes.length) })}
          </p>
          <Button kind="quiet" onPress={() => (onTakeOff(place), toAdding())}>
            {t('attach.off')}
          </Button>
        </div>
      ))}
      {recording !== null && (
        <div class="stack tight">
          <p class="small">{t('attach.recording', { time: minutes(recording) })}</p>
          <div class="buttons even">
            <Button onPress={() => (onRecorded(false), toAdding())}>{t('attach.cancel')}</Button>
            <Button onPress={() => (onRecorded(true), toAdding())}>{t('attach.stop')}</Button>
          </div>
        </div>
      )}
      <div role="status">
        {working && <p class="hours">{t('attach.working')}</p>}
        {trouble && <p class="small">{t(trouble)}</p>}
        {tooLong > 0 && <p class="small">{t('thread.too_long', { n: tooLong })}</p>}
      </div>
    </div>
  )
}

/** Before it is sent, not after: what shows who the person is. */
function Warning({ found, whom, onAnyway, onTakeOut }: ComposerProps) {
  return (
    <div role="status">
      {found && (
        <Notice
          kind="wait"
          icon="warning"
          title={t(`warn.${found.kind}`, { whom })}
          buttons={
            <>
              <Button onPress={() => (onAnyway(), toBox())}>{t('warn.anyway')}</Button>
              <Button onPress={() => (onTakeOut(), toBox())}>{t('warn.take_out')}</Button>
            </>
          }
        >
          <p>
            {t('warn.found', { words: found.words })} {t('warn.body')}
          </p>
        </Notice>
      )}
    </div>
  )
}

function AddFile({ onPicture, onRecord, canRecord }: ComposerProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Menu about={t('attach.add')} icon="add">
        <button type="button" onClick={() => input.current?.click()}>
          {t('attach.picture')}
        </button>
        {canRecord && (
          <button type="button" onClick={onRecord}>
            {t('attach.record')}
          </button>
        )}
      </Menu>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          currentTarget.value = ''
          if (file) onPicture(file)
        }}
      />
    </>
  )
}

/** As high as its words, up to a few lines: the thread needs most of the screen. Read from the page, since styles inside it are forbidden. */
function grow(box: HTMLTextAreaElement | null): void {
  if (!box) return
  box.rows = 1
  if (!box.value) return // the hint may be cut off, it is read out by its label too
  const most = innerHeight > 700 ? 4 : 2
  while (box.rows < most && box.scrollHeight > box.clientHeight) box.rows += 1
}

/** A verb inside a sentence. */
export function Plain({ onPress, children }: { onPress: () => void; children: ComponentChildren }) {
  return (
    <button class="plain" type="button" onClick={onPress}>
      {children}
    </button>
  )
}
