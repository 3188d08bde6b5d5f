/** Sends files piece by piece, goes on where it stopped, and fetches files. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Answers } from '../core/answers.ts'
import type { Entry, Mutation, Outgoing } from '../core/memory.ts'
import { attached, outgoingName, shownName } from '../core/memory.ts'
import { BrokenAnswer, Problem } from '../errors.ts'
import type { Body, Lane } from '../wire_types.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'

const BLOBS = '/api/v1/blobs'
const PIECES = '/api/v1/blobs/pieces'
const READ = '/api/v1/blobs/read'
/** Refusals after which the same bytes are not tried again; for a piece only 422 is one. */
const FINAL = [400, 404, 422]
const UNKNOWN = [400, 404]
/** Seconds; a longer `Retry-After` must not block the rest of the sync. */
const MAX_WAIT = 5
/** 500s for one file; after that the file is at fault, not the server. */
const BROKEN = 20
/** Uploads without progress; then something is wrong with this phone. */
const TRIES = 3

interface Upload {
  upload: string
  offset: number
  piece_bytes: number
  complete: boolean
}

export class Files {
  /** Bytes sent of the current file. */
  offset = 0
  private readonly session: Session
  private readonly store: Store
  private readonly answers: Answers
  private notBefore = 0

  constructor(session: Session, store: Store, answers: Answers) {
    this.session = session
    this.store = store
    this.answers = answers
  }

  /** Send the files of the lane's next mutation. If they are refused for good, it is set aside and
   *  the next one is tried. If the server asks for a long wait, they stay for a later sync. */
  async sendNext(lane: Lane): Promise<void> {
    if (this.session.wire.now() < this.notBefore) return
    try {
      for (const mutation of this.answers.outbox.pending(lane)) {
        if (await this.sendAll(mutation)) return
      }
    } catch (error) {
      const wait = error instanceof Problem && error.isPassing ? (error.retryAfter ?? 0) : 0
      if (wait <= MAX_WAIT) throw error
      this.notBefore = this.session.wire.now() + wait * 1000
    }
  }

  hasUnsent(uuid: string): boolean {
    return this.answers.outbox.unsent(uuid).length > 0
  }

  /** A file that the entry shows: from this phone, or from the server after checking its hash. What
   *  waits to be sent is shown as it will be sent; once it is there, as the server has cleaned it. */
  async fetch(entry: Entry, name: string): Promise<Uint8Array> {
    const shown = (entry.doc.attachments as Body[]).find((each) => each.sha256 === name)
    const own = shown?.content_sha256 ? null : await this.ownCopy(entry, name)
    const local = own ?? (await this.store.file(shownName(entry, name)))
    if (local) return local
    const { content } = await this.session.exchange(READ, { scope: entry.scope, sha256: name })
    if (shown?.content_sha256 !== bytesToHex(sha256(content))) {
      throw new BrokenAnswer('A file differs from the hash in its document.')
    }
    await this.store.transaction(() => {
      // The document may have been withdrawn while its file was on the way.
      const now = this.store.memory.find(entry.scope, entry.kind, entry.id)
      if (now && attached(now).includes(name)) this.store.memory.putFile(shownName(entry, name), content)
    })
    return content
  }

  private async ownCopy({ scope }: Entry, name: string): Promise<Uint8Array | null> {
    for (const file of this.store.memory.outgoing.values()) {
      if (file.scope === scope && file.sha256 === name) return this.outgoing(file)
    }
    return null
  }

  /** The bytes of a file that has not been sent yet. */
  outgoing(file: Outgoing): Promise<Uint8Array | null> {
    return this.store.file(outgoingName(file))
  }

  /** Returns false if the mutation was set aside. */
  private async sendAll(mutation: Mutation): Promise<boolean> {
    for (const file of this.answers.outbox.unsent(mutation.uuid)) {
      try {
        await this.send(file)
      } catch (error) {
        if (!(error instanceof Problem) || !(await this.isFinal(error, file))) throw error
        const now = this.session.wire.now()
        await this.store.transaction(() => this.answers.setAside(mutation.uuid, error.code, now))
        return false
      }
      await this.store.transaction(() => this.answers.outbox.markSent(file))
    }
    return true
  }

  private async isFinal(problem: Problem, file: Outgoing): Promise<boolean> {
    if (problem.status !== 500) return FINAL.includes(problem.status)
    // A file on which the server fails again and again would block the lane for ever.
    return (await this.store.transaction(() => this.answers.outbox.countFailure(file))) >= BROKEN
  }

  private async send(file: Outgoing): Promise<void> {
    const bytes = (await this.outgoing(file)) ?? new Uint8Array()
    // Every answer, also the first, has the server's offset.
    let state = await this.announce(file)
    for (let setbacks = 0; !state.complete; ) {
      this.offset = state.offset
      state = { ...state, ...(await this.sendPiece(file, bytes, state)) }
      if (state.offset <= this.offset && ++setbacks === TRIES) {
        throw new BrokenAnswer('The upload makes no progress.')
      }
    }
  }

  private announce({ scope, sha256, size }: Outgoing): Promise<Upload> {
    return this.session.call(BLOBS, { scope, sha256, size })
  }

  private async sendPiece(file: Outgoing, bytes: Uint8Array, state: Upload): Promise<Partial<Upload>> {
    const piece = bytes.subarray(state.offset, state.offset + state.piece_bytes)
    const headers = { 'Upload-Id': state.upload, 'Upload-Offset': String(state.offset) }
    try {
      return await this.session.call(PIECES, piece, headers)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.code === 'offset_mismatch') return { offset: error.body.offset }
      if (!UNKNOWN.includes(error.status)) throw error
    }
    // The upload may have expired. Only declaring it again shows whether the scope still takes it.
    return this.announce(file)
  }
}
