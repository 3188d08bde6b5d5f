/** The signed-in person of this phone: tokens, refresh, remote wipe, signing out. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { InsecureHome, Offline, Problem, SignedOut, Unreachable, Wiped } from '../errors.ts'
import type { DeviceKey, Keystore } from '../ports.ts'
import type { Body, Tokens } from '../wire_types.ts'
import type { Store } from './store.ts'
import type { Answer, Wire } from './wire.ts'
import { json, UNPROVEN, whole } from './wire.ts'

const REFRESH = '/api/v1/sessions/refresh'
/** After a lost answer the same token can be used again at once. */
const REFRESH_TRIES = 3
/** Refresh this long before the token expires. */
const SOON_MS = 30_000
const SECRET_BYTES = 24

interface Keys {
  install?: string
  home?: string
  /** Another one whenever something leaves for the first time. */
  mark?: string
  access_token?: string | null
  access_expires_at?: string | null
  refresh_token?: string | null
  session?: string | null
  wiped?: boolean
  receipt?: string | undefined
  last_token?: string | undefined
}

const NO_TOKENS: Keys = { access_token: null, access_expires_at: null, refresh_token: null, session: null }

export class Session {
  afterRefresh: () => void = () => {}
  readonly wire: Wire
  readonly store: Store
  readonly device: DeviceKey | null
  private readonly keystore: Keystore
  private readonly firstHome: string
  private keys: Keys = {}
  private refreshing: Promise<void> | null = null

  constructor(home: string, wire: Wire, store: Store, keystore: Keystore, device: DeviceKey | null) {
    this.firstHome = home.replace(/\/+$/, '')
    this.wire = wire
    this.store = store
    this.keystore = keystore
    this.device = device
  }

  async read(): Promise<void> {
    this.keys = (await this.keystore.read()) as Keys
  }

  /** Begin a new install, or finish a wipe that a crash interrupted after the keys. */
  async prepare(): Promise<void> {
    if (this.isWiped) await this.eraseData()
    else if (!this.keys.install) await this.put({ install: newSecret() })
  }

  /** Keep the same tokens in another keystore, too. */
  copyTo(keystore: Keystore): Promise<void> {
    return keystore.write({ ...this.keys })
  }

  /** The URL of the person's server. It changes when an organisation moves. */
  get home(): string {
    return this.keys.home ?? this.firstHome
  }

  get install(): string {
    return this.keys.install ?? ''
  }

  /** What the data must name, too. If they do not, they came from a backup. */
  get mark(): string {
    return this.keys.mark ?? this.install
  }

  /** A new mark, for the keystore first and then for the data. */
  async remark(): Promise<string> {
    const mark = newSecret()
    await this.put({ mark })
    return mark
  }

  /** The id of this phone's own `device_session`. */
  get deviceSession(): string | null {
    return this.keys.session ?? null
  }

  get isSignedIn(): boolean {
    return Boolean(this.keys.refresh_token)
  }

  get isWiped(): boolean {
    return Boolean(this.keys.wiped)
  }

  /** Store a new home. Throws `InsecureHome` if tokens would then be sent unencrypted. */
  async move(url: string): Promise<void> {
    if (this.home.startsWith('https:') && !url.startsWith('https:')) throw new InsecureHome(url)
    await this.put({ home: url.replace(/\/+$/, '') })
  }

  token(): string {
    if (this.isWiped) throw new Wiped()
    if (!this.keys.access_token) throw new SignedOut()
    return this.keys.access_token
  }

  /** Make a wiped phone usable again, as a new install. */
  async startOver(): Promise<void> {
    if (this.isWiped) await this.replace({ ...this.whereabouts(), install: newSecret() })
  }

  /** Store the tokens of a new sign-in. The data of another person is erased first. If the app dies
   *  in between, nobody is signed in: no tokens stay with another person's data. */
  async begin(user: string, tokens: Tokens): Promise<void> {
    const known = this.store.memory.meta.user
    if (known !== undefined && known !== user) {
      await this.put(NO_TOKENS)
      await this.eraseData()
    }
    const before = this.keys
    // In memory first, so that no screen sees a moment without them.
    this.keys = { ...before, ...tokensOf(tokens) }
    try {
      await this.store.transaction(() => this.store.memory.setMeta({ user, mark: this.mark }))
      await this.put({})
    } catch (error) {
      this.keys = before
      throw error
    }
  }

  /** POST as the signed-in person; an expired token is refreshed once. A body of null: GET. */
  async call(path: string, body: Body | Uint8Array | null, headers: Record<string, string> = {}): Promise<any> {
    return json(await this.exchange(path, body, headers))
  }

  /** Like `call`, for answers that are not JSON. */
  async exchange(path: string, body: Body | Uint8Array | null, headers: Record<string, string> = {}): Promise<Answer> {
    const { user } = this.store.memory.meta
    const answer = await this.authorised(path, body, headers)
    // The phone may have been wiped, or be another person's, while this was on its way.
    if (this.isWiped) throw new Wiped()
    if (this.store.memory.meta.user !== user) throw new SignedOut()
    return answer
  }

  private async authorised(path: string, body: Body | Uint8Array | null, headers: Record<string, string>): Promise<Answer> {
    if (this.expiresSoon()) await this.refresh(this.token())
    const token = this.token()
    try {
      return await this.post(path, body, token, headers)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
    }
    await this.refresh(token)
    try {
      return await this.post(path, body, this.token(), headers)
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw new SignedOut(error.code)
      throw error
    }
  }

  /** POST with an optional token; follow the server to a new home. */
  async ask(path: string, body: Body, token: string | null = null, headers: Record<string, string> = {}): Promise<any> {
    return json(await this.followMove(() => this.post(path, body, token, headers)))
  }

  /** Send, and send again if the home has moved. Not for requests under a client id: there the phone
   *  must register first. */
  async followMove(send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 421) throw error
      await this.move(String(error.body.url))
    }
    return send()
  }

  /** Replace the token `stale`. One request at a time. */
  refresh(stale: string): Promise<void> {
    this.refreshing ??= this.replaceToken(stale).finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }

  /** Erase tokens, then data, then acknowledge. Always throws `Wiped`. A crash leaves nothing that
   *  can be read. */
  async wipe(receipt?: string, last_token?: string): Promise<never> {
    await this.replace({ ...this.whereabouts(), wiped: true, receipt, last_token })
    await this.eraseData()
    await this.acknowledgeWipe()
    throw new Wiped()
  }

  /** A close code revoked this client. Erase everything but the dead token, which identifies this
   *  phone when it fetches the receipt. Always throws `Wiped`. */
  revoked(): Promise<never> {
    return this.wipe(undefined, this.keys.access_token ?? undefined)
  }

  /** Return the receipt of a wipe; fetch it first if necessary. The next sync tries again if the
   *  network is down. */
  async acknowledgeWipe(): Promise<void> {
    if (!this.isWiped || (!this.keys.last_token && !this.keys.receipt)) return
    try {
      if (this.keys.last_token) {
        // Any request with a revoked token is answered with the order to wipe, which has the receipt.
        const token = this.keys.last_token
        const receipt = await this.receiptFor(token)
        if (receipt) await this.put({ receipt })
      }
      const { receipt } = this.keys
      if (receipt) await this.ask('/api/v1/sessions/wipe-receipt', { receipt })
    } catch (error) {
      if (error instanceof Unreachable || (error instanceof Problem && error.isPassing)) return
      if (!(error instanceof Problem)) throw error
    }
    await this.replace({ ...this.whereabouts(), wiped: true })
  }

  /** End the session on the server, then erase everything here. */
  async signOut(): Promise<void> {
    await this.followMove(() => this.exchange('/api/v1/sessions/sign-out', {}))
    await this.replace({ ...this.whereabouts(), wiped: true })
    await this.eraseData()
    await this.startOver()
  }

  async deviceOf(app: { platform: string; version: string }, name: string): Promise<Body> {
    const public_key = this.device ? { public_key: await this.device.publicKey() } : {}
    return { platform: app.platform, app: app.version, name, ...public_key }
  }

  /** POST once. An order to wipe is obeyed, whatever the request was. */
  private async post(
    path: string, body: Body | Uint8Array | null, token: string | null, headers: Record<string, string> = {},
  ): Promise<Answer> {
    const credentials: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {}
    try {
      return await this.wire.post(this.home + path, body, { ...headers, ...credentials })
    } catch (error) {
      const isWipe = error instanceof Problem && error.status === 410 && error.code === 'wipe'
      if (isWipe && !this.isWiped) await this.wipe(error.body.receipt)
      throw error
    }
  }

  private async receiptFor(token: string): Promise<string | undefined> {
    try {
      await this.ask('/api/v1/live/ticket', {}, token)
    } catch (error) {
      if (error instanceof Problem && error.code === 'wipe') return error.body.receipt
      throw error
    }
    return undefined
  }

  private expiresSoon(): boolean {
    const expires = this.keys.access_expires_at
    return Boolean(expires) && Date.parse(expires!) - this.wire.now() < SOON_MS
  }

  private async replaceToken(stale: string): Promise<void> {
    // While the caller waited, another one may have refreshed it already.
    if (this.keys.access_token !== stale) return
    const { refresh_token } = this.keys
    let tokens: Tokens
    try {
      tokens = await this.requestTokens(refresh_token ?? '')
      if (this.keys.refresh_token !== refresh_token) throw new SignedOut() // another person has signed in
    } catch (error) {
      const isRefused = error instanceof Problem && [400, 401, 403].includes(error.status)
      const isOld = this.keys.refresh_token !== refresh_token
      if (!isRefused || isOld || error.code === UNPROVEN) throw error
      await this.put(NO_TOKENS)
      throw new SignedOut(error.code)
    }
    await this.put(tokensOf({ ...this.keys, ...tokens } as Tokens))
    this.afterRefresh()
  }

  private async requestTokens(refresh_token: string): Promise<Tokens> {
    for (let left = REFRESH_TRIES; ; left--) {
      try {
        const answer = json(await this.post(REFRESH, await this.refreshBody(refresh_token), null))
        return whole<Tokens>(answer, 'access_token', 'refresh_token')
      } catch (error) {
        const mayRepeat =
          (error instanceof Unreachable && !(error instanceof Offline)) ||
          (error instanceof Problem && error.code === UNPROVEN)
        if (!mayRepeat || left === 1) throw error
      }
    }
  }

  /** Each try is signed by itself, because the server accepts a signature once. */
  private async refreshBody(refresh_token: string): Promise<Body> {
    if (!this.device) return { refresh_token }
    const time = new Date(this.wire.now()).toISOString()
    const nonce = bytesToHex(randomBytes(16))
    const url = new URL(this.home + REFRESH)
    const hash = bytesToHex(sha256(utf8ToBytes(refresh_token)))
    const lines = ['POST', url.host, url.pathname, time, nonce, this.keys.session ?? '', hash]
    return { refresh_token, proof: { time, nonce, signature: await this.device.sign(lines.join('\n')) } }
  }

  /** What outlives a wipe. */
  private whereabouts(): Keys {
    return this.keys.home ? { home: this.keys.home } : {}
  }

  private async eraseData(): Promise<void> {
    await this.store.erase()
    // The keystore may be in the same storage.
    await this.put({})
  }

  private put(values: Keys): Promise<void> {
    return this.write(() => ({ ...this.keys, ...values }))
  }

  private replace(keys: Keys): Promise<void> {
    return this.write(() => keys)
  }

  /** One at a time: the next one builds on what this one has written. */
  private write(next: () => Keys): Promise<void> {
    return this.store.beside(async () => {
      const keys = next()
      await this.keystore.write({ ...keys })
      this.keys = keys
    })
  }
}

function tokensOf({ access_token, access_expires_at, refresh_token, session }: Tokens): Keys {
  return { access_token, access_expires_at, refresh_token, session }
}

function newSecret(): string {
  return bytesToHex(randomBytes(SECRET_BYTES))
}
