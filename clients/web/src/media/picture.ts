/** A picture is drawn again before it leaves: smaller, upright, and without place, time and camera. */

const LONGEST_SIDE = 1600
const QUALITY = 0.82

export type Refused = 'heic' | 'unreadable'

/** The JPEG, or why there is none. */
export async function toJpeg(file: File): Promise<Uint8Array | Refused> {
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file)
  } catch {
    return isHeic(file) ? 'heic' : 'unreadable'
  }
  const { width, height } = fitted(picture.width, picture.height)
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  // What is see-through would turn black in a JPEG.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(picture, 0, 0, width, height)
  picture.close()
  const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY))
  return jpeg ? new Uint8Array(await jpeg.arrayBuffer()) : 'unreadable'
}

/** At most 1600 pixels on the longer side; never larger than it was. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

function isHeic({ type, name }: File): boolean {
  return /hei[cf]/i.test(type) || /\.hei[cf]$/i.test(name)
}

/** What the bytes are, by how they begin. */
export function mediaOf(bytes: Uint8Array): 'image' | 'audio' {
  return (bytes[0] === 0xff && bytes[1] === 0xd8) || bytes[0] === 0x89 ? 'image' : 'audio'
}
