/** Puts the Opus packets of a WebM recording into an Ogg file. Chromium records WebM only; the server
 *  and most players take Ogg. The sound stays as it is. */

const SEGMENT = 0x18538067
const CLUSTER = 0x1f43b675
const TRACKS = 0x1654ae6b
const TRACK = 0xae
const BLOCK_GROUP = 0xa0
const SIMPLE_BLOCK = 0xa3
const BLOCK = 0xa1
const CODEC_PRIVATE = 0x63a2
/** What is inside these is read as if it lay beside them. So their sizes, which a live recording
 *  leaves open, do not matter. */
const OPENED = [SEGMENT, CLUSTER, TRACKS, TRACK, BLOCK_GROUP]
const LACING = 0x06

/** Throws if the bytes are not such a recording. */
export function webmToOgg(webm: Uint8Array, serial: number): Uint8Array {
  const { head, packets } = readWebm(webm)
  if (!head || !packets.length) throw new Error('There is no Opus sound in this WebM.')
  return writeOgg(head, packets, serial)
}

function readWebm(bytes: Uint8Array): { head: Uint8Array | null; packets: Uint8Array[] } {
  const packets: Uint8Array[] = []
  let head: Uint8Array | null = null
  for (let at = 0; at < bytes.length; ) {
    const id = vint(bytes, at, false)
    const size = vint(bytes, at + id.length, true)
    at += id.length + size.length
    if (OPENED.includes(id.value)) continue
    const content = bytes.subarray(at, at + size.value)
    if (content.length < size.value) break // the recording was cut off here
    if (id.value === CODEC_PRIVATE) head = content
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) packets.push(packetOf(content))
    at += size.value
  }
  return { head, packets }
}

/** An EBML number: as many bytes as its first one has leading zeros, and one. */
function vint(bytes: Uint8Array, at: number, isSize: boolean): { value: number; length: number } {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8) throw new Error('This is no WebM.')
  let value = isSize ? first & (0xff >> length) : first
  for (let i = 1; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0)
  return { value, length }
}

/** Track number, time (two bytes), flags, and then the packet. */
function packetOf(block: Uint8Array): Uint8Array {
  const { length } = vint(block, 0, true)
  if ((block[length + 2] ?? 0) & LACING) throw new Error('This WebM is laced.')
  return block.subarray(length + 3)
}

/** How many samples of 48 kHz a packet holds, by its first byte (RFC 6716, 3.1). */
export function samplesOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0
  const config = toc >> 3
  const silk = [480, 960, 1920, 2880]
  const celt = [120, 240, 480, 960]
  const frame =
    config < 12 ? silk[config % 4]! : config < 16 ? silk[config % 2]! : celt[config % 4]!
  const code = toc & 3
  return frame * (code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f)
}

function writeOgg(head: Uint8Array, packets: readonly Uint8Array[], serial: number): Uint8Array {
  const tags = new TextEncoder().encode('OpusTags\x08\0\0\0Handrail\0\0\0\0')
  const pages = [page([head], 0, 2, serial, 0), page([tags], 0, 0, serial, 1)]
  let samples = 0
  let group: Uint8Array[] = []
  packets.forEach((packet, n) => {
    group.push(packet)
    samples += samplesOf(packet)
    const isLast = n === packets.length - 1
    // About a second a page. A page has room for 255 segments of 255 bytes.
    if (!isLast && group.length < 50 && segments([...group, packets[n + 1]!]) <= 255) return
    pages.push(page(group, samples, isLast ? 4 : 0, serial, pages.length))
    group = []
  })
  return joined(pages)
}

function segments(packets: readonly Uint8Array[]): number {
  return packets.reduce((sum, packet) => sum + Math.floor(packet.length / 255) + 1, 0)
}

/** `type`: 2 the first page, 4 the last one. */
function page(packets: Uint8Array[], samples: number, type: number, serial: number, n: number): Uint8Array {
  const lacing = packets.flatMap(({ length }) => [...Array(Math.floor(length / 255)).fill(255), length % 255])
  const header = new Uint8Array(27 + lacing.length)
  const view = new DataView(header.buffer)
  header.set([0x4f, 0x67, 0x67, 0x53, 0, type]) // OggS
  view.setBigUint64(6, BigInt(samples), true)
  view.setUint32(14, serial, true)
  view.setUint32(18, n, true)
  header[26] = lacing.length
  header.set(lacing, 27)
  const whole = joined([header, ...packets])
  new DataView(whole.buffer).setUint32(22, crc(whole), true)
  return whole
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Ogg's own: polynomial 04c11db7, nothing reversed, from 0. */
function crc(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) {
    sum ^= byte << 24
    for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1
  }
  return sum >>> 0
}

