import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem, Unreachable } from 'handrail'
import { mediaOf } from '../../media/picture.ts'
import type { Attachment } from '../../model/messages.ts'
import { Button } from '../../parts/button.tsx'
import { Getting, useTakesLong } from '../../parts/waiting.tsx'
import { size } from '../../text/size.ts'
import { t } from '../../text/text.ts'
import { minutes } from './words.ts'

interface AttachedProps {
  file: Attachment
  /** What a screen reader says of it. */
  alt: string
  load: (sha256: string) => Promise<Uint8Array>
  /** The bytes lie on this phone: nothing is asked. */
  own: boolean
}

/** A picture or a recording: its size first, itself on a tap. */
export function Attached({ file, alt, load, own }: AttachedProps) {
  const [shown, setShown] = useState<{ url: string; kind: 'image' | 'audio' } | null>(null)
  const [state, setState] = useState<'closed' | 'getting' | 'offline' | 'gone'>('closed')
  const isLong = useTakesLong(state === 'getting')
  const isGone = useRef(false)
  useEffect(() => () => void (isGone.current = true), [])

  async function show() {
    setState('getting')
    try {
      const bytes = await load(file.sha256)
      if (isGone.current) return // the URL made below would never be revoked
      const kind = file.media_type ? file.kind : mediaOf(bytes)
      const type = file.media_type || (kind === 'image' ? 'image/jpeg' : '')
      setShown({ url: URL.createObjectURL(new Blob([bytes.slice()], { type })), kind })
      setState('closed')
    } catch (error) {
      setState(error instanceof Problem && error.status === 404 ? 'gone' : 'offline')
      if (!(error instanceof Problem || error instanceof Unreachable)) console.error(error)
    }
  }
  useEffect(() => {
    if (own) void show()
  }, [file.sha256])
  useEffect(() => () => void (shown && URL.revokeObjectURL(shown.url)), [shown])

  if (shown) return <Shown {...shown} alt={alt} file={file} />
  return (
    <>
      {!own && (
        <Button icon={file.kind === 'image' ? 'look' : 'sound'} onPress={() => void show()}>
          {label(file)}
        </Button>
      )}
      {isLong && <Getting>{t('attach.getting')}</Getting>}
      {(state === 'offline' || state === 'gone') && (
        <p class="fate" role="status">
          {t(`attach.${state}`)}
        </p>
      )}
    </>
  )
}

function Shown({ url, kind, alt, file }: { url: string; kind: string; alt: string; file: Attachment }) {
  const [fails, setFails] = useState(false)
  if (fails) return <p class="fate">{t('attach.cannot_play')}</p>
  const fail = () => setFails(true)
  if (kind === 'audio') return <audio controls src={url} aria-label={alt} onError={fail} />
  return <img src={url} alt={alt} width={file.width} height={file.height} onError={fail} />
}

function label(file: Attachment): string {
  if (file.kind === 'image') return t('attach.show_picture', { size: size(file.size) })
  return t('attach.play', { time: minutes(file.duration_ms ?? 0), size: size(file.size) })
}
