// [AU2] Signing people in, and going on.
import { uuidv7 } from 'uuidv7'
import {
  getSession,
  getSignedIn,
  openSession,
  rotateSession,
  type Session,
  type SignedIn,
} from '../../db/sessions.ts'
import { now } from '../../durable-objects/clock.ts'
import type { TokenAnswer } from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import type { RequestContext } from '../context.ts'
import { HttpProblem } from '../problem.ts'
import { clearedCookie, setRefreshCookie } from './refresh-cookie.ts'
import {
  expiresAt,
  meaningOf,
  newNonce,
  newSecret,
  type Meaning,
  type RefreshToken,
} from './refresh-tokens.ts'
import { endSession } from './end-sessions.ts'
import { hashSecret, isSecret } from './secrets.ts'
import { claimsOf, signAccessToken } from './sign.ts'
import { demandAttempts, failed } from './sign-in-limit.ts'

/** A person is who they say: opens a session, sets its cookie, and gives the first token. Null: no such person. */
export async function signIn(
  c: RequestContext,
  userId: string,
  expiresIn?: number,
): Promise<TokenAnswer | null> {
  const token = { id: uuidv7(), secret: newSecret(), nonce: newNonce() }
  const secret_hash = await hashSecret(token.secret)
  const at = now()
  const expires_at = expiresAt(at, at)
  const session = { id: token.id, user_id: userId, secret_hash, nonce: token.nonce, expires_at }
  const person = await fromArchive(c.env, (db) => openSession(db, session, at))
  if (person === null) return null
  setRefreshCookie(c, token, expires_at - at)
  return answerFor(c, token.id, person, expiresIn)
}

/** Goes on with the token of a cookie: a new one for the browser, and a new access token. */
export async function refresh(c: RequestContext, token: RefreshToken): Promise<TokenAnswer> {
  const client = clientOf(token)
  await demandAttempts(c, client)
  // Twice: another tab may have used the token between our reading the session and our using it.
  const done = (await tryRefresh(c, token)) ?? (await tryRefresh(c, token))
  if (typeof done === 'object' && done !== null) return done
  if (done === 'wrong') throw await failed(c, client, signInAgain(c))
  if (done === 'replay') await endSession(c.env, { id: token.id })
  throw signInAgain(c)
}

const clientOf = ({ id }: RefreshToken) => `session:${id}`

/** Null: the session changed meanwhile. */
async function tryRefresh(
  c: RequestContext,
  token: RefreshToken,
): Promise<TokenAnswer | Exclude<Meaning, 'rotate' | 'repeat'> | null> {
  const { id, secret } = token
  const at = now()
  const { session, meaning } = await look(c, token, at)
  if (meaning !== 'rotate' && meaning !== 'repeat') return meaning
  if (session === null) return 'over'
  const expires_at = meaning === 'rotate' ? expiresAt(session.created_at, at) : session.expires_at
  const nonce = meaning === 'rotate' ? newNonce() : session.nonce
  const rotation = { id, nonce: token.nonce, next_nonce: nonce, expires_at }
  const person = await fromArchive(c.env, (db) =>
    meaning === 'rotate' ? rotateSession(db, rotation, at) : getSignedIn(db, id),
  )
  if (person === null) return null
  setRefreshCookie(c, { id, secret, nonce }, expires_at - at)
  return answerFor(c, id, person)
}

async function look(
  c: RequestContext,
  token: RefreshToken,
  at: number,
): Promise<{ session: Session | null; meaning: Meaning }> {
  const session = await fromArchive(c.env, (db) => getSession(db, token.id))
  // Compared in any case, so that the time says nothing about which sessions exist.
  const isOurs = await isSecret(token.secret, session?.secret_hash ?? null)
  return { session, meaning: meaningOf(token, session, isOurs, at) }
}

/** Is this the token of a session, an old one or the newest? Whose it is; null: of none that lives. */
export async function holderOf(
  c: RequestContext,
  token: RefreshToken,
): Promise<{ id: string; user_id: string } | null> {
  const { session, meaning } = await look(c, token, now())
  return session === null || meaning === 'over' || meaning === 'wrong' ? null : session
}

const answerFor = (c: RequestContext, sid: string, person: SignedIn, expiresIn?: number) =>
  signAccessToken(
    c.var.configuration.keyring,
    { ...claimsOf(person.id, person.role, person.memberships), sid },
    now(),
    expiresIn,
  )

/** One text for every reason: whoever holds a token that is none learns nothing from it. */
const signInAgain = (c: RequestContext) =>
  new HttpProblem('unauthorized', 'There is no session to go on with: sign in again.', {
    headers: clearedCookie(c),
  })
