/** Sealing with the platform's WebCrypto, or none where the database itself is encrypted. */

import type { Cipher } from './ports.ts'

const IV_BYTES = 12

/** AES-256-GCM for values, HMAC-SHA-256 for keys of rows, both derived from one key by HKDF. The
 *  key needs the usage `deriveKey`; `dataKey` makes one from 32 bytes. */
export async function webCipher(key: CryptoKey): Promise<Cipher> {
  const [aes, hmac] = await Promise.all([
    derive(key, 'values', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']),
    derive(key, 'names', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']),
  ])
  const { subtle } = crypto
  return {
    async name(table, name) {
      const tag = await subtle.sign('HMAC', hmac, utf8(`${table}/${name}`))
      return base64url(new Uint8Array(tag))
    },
    async seal(value, about) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = await subtle.encrypt(gcm(iv, about), aes, value as BufferSource)
      const whole = new Uint8Array(IV_BYTES + sealed.byteLength)
      whole.set(iv)
      whole.set(new Uint8Array(sealed), IV_BYTES)
      return whole
    },
    async open(sealed, about) {
      const [iv, rest] = [sealed.subarray(0, IV_BYTES), sealed.subarray(IV_BYTES)]
      return new Uint8Array(await subtle.decrypt(gcm(iv, about), aes, rest as BufferSource))
    },
  }
}

/** A key for `webCipher`. It cannot be read again. */
export function dataKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes as BufferSource, 'HKDF', false, ['deriveKey'])
}

/** For SQLCipher and the like: the database seals everything itself. */
export const sealedByDatabase: Cipher = {
  name: async (_table, name) => name,
  seal: async (value) => value,
  open: async (sealed) => sealed,
}

function derive(
  key: CryptoKey, info: string, algorithm: AesKeyGenParams | HmacKeyGenParams, usages: KeyUsage[],
): Promise<CryptoKey> {
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`handrail ${info}`) }
  return crypto.subtle.deriveKey(hkdf as HkdfParams, key, algorithm, false, usages)
}

function gcm(iv: Uint8Array, about: string): AesGcmParams {
  return { name: 'AES-GCM', iv: iv as BufferSource, additionalData: utf8(about) }
}

const encoder = new TextEncoder()

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
