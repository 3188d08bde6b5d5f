import { useEffect, useRef, useState } from 'preact/hooks'
import { StorageFull, type Entry } from 'handrail'
import { canRecord, LONGEST_SECONDS, record, type Recording } from '../../media/recorder.ts'
import { toJpeg } from '../../media/picture.ts'
import type { Said } from '../../model/messages.ts'
import { findPrivate, takeOut, type Found } from '../../model/private_words.ts'
import { entries, phone } from '../../phone.ts'
import type { Key } from '../../text/text.ts'
import type { Ready } from './composer.tsx'

/** What the person was writing, kept on this phone under the thread. */
interface Draft {
  text: string
  replyTo: string | null
  /** The message that is being changed, as it was on the screen. */
  editing: { id: string; seq: number } | null
}

const NOTHING: Draft = { text: '', replyTo: null, editing: null }
const LARGEST_FILE = 10_485_760
const MOST_FILES = 4
const TYPING_EVERY_MS = 4000

/** Files wait here while the person looks at other pages. They are too large for a draft. */
const waiting = new Map<string, readonly Ready[]>()

/** Writing in one thread: the draft, files, and the warning before something gives the person away. */
export function useComposer(scope: string) {
  const name = `draft/${scope}`
  const [draft, setDraft] = useState<Draft>(() => ({ ...NOTHING, ...phone().kept<Draft>(name) }))
  const [files, setFiles] = useState<readonly Ready[]>(waiting.get(scope) ?? [])
  const [found, setFound] = useState<Found | null>(null)
  const [trouble, setTrouble] = useState<Key | null>(null)
  const [working, setWorking] = useState(false)
  const recorder = useRecorder(scope, (ready) => add(ready))
  const write = useKept(name, draft)
  const toldAt = useRef(0)

  function change(changes: Partial<Draft>) {
    setDraft((before) => ({ ...before, ...changes }))
    setFound(null)
    setTrouble(null)
  }

  function hold(next: readonly Ready[]) {
    waiting.set(scope, next)
    setFiles(next)
  }

  function add(ready: Ready | Key) {
    setWorking(false)
    if (typeof ready === 'string') return setTrouble(ready)
    const before = waiting.get(scope) ?? []
    if (ready.bytes.length > LARGEST_FILE) return setTrouble('attach.too_large')
    if (before.length >= MOST_FILES) return setTrouble('attach.four')
    setTrouble(null)
    hold([...before, ready])
  }

  async function picture(file: File) {
    setWorking(true)
    const made = await toJpeg(file)
    add(typeof made === 'string' ? `attach.${made}` : { kind: 'image', bytes: made })
  }

  function typed(text: string) {
    change({ text })
    if (Date.now() - toldAt.current < TYPING_EVERY_MS) return
    toldAt.current = Date.now()
    phone().say(scope, 'typing')
  }

  async function send(anyway = false) {
    const person = entries('person')[0]?.doc
    const names = { given: person?.given_name ?? '', family: person?.family_name ?? '' }
    const private_ = anyway ? null : findPrivate(draft.text, names)
    if (private_) return setFound(private_)
    try {
      await (draft.editing ? edit(scope, draft.editing, draft.text) : post(scope, draft, files))
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error
      return setTrouble('thread.full')
    }
    change(NOTHING)
    hold([])
    write(NOTHING)
  }

  return {
    draft, files, found, trouble, working, change, typed, send, picture,
    takeOff: (place: number) => hold(files.filter((_, each) => each !== place)),
    takeOutFound: () => found && change({ text: takeOut(draft.text, found) }),
    /** Words of a message that has not gone out come back into the box. */
    takeUp: (said: Said, text: string) =>
      change({
        text: draft.text && !draft.editing ? `${draft.text}\n${text}` : text,
        replyTo: said.replyTo,
        editing: null,
      }),
    recording: recorder.length,
    canRecord: canRecord(),
    record: () => recorder.start().then((problem) => setTrouble(problem)),
    recorded: recorder.end,
  }
}

async function post(scope: string, { text, replyTo }: Draft, ready: readonly Ready[]): Promise<void> {
  const [kind, id] = scope.split(':') as ['group' | 'pair', string]
  const files = ready.map(({ bytes }) => ({ scope, bytes }))
  const message = { id: phone().newId(), text: text.trim(), reply_to: replyTo }
  if (kind === 'group') await phone().act('groups.post_message', { ...message, group: id }, { files })
  else await phone().act('alumni.post_message', { ...message, pair: id }, { files })
}

async function edit(scope: string, { id, seq }: NonNullable<Draft['editing']>, text: string): Promise<void> {
  // An earlier change that has not left this phone would only be in the way of this one.
  const earlier = entries('message', scope).find((message) => message.id === id)?.pending
  if (earlier) await phone().takeBack(earlier)
  const action = scope.startsWith('group:') ? 'groups.edit_message' : 'alumni.edit_message'
  const seen = { scope, kind: 'message', id, seq, pending: null, doc: {} } satisfies Entry
  await phone().act(action, { message: id, text: text.trim() }, { base: [seen] })
}

/** Write the draft a little after each change, and at once when the page is left. */
function useKept(name: string, draft: Draft): (now: Draft) => void {
  const last = useRef(draft)
  const keep = (now: Draft) => {
    last.current = now
    const isEmpty = !now.text && !now.replyTo && !now.editing
    void phone().keep(name, isEmpty ? null : now).catch(() => {}) // it stays in the box
  }
  useEffect(() => {
    if (last.current !== draft) keep(draft)
  }, [draft])
  return keep
}

/** Leaving the page ends a recording and keeps it. */
function useRecorder(scope: string, onReady: (ready: Ready | Key) => void) {
  const [length, setLength] = useState<number | null>(null)
  const current = useRef<{ recording: Recording; since: number } | null>(null)
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
  useEffect(() => () => void end(true), [scope])

  async function start(): Promise<Key | null> {
    try {
      current.current = { recording: await record(), since: Date.now() }
    } catch {
      return 'attach.no_microphone'
    }
    setLength(0)
    return null
  }
  return { length, start, end }
}
