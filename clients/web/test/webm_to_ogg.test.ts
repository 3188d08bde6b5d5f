import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplesOf, webmToOgg } from '../src/media/webm_to_ogg.ts'

const OPEN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] // a size that a live recording leaves open
const sized = (id: number[], content: number[]) => [...id, 0x40 | (content.length >> 8), content.length & 0xff, ...content]
const HEAD = [...new TextEncoder().encode('OpusHead'), 1, 1, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0]
const TRACKS = sized([0x16, 0x54, 0xae, 0x6b], sized([0xae], sized([0x63, 0xa2], HEAD)))
const block = (packet: number[], flags = 0x80) => sized([0xa3], [0x81, 0, 0, flags, ...packet])
const webm = (...blocks: number[][]) =>
  new Uint8Array([...sized([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x86, 0x81, 1]), 0x18, 0x53, 0x80, 0x67, ...OPEN,
    ...TRACKS, 0x1f, 0x43, 0xb6, 0x75, ...OPEN, ...sized([0xe7], [0]), ...blocks.flat()])

interface Page { type: number; samples: number; serial: number; n: number; packets: number[]; whole: Uint8Array }

/** Pages, read by the definition of Ogg. */
function pages(ogg: Uint8Array): Page[] {
  const found: Page[] = []
  for (let at = 0; at < ogg.length; ) {
    assert.equal(String.fromCharCode(...ogg.subarray(at, at + 4)), 'OggS')
    const view = new DataView(ogg.buffer, ogg.byteOffset + at)
    const count = ogg[at + 26]!
    const lacing = [...ogg.subarray(at + 27, at + 27 + count)]
    const packets: number[] = []
    let size = 0
    for (const each of lacing) {
      size += each
      if (each < 255) packets.push(size), (size = 0)
    }
    assert.equal(size, 0, 'a packet ends with its page')
    const length = 27 + count + lacing.reduce((sum, each) => sum + each, 0)
    found.push({ type: ogg[at + 5]!, samples: Number(view.getBigUint64(6, true)), serial: view.getUint32(14, true), n: view.getUint32(18, true), packets, whole: ogg.slice(at, at + length) })
    at += length
  }
  return found
}

/** Long division over the bits of the page, with its checksum taken as 0. */
function checksum(whole: Uint8Array): number {
  const bytes = whole.slice()
  bytes.fill(0, 22, 26)
  let remainder = 0n
  for (const byte of [...bytes, 0, 0, 0, 0]) {
    for (let bit = 7; bit >= 0; bit--) {
      remainder = (remainder << 1n) | BigInt((byte >> bit) & 1)
      if (remainder >> 32n) remainder ^= 0x104c11db7n
    }
  }
  return Number(remainder)
}

const TWENTY_MS = [0x78] // config 15, one frame: 960 samples

test('packets of a live recording become pages of Ogg', () => {
  const packets = Array.from({ length: 120 }, (_, n) => block([...TWENTY_MS, ...Array(n % 90).fill(7)]))
  const found = pages(webmToOgg(webm(...packets), 42))
  assert.deepEqual(found.map(({ type }) => type), [2, 0, 0, 0, 4])
  assert.deepEqual(found.map(({ n }) => n), [0, 1, 2, 3, 4])
  assert.ok(found.every(({ serial }) => serial === 42))
  assert.equal(found.at(-1)!.samples, 120 * 960)
  assert.equal(found.slice(2).flatMap((page) => page.packets).length, 120)
  assert.deepEqual([...found[0]!.whole.subarray(28)], HEAD)
  for (const { whole } of found) assert.equal(new DataView(whole.buffer).getUint32(22, true), checksum(whole))
})

test('packets of 255 bytes and more keep their length', () => {
  const sizes = [254, 255, 256, 510, 1275]
  const made = webmToOgg(webm(...sizes.map((size) => block([...TWENTY_MS, ...Array(size - 1).fill(1)]))), 1)
  assert.deepEqual(pages(made).slice(2).flatMap((page) => page.packets), sizes)
})

test('no page has more segments than a page can have', () => {
  const made = webmToOgg(webm(...Array.from({ length: 60 }, () => block([...TWENTY_MS, ...Array(2000).fill(1)]))), 1)
  const found = pages(made)
  assert.equal(found.slice(2).flatMap((page) => page.packets).length, 60)
  assert.ok(found.every((page) => page.whole[26]! > 0))
})

test('a recording that was cut off in the middle of a packet keeps the ones before', () => {
  const whole = webm(block([...TWENTY_MS, 1]), block([...TWENTY_MS, 2, 3, 4]))
  assert.equal(pages(webmToOgg(whole.subarray(0, -2), 1)).slice(2).flatMap((page) => page.packets).length, 1)
})

test('what is no Opus in WebM is refused, whatever it is', () => {
  assert.throws(() => webmToOgg(new Uint8Array(), 1))
  assert.throws(() => webmToOgg(new Uint8Array([0, 0, 0, 0]), 1))
  assert.throws(() => webmToOgg(webm(), 1))
  assert.throws(() => webmToOgg(webm(block(TWENTY_MS, 0x86)), 1), /laced/)
})

test('samples by the first byte of a packet', () => {
  assert.equal(samplesOf(new Uint8Array([0 << 3])), 480) // SILK, 10 ms
  assert.equal(samplesOf(new Uint8Array([3 << 3])), 2880) // SILK, 60 ms
  assert.equal(samplesOf(new Uint8Array([13 << 3])), 960) // hybrid, 20 ms
  assert.equal(samplesOf(new Uint8Array([16 << 3])), 120) // CELT, 2.5 ms
  assert.equal(samplesOf(new Uint8Array([(31 << 3) | 1])), 1920) // two frames of 20 ms
  assert.equal(samplesOf(new Uint8Array([(31 << 3) | 3, 3])), 2880) // three of them
})
