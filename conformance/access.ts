// How the suite gets in: the service key, people's tokens, an admin. What was not given is said when a check needs it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Http } from './http.ts'
import { NotChecked } from './outcome.ts'
import type { Trace } from './trace.ts'
import { type Answer, asObject } from './wire.ts'

/** A service key, as POST /service-keys shows it once. */
export interface Key {
  client_id: string
  client_secret: string
}

export interface Credentials {
  clientId: string | null
  clientSecret: string | null
  /** Prints a subject token for the user named in SHOPBELL_USER. */
  tokenCommand: string | null
  /** An existing admin of the deployment. */
  admin: string | null
  metricsToken: string | null
}

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** A service's token is asked for again when it is this old. */
const FRESH_MS = 5 * 60_000

const run = promisify(execFile)

export class Access {
  readonly #http: Http
  readonly #given: Credentials
  readonly isDevelopment: boolean
  #service: { token: Promise<string>; at: number } | null = null

  constructor(http: Http, given: Credentials, isDevelopment: boolean) {
    this.#http = http
    this.#given = given
    this.isDevelopment = isDevelopment
  }

  get metricsToken(): string | null {
    return this.#given.metricsToken
  }

  /** The service key itself, for checks of signing in. */
  key(): Key {
    const { clientId, clientSecret } = this.#given
    if (clientId === null || clientSecret === null) {
      throw new NotChecked('needs a service key: --client-id and SHOPBELL_CLIENT_SECRET')
    }
    return { client_id: clientId, client_secret: clientSecret }
  }

  /** A token of the service. */
  service(trace: Trace): Promise<string> {
    const key = this.key()
    if (this.#service === null || Date.now() - this.#service.at > FRESH_MS) {
      const body = { grant_type: 'client_credentials', ...key }
      const asked = this.#http.ask(trace, 'POST', '/api/v1/auth/token', { body })
      this.#service = { token: asked.then(tokenIn), at: Date.now() }
    }
    return this.#service.token
  }

  /** Signs somebody in: the whole answer, with its cookie. `expiresIn` only where development lets one choose. */
  async signIn(trace: Trace, userId: string, expiresIn?: number): Promise<Answer> {
    if (this.isDevelopment) {
      const body = { user_id: userId, ...(expiresIn !== undefined && { expires_in: expiresIn }) }
      return this.#http.ask(trace, 'POST', '/api/v1/auth/dev', { body })
    }
    if (expiresIn !== undefined) throw new NotChecked('needs a development server: a short token')
    const body = { grant_type: EXCHANGE, subject_token: await this.#subjectToken(userId) }
    return this.#http.ask(trace, 'POST', '/api/v1/auth/token', { body })
  }

  async person(trace: Trace, userId: string, expiresIn?: number): Promise<string> {
    return tokenIn(await this.signIn(trace, userId, expiresIn))
  }

  /** Who is an admin there. */
  admin(): string {
    if (this.#given.admin === null) throw new NotChecked("needs an admin's user id: --admin")
    this.demandPeople()
    return this.#given.admin
  }

  demandPeople(): void {
    if (this.isDevelopment || this.#given.tokenCommand !== null) return
    throw new NotChecked("needs people's tokens: --token-command")
  }

  async #subjectToken(userId: string): Promise<string> {
    this.demandPeople()
    const env = { ...process.env, SHOPBELL_USER: userId }
    const command = this.#given.tokenCommand ?? ''
    const { stdout } = await run('/bin/sh', ['-c', command], { env, timeout: 20_000 })
    return stdout.trim()
  }
}

export function tokenIn({ status, json }: Answer): string {
  const { access_token } = asObject(json)
  if (status === 200 && typeof access_token === 'string') return access_token
  const { code, detail } = asObject(json)
  throw new NotChecked(`needs a token, and got ${status} ${String(code)}: ${String(detail)}`)
}
