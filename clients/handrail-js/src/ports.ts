/** What an app passes in: storage, cipher, transport, clock. Each has a real implementation in this
 *  package; tests bring others. */

export type Table = 'meta' | 'scope' | 'document' | 'mutation' | 'outgoing' | 'file' | 'keystore'

/** One change of one row; `value: null` deletes it. Keys and values are sealed already. */
export interface Write {
  table: Table
  key: string
  value: Uint8Array | null
}

/** A durable store of rows. Everything but files is read once, when the app opens. */
export interface Storage {
  /** All rows of a table. */
  load(table: Table): Promise<[key: string, value: Uint8Array][]>
  /** One row, for files, which are not kept in memory. */
  read(table: Table, key: string): Promise<Uint8Array | null>
  /** Write all or nothing. Resolves once it would survive a power cut. Throws `StorageFull`. */
  commit(writes: Write[]): Promise<void>
  /** Delete every row of every table. */
  erase(): Promise<void>
  close(): Promise<void>
}

/** Seals rows. `about` is bound to the value: it opens only under the same words. */
export interface Cipher {
  /** The key of a row in storage. Says nothing about `name` to anyone without the key. */
  name(table: Table, name: string): Promise<string>
  seal(value: Uint8Array, about: string): Promise<Uint8Array>
  open(sealed: Uint8Array, about: string): Promise<Uint8Array>
}

/** Where tokens, the install's secret and the device key are. On a native phone, the keystore. */
export interface Keystore {
  read(): Promise<Record<string, unknown>>
  /** Replace everything at once. A crash leaves the old values or the new ones. */
  write(values: Record<string, unknown>): Promise<void>
}

/** Signs refreshes. P-256, kept where it cannot be read. */
export interface DeviceKey {
  /** DER SubjectPublicKeyInfo in base64. */
  publicKey(): Promise<string>
  /** ECDSA with SHA-256 over `text` in UTF-8; DER in base64. */
  sign(text: string): Promise<string>
}

export interface Reply {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  content: Uint8Array
}

export interface Socket {
  send(text: string): void
  close(): void
}

export interface SocketEvents {
  open(): void
  message(text: string): void
  /** `code`: the close code, or the HTTP status of a refused handshake, or 1006. */
  close(code: number): void
}

export interface Transport {
  /** Throws `Offline` if nothing was sent, `Unreachable` if no answer came. */
  post(url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Reply>
  /** The same without a body. */
  get(url: string, headers: Record<string, string>): Promise<Reply>
  /** `token`: for a native app, whose handshake has a header; a browser sends a ticket instead. */
  dial(url: string, token: string | null, events: SocketEvents): Socket
  /** Whether sockets need a ticket, as in a browser. */
  needsTicket: boolean
}

export interface Clock {
  /** Milliseconds since 1970, by this phone's clock. */
  now(): number
  /** Backing off within a request, or waiting for a later look. Returns a function that cancels. */
  after(ms: number, call: () => void, why: 'backoff' | 'alarm'): () => void
}
