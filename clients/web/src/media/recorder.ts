import { webmToOgg } from './webm_to_ogg.ts'

/** What is recorded, best first: AAC plays on every phone, Ogg as the server takes it, WebM is put
 *  into Ogg. */
const TYPES = [
  'audio/mp4;codecs=mp4a.40.2',
  'audio/ogg;codecs=opus',
  'audio/webm;codecs=opus',
  'audio/mp4',
]
/** Enough for a voice: about 180 KB a minute. */
const BITS_PER_SECOND = 24_000
export const LONGEST_SECONDS = 300

export interface Recording {
  /** Ends it, and gives the bytes as the server takes them. */
  stop(): Promise<Uint8Array>
  cancel(): void
}

export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && TYPES.some((type) => MediaRecorder.isTypeSupported(type))
}

/** Asks for the microphone. Throws if the person says no, or there is none. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  try {
    return recorded(stream)
  } catch (error) {
    // The phone shows that it listens until its tracks end.
    for (const track of stream.getTracks()) track.stop()
    throw error
  }
}

function recorded(stream: MediaStream): Recording {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))!
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND })
  const pieces: Blob[] = []
  recorder.ondataavailable = ({ data }) => void pieces.push(data)
  const ended = new Promise<void>((done) => (recorder.onstop = () => done()))
  const end = () => {
    if (recorder.state !== 'inactive') recorder.stop()
    for (const track of stream.getTracks()) track.stop()
  }
  recorder.start()
  return {
    async stop() {
      end()
      await ended
      const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer())
      if (!mimeType.includes('webm')) return bytes
      return webmToOgg(bytes, crypto.getRandomValues(new Uint32Array(1))[0]!)
    },
    cancel: end,
  }
}
