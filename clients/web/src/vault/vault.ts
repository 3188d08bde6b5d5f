/** The key to this phone's data, and what protects it: the phone alone, a passkey, or four words.
 *
 * A key that the browser holds, also one that scripts cannot read, lies in its files on the disk. So
 * level 1 protects against scripts and idle looks, not against a person with the files. */

import { dataKey, newDeviceKeys } from 'handrail'
import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import { normalized } from './words.ts'

export type Level = 'phone' | 'passkey' | 'words'

/** OWASP's figure for PBKDF2 with HMAC-SHA-256. */
const ROUNDS = 600_000
const KEY_BYTES = 32
const IV_BYTES = 12
const DATABASE = 'handrail-vault'
const RECORD = 'vault'
/** Of the databases with data, but not of this one. */
const NAMES = /^handrail-[0-9a-f]{8}-/

interface Record {
  level: Level
  /** The name of the database that this key opens. */
  database: string
  deviceKeys: CryptoKeyPair
  /** Level `phone`. */
  key?: CryptoKey
  /** The other levels: the key's bytes, sealed. */
  sealed?: Uint8Array
  salt?: Uint8Array
  credential?: Uint8Array
}

/** An open vault. */
export interface Opened {
  level: Level
  database: string
  key: CryptoKey
  deviceKeys: CryptoKeyPair
}

/** What the person shows to open it: nothing, their passkey, or their words. */
export type Secret = { level: 'phone' } | { level: 'passkey' } | { level: 'words'; words: string }

/** What seals a new key; nothing does at level `phone`. */
export interface Lock {
  level: Level
  seals?: CryptoKey
  salt?: Uint8Array
  credential?: Uint8Array
}

/** The words are not those, or the passkey is another one. */
export class WrongSecret extends Error {}

/** This browser cannot keep a secret with a passkey (no PRF). */
export class NoPasskey extends Error {}

/** The level of this phone's vault, or null if there is none. */
export async function level(): Promise<Level | null> {
  return (await read())?.level ?? null
}

/** The vault changes in one tab at a time. */
export function alone<T>(change: () => Promise<T>): Promise<T> {
  return navigator.locks.request(DATABASE, change) as Promise<T>
}

/** Make what will protect a key. A passkey is asked for at once: to Safari, one that is asked for
 *  after other work is no longer the person's tap, and it refuses. */
export async function lockOf(secret: Secret): Promise<Lock> {
  const { level } = secret
  if (level === 'phone') return { level }
  const salt = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  if (level === 'words') return { level, salt, seals: await wordsKey(secret.words, salt) }
  return { level, salt, ...(await newPasskey(salt)) }
}

/** Make a new key for a new database. The one before stays until `commit`. */
export async function prepare({ seals, ...lock }: Lock): Promise<{ opened: Opened; commit(): Promise<void> }> {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  const before = await read()
  const deviceKeys = before?.deviceKeys ?? (await newDeviceKeys())
  const database = `handrail-${crypto.randomUUID()}`
  const key = await dataKey(bytes)
  const record: Record = { ...lock, database, deviceKeys, ...(seals ? { sealed: await seal(seals, bytes) } : { key }) }
  bytes.fill(0)
  return { opened: { level: lock.level, database, deviceKeys, key }, commit: () => write(record) }
}

/** Open the vault. Throws `WrongSecret`, and `NoPasskey` if the passkey cannot be used here. */
export async function unlock(secret: Secret): Promise<Opened> {
  // Nothing is read before a passkey is asked for: see `lockOf`.
  const record = known ?? (await read())
  if (!record || record.level !== secret.level) throw new WrongSecret()
  const { level, database, deviceKeys } = record
  if (record.key) return { level, database, deviceKeys, key: record.key }
  const bytes = await reveal(record, secret)
  const key = await dataKey(bytes)
  bytes.fill(0)
  return { level, database, deviceKeys, key }
}

/** Delete the key first: what is left without it cannot be read. Then the data. */
export async function destroy(): Promise<void> {
  const record = await read()
  await write(null)
  if (record) await forget(record.database)
  await deleteOthers(null)
}

/** Delete the databases that have no key any more. Where it fails, the next start does it. */
export function sweep(): Promise<void> {
  return alone(async () => deleteOthers((await read())?.database ?? null)).catch(() => {})
}

async function forget(database: string): Promise<void> {
  await new Promise((done) => {
    const request = indexedDB.deleteDatabase(database)
    request.onsuccess = request.onerror = request.onblocked = done
  })
}

async function deleteOthers(kept: string | null): Promise<void> {
  // Firefox before 126 cannot list them.
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (name && NAMES.test(name) && name !== kept) await forget(name)
  }
}

/** Whether this browser has passkeys at all; whether they can hold a secret shows at the first try. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function'
}

async function reveal(record: Record, secret: Secret): Promise<Uint8Array> {
  const key =
    secret.level === 'words'
      ? await wordsKey(secret.words, record.salt!)
      : await passkeyKey(record.credential!, record.salt!)
  const iv = record.sealed!.slice(0, IV_BYTES)
  try {
    const algorithm = { name: 'AES-GCM', iv }
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, record.sealed!.slice(IV_BYTES)))
  } catch {
    throw new WrongSecret()
  }
}

async function seal(key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes as BufferSource)
  const whole = new Uint8Array(IV_BYTES + sealed.byteLength)
  whole.set(iv)
  whole.set(new Uint8Array(sealed), IV_BYTES)
  return whole
}

async function wordsKey(words: string, salt: Uint8Array): Promise<CryptoKey> {
  const plain = new TextEncoder().encode(normalized(words))
  const base = await crypto.subtle.importKey('raw', plain, 'PBKDF2', false, ['deriveKey'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: salt as BufferSource, iterations: ROUNDS }
  return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

async function newPasskey(salt: Uint8Array): Promise<{ credential: Uint8Array; seals: CryptoKey }> {
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
      // Neutral: the phone's own list of passkeys shows these words.
      rp: { name: 'Notes' },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'Notes', displayName: 'Notes' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
      authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      extensions: { prf: { eval: { first: salt as BufferSource } } },
    },
  })) as PublicKeyCredential | null
  const { enabled, results } = made?.getClientExtensionResults().prf ?? {}
  if (!made || !enabled) throw new NoPasskey()
  const credential = new Uint8Array(made.rawId)
  // Some browsers give the secret only to the second question.
  return { credential, seals: results?.first ? await keyOf(results.first) : await passkeyKey(credential, salt) }
}

/** From the passkey's PRF output for this salt. */
async function passkeyKey(id: Uint8Array, salt: Uint8Array): Promise<CryptoKey> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
      allowCredentials: [{ type: 'public-key', id: id as BufferSource }],
      userVerification: 'required',
      extensions: { prf: { eval: { first: salt as BufferSource } } },
    },
  })) as PublicKeyCredential | null
  const secret = credential?.getClientExtensionResults().prf?.results?.first
  if (!secret) throw new NoPasskey()
  return keyOf(secret)
}

async function keyOf(secret: BufferSource): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode('handrail vault') }
  return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** As it was last read or written. */
let known: Record | undefined

async function read(): Promise<Record | undefined> {
  return (known = await withDatabase((db) => db.get(RECORD, RECORD)))
}

/** Null: there is none any more. On the disk when it resolves: what the key before opened may then be
 *  deleted. */
async function write(record: Record | null): Promise<void> {
  await withDatabase((db) => {
    const change = db.transaction(RECORD, 'readwrite', { durability: 'strict' })
    return Promise.all([record ? change.store.put(record, RECORD) : change.store.clear(), change.done])
  })
  known = record ?? undefined
}

async function withDatabase<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T> {
  const db = await openDB(DATABASE, 1, { upgrade: (fresh) => void fresh.createObjectStore(RECORD) })
  try {
    return await work(db)
  } finally {
    db.close()
  }
}
