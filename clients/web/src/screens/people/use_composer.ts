import { useEffect, useRef, useState } from 'preact/hooks'
import type { Entry } from 'handrail'
import { untilClosed } from '../../kept.ts'
import { canRecord, LONGEST_SECONDS, record, type Recording } from '../../media/recorder.ts'
import { mediaOf, toJpeg } from '../../media/picture.ts'
import { findPrivate, takeOut, type Found } from '../../model/private_words.ts'
import { after, changing, isNothing, NOTHING, replying, stopped, takenUp, type Writing } from '../../model/writing.ts'
import { entries, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import type { Key } from '../../text/text.ts'
import type { Ready } from './composer.tsx'

const LARGEST_FILE = 10_485_760
const MOST_FILES = 4
const TYPING_EVERY_MS = 4000

/** Files wait here while the person looks at other pages. They are too large for a draft. */
const waiting = untilClosed(() => new Map<string, readonly Ready[]>())

/** Writing in one thread: the draft, files, and the warning before something gives the person away. */
export function useComposer(scope: string) {
  const name = `draft/${scope}`
  const [draft, setDraft] = useState<Writing>(() => ({ ...NOTHING, ...phone().kept<Writing>(name) }))
  const held = waiting()
  const [files, setFiles] = useState<readonly Ready[]>(held.get(scope) ?? [])
  const [found, setFound] = useState<Found | null>(null)
  const [trouble, setTrouble] = useState<Key | null>(null)
  const [working, setWorking] = useState(false)
  const [press, full] = usePress()
  const recorder = useRecorder((ready) => add(ready))
  const write = useKept(name, draft)
  const toldAt = useRef(0)

  function change(next: (now: Writing) => Writing) {
    setDraft(next)
    setFound(null)
    setTrouble(null)
  }

  function hold(next: readonly Ready[]) {
    held.set(scope, next)
    setFiles(next)
  }

  function add(ready: Ready | Key) {
    setWorking(false)
    if (typeof ready === 'string') return setTrouble(ready)
    const before = held.get(scope) ?? []
    if (ready.bytes.length > LARGEST_FILE) return setTrouble('attach.too_large')
    if (before.length >= MOST_FILES) return setTrouble('attach.four')
    setTrouble(null)
    hold([...before, ready])
  }

  async function picture(file: File) {
    setWorking(true)
    const made = await toJpeg(file).catch(() => 'unreadable' as const)
    add(typeof made === 'string' ? `attach.${made}` : { kind: 'image', bytes: made })
  }

  function typed(text: string) {
    change((now) => ({ ...now, text }))
    if (Date.now() - toldAt.current < TYPING_EVERY_MS) return
    toldAt.current = Date.now()
    phone().say(scope, 'typing')
  }

  async function send(anyway: boolean) {
    const person = entries('person')[0]?.doc
    const names = { given: person?.given_name ?? '', family: person?.family_name ?? '' }
    const private_ = anyway ? null : findPrivate(draft.text, names)
    if (private_) return setFound(private_)
    if (draft.editing) await edit(scope, draft.editing, draft.text)
    else {
      if (files.length > MOST_FILES) return setTrouble('attach.four')
      await post(scope, draft, files)
      hold((held.get(scope) ?? []).filter((file) => !files.includes(file)))
    }
    // Also if this page is gone by now.
    write(after(draft, draft))
    change((now) => after(now, draft))
  }

  return {
    draft, found, working, typed, picture,
    // A change of a message has no files: these wait for the next one.
    files: draft.editing ? [] : files,
    trouble: full ? ('thread.full' as const) : trouble,
    send: (anyway = false) => press(() => send(anyway)),
    reply: (replyTo: string) => change((now) => replying(now, replyTo)),
    edit: (editing: NonNullable<Writing['editing']>, text: string) => change((now) => changing(now, editing, text)),
    stop: () => change(stopped),
    takeOff: (place: number) => hold(files.filter((_, each) => each !== place)),
    takeOutFound: () => found && change((now) => ({ ...now, text: takeOut(now.text, found) })),
    /** A message that has not gone out comes back into the box, with its files. */
    takeUp(text: string, replyTo: string | null, bytes: readonly Uint8Array[]) {
      change((now) => takenUp(now, text, replyTo))
      const taken = bytes.map((each): Ready => ({ kind: mediaOf(each), bytes: each }))
      if (taken.length) hold([...(held.get(scope) ?? []), ...taken])
    },
    recording: recorder.length,
    canRecord: canRecord(),
    record: () => recorder.start().then((problem) => setTrouble(problem)),
    recorded: recorder.end,
  }
}

async function post(scope: string, { text, replyTo }: Writing, ready: readonly Ready[]): Promise<void> {
  const [kind, id] = scope.split(':') as ['group' | 'pair', string]
  const files = ready.map(({ bytes }) => ({ scope, bytes }))
  const message = { id: phone().newId(), text: text.trim(), reply_to: replyTo }
  if (kind === 'group') await phone().act('groups.post_message', { ...message, group: id }, { files })
  else await phone().act('alumni.post_message', { ...message, pair: id }, { files })
}

async function edit(scope: string, { id, seq }: NonNullable<Writing['editing']>, text: string): Promise<void> {
  // An earlier change that has not left this phone would only be in the way of this one.
  const earlier = entries('message', scope).find((message) => message.id === id)?.pending
  if (earlier) await phone().takeBack(earlier)
  const action = scope.startsWith('group:') ? 'groups.edit_message' : 'alumni.edit_message'
  const seen = { scope, kind: 'message', id, seq, pending: null, doc: {} } satisfies Entry
  await phone().act(action, { message: id, text: text.trim() }, { base: [seen] })
}

/** Keep the draft at every change. */
function useKept(name: string, draft: Writing): (now: Writing) => void {
  const last = useRef(draft)
  const keep = (now: Writing) => {
    last.current = now
    void phone().keep(name, isNothing(now) ? null : now).catch(() => {}) // it stays in the box
  }
  useEffect(() => {
    if (last.current !== draft) keep(draft)
  }, [draft])
  return keep
}

/** Leaving the page ends a recording and keeps it. */
function useRecorder(onReady: (ready: Ready | Key) => void) {
  const [length, setLength] = useState<number | null>(null)
  const current = useRef<{ recording: Recording; since: number } | null>(null)
  const isGone = useRef(false)
  const done = useRef(onReady)
  done.current = onReady

  async function end(keep: boolean) {
    const recording = current.current?.recording
    current.current = null
    setLength(null)
    if (!recording) return
    if (!keep) return recording.cancel()
    try {
      done.current({ kind: 'audio', bytes: await recording.stop() })
    } catch {
      done.current('attach.no_sound')
    }
  }

  useEffect(() => {
    if (length === null) return
    const timer = setTimeout(() => {
      const soFar = current.current ? Date.now() - current.current.since : 0
      if (soFar >= LONGEST_SECONDS * 1000) void end(true)
      else if (current.current) setLength(soFar)
    }, 500)
    return () => clearTimeout(timer)
  }, [length])
  useEffect(
    () => () => {
      isGone.current = true
      void end(true)
    },
    [],
  )

  async function start(): Promise<Key | null> {
    try {
      const recording = await record()
      // The person may have left, or tapped twice, while the browser asked.
      if (isGone.current || current.current) recording.cancel()
      else {
        current.current = { recording, since: Date.now() }
        setLength(0)
      }
    } catch {
      return 'attach.no_microphone'
    }
    return null
  }
  return { length, start, end }
}
