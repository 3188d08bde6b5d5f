/** Everything that can go wrong on a phone. */

import type { Body } from './wire_types.ts'

/** Names are written out, because minifiers shorten those of classes. */
export class PhoneError extends Error {}

/** No answer came: the network is down, or the answer was lost. */
export class Unreachable extends PhoneError {
  override name = 'Unreachable'
}

/** Nothing was sent, because there is no network. */
export class Offline extends Unreachable {
  override name = 'Offline'
}

/** Nobody is signed in on this phone. */
export class SignedOut extends PhoneError {
  override name = 'SignedOut'
}

/** This phone was wiped: its data and keys are gone. */
export class Wiped extends PhoneError {
  override name = 'Wiped'
}

/** Documents may not be shown now. */
export class Locked extends PhoneError {
  override name = 'Locked'
}

/** This app is too old to read; it still pushes its outbox. */
export class UpgradeRequired extends PhoneError {
  override name = 'UpgradeRequired'
}

/** Signing out now would lose what the server does not have. */
export class UnsentWork extends PhoneError {
  override name = 'UnsentWork'
}

/** All retries failed; a later trigger tries again. */
export class Stuck extends PhoneError {
  override name = 'Stuck'
}

/** The server answered 200 with something that the protocol does not allow. */
export class BrokenAnswer extends PhoneError {
  override name = 'BrokenAnswer'
}

/** The new home would receive tokens unencrypted. */
export class InsecureHome extends PhoneError {
  override name = 'InsecureHome'
}

/** The phone has no room left. What was to be stored is not stored. */
export class StorageFull extends PhoneError {
  override name = 'StorageFull'
}

/** The app closed the phone. */
export class Closed extends PhoneError {
  override name = 'Closed'
}

/** The server refused. */
export class Problem extends PhoneError {
  override name = 'Problem'
  readonly status: number
  readonly body: Body
  /** Machine-readable reason, or "". */
  readonly code: string
  /** Seconds. */
  readonly retryAfter: number | null

  constructor(status: number, body: Body, retryAfter: number | null = null) {
    super(`${status} ${body.code ?? JSON.stringify(body)}`)
    this.status = status
    this.body = body
    this.code = String(body.code ?? '')
    this.retryAfter = retryAfter
  }

  /** Whether trying again may help: we were too slow, or the server is busy or broken. */
  get isPassing(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500
  }
}
