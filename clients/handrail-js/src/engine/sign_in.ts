/** The two ways to sign in: a code from the clinic, or a code by e-mail. */

import { Problem, Unreachable } from '../errors.ts'
import type { Body, Tokens } from '../wire_types.ts'
import type { Session } from './session.ts'
import { whole } from './wire.ts'

const REQUEST = '/auth/app/v1/auth/code/request'
const CONFIRM = '/auth/app/v1/auth/code/confirm'
const SECOND_FACTOR = '/auth/app/v1/auth/2fa/authenticate'

export class SignIn {
  private readonly session: Session
  private readonly app: { platform: string; version: string }
  private readonly name: string
  /** The server's name for the sign-in that is under way. */
  private ceremony: string | null = null

  constructor(session: Session, app: { platform: string; version: string }, name: string) {
    this.session = session
    this.app = app
    this.name = name
  }

  /** Enrol with the one-use code from the clinic. Returns the person's id. */
  async enrol(code: string, dateOfBirth: string | null, secondFactor?: string): Promise<string> {
    await this.session.startOver()
    const born = dateOfBirth ? { date_of_birth: dateOfBirth } : {}
    const factor = secondFactor ? { second_factor: secondFactor } : {}
    const body = { code, ...born, ...factor, ...(await this.install()) }
    const answer = whole(await this.session.ask('/api/v1/enrolment', body), 'user', 'access_token', 'refresh_token')
    await this.session.begin(answer.user, answer)
    return answer.user
  }

  /** Request a code by e-mail. The answer is the same for an unknown address. The install's secret
   *  lets a phone that has signed in before pass when others have asked for too many codes. */
  async requestCode(email: string): Promise<void> {
    await this.session.startOver()
    const body = { email, install: this.session.install }
    if (await this.unlessPending(this.session.ask(REQUEST, body))) throw new Unreachable(REQUEST)
  }

  /** Returns the person's id, or null if a second factor has to be shown: `confirmFactor`. */
  async confirmCode(code: string): Promise<string | null> {
    return this.finish(CONFIRM, code)
  }

  async confirmFactor(code: string): Promise<string | null> {
    return this.finish(SECOND_FACTOR, code)
  }

  private async finish(path: string, code: string): Promise<string | null> {
    const body = { code, ...(await this.install()) }
    const answer = await this.unlessPending(this.session.ask(path, body, null, this.header()))
    if (!answer) return null
    const { data, meta } = whole(answer, 'data', 'meta')
    const user = String(data.user.id)
    this.ceremony = null
    await this.session.begin(user, whole<Tokens>(meta, 'access_token', 'refresh_token'))
    return user
  }

  /** The answer, or null if the sign-in goes on, which the server says by 401 with a session token. */
  private async unlessPending(answer: Promise<Body>): Promise<Body | null> {
    try {
      return await answer
    } catch (error) {
      const token = error instanceof Problem && error.status === 401 && error.body.meta?.session_token
      if (!token) throw error
      this.ceremony = token
      return null
    }
  }

  private header(): Record<string, string> {
    return { 'X-Session-Token': this.ceremony ?? '' }
  }

  private async install(): Promise<Body> {
    const device = await this.session.deviceOf(this.app, this.name)
    return { install: this.session.install, device }
  }
}
