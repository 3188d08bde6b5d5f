/** Transport and clock of a browser; React Native has the same calls. */

import { Offline, Unreachable } from './errors.ts'
import type { Clock, DeviceKey, Reply, Transport } from './ports.ts'

const SUBPROTOCOL = 'recovery.sync.v1'
const TIMEOUT_MS = 30_000

/** How often the network has come back. */
let returns = 0
globalThis.addEventListener?.('online', () => void (returns += 1))

/** The browser says so only if it is certain; that there is a network, it says too often. */
function hasNoNetwork(): boolean {
  return globalThis.navigator?.onLine === false
}

/** `native`: sockets say their token in the handshake's header, as React Native can. */
export function fetchTransport({ native = false } = {}): Transport {
  return {
    needsTicket: !native,
    post: (url, body, headers) => reply(url, { method: 'POST', body: body as BodyInit, headers }),
    get: (url, headers) => reply(url, { headers }),
    dial(url, token, events) {
      const options = token ? { headers: { Authorization: `Bearer ${token}` } } : undefined
      // React Native's WebSocket takes a third argument.
      const Socket = WebSocket as unknown as new (url: string, protocol: string, options?: object) => WebSocket
      const socket = new Socket(url, SUBPROTOCOL, options)
      socket.onopen = () => events.open()
      socket.onmessage = (event) => events.message(String(event.data))
      socket.onclose = (event) => events.close(event.code)
      return { send: (text) => socket.send(text), close: () => socket.close() }
    },
  }
}

async function reply(url: string, request: RequestInit): Promise<Reply> {
  const hadNone = hasNoNetwork()
  const before = returns
  try {
    const response = await fetch(url, {
      ...request,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const content = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: Object.fromEntries(response.headers), content }
  } catch (error) {
    // Without a network all the while, nothing has left.
    const Failure = hadNone && before === returns ? Offline : Unreachable
    throw new Failure(url, { cause: error })
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** A signing key that cannot be read. The app stores the pair in IndexedDB, which can hold it. */
export function newDeviceKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
}

export function deviceKey({ privateKey, publicKey }: CryptoKeyPair): DeviceKey {
  return {
    async publicKey() {
      return base64(new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)))
    },
    async sign(text) {
      const bytes = new TextEncoder().encode(text)
      const raw = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes)
      return base64(derSignature(new Uint8Array(raw)))
    },
  }
}

/** WebCrypto gives r and s side by side; the server expects DER (RFC 3279, 2.2.3). */
function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  const parts = [derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))]
  const body = parts.flat()
  return new Uint8Array([0x30, body.length, ...body])
}

function derInteger(bytes: Uint8Array): number[] {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = [...bytes.subarray(start)]
  if (digits[0]! & 0x80) digits.unshift(0)
  return [0x02, digits.length, ...digits]
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
