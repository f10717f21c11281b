// [AU2] What a refresh token is, and what one that is shown means. Pure but for chance.
//
// A token is `<session>.<secret>.<nonce>`. The secret stays for the session's life and is stored hashed: whoever has it once
// had a token, and who has not is told apart from a replay. The nonce changes with each use, so a stolen token that is
// used makes the owner's next use a replay, and the other way round: either ends the session.
import { base64url } from 'jose'
import { SESSION_IDLE_MS, SESSION_MAX_MS, type Session } from '../../db/sessions.ts'

/**
 * How long the token before the last may be shown again, and is then answered with the very same next one. Two tabs that
 * refresh at the same moment do that, and so does a client whose answer was lost: it gives up after 20 s and asks again.
 * What it costs: who stole a token and is this quick shares the session, until one of the two is a step behind.
 */
export const REPEAT_MS = 30_000

const SECRET_BYTES = 32
const NONCE_BYTES = 16

export interface RefreshToken {
  id: string
  secret: string
  nonce: string
}

const randomText = (bytes: number): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))

export const newSecret = () => randomText(SECRET_BYTES)
export const newNonce = () => randomText(NONCE_BYTES)

export const writeToken = ({ id, secret, nonce }: RefreshToken): string =>
  `${id}.${secret}.${nonce}`

/** Null: this was never one of ours. */
export function readToken(text: string): RefreshToken | null {
  const match = /^([0-9a-f-]{36})\.([\w-]{43})\.([\w-]{22})$/.exec(text)
  const [, id, secret, nonce] = match ?? []
  return id && secret && nonce ? { id, secret, nonce } : null
}

/** Until when a session lives that is used now. */
export const expiresAt = (createdAt: number, now: number): number =>
  Math.min(now + SESSION_IDLE_MS, createdAt + SESSION_MAX_MS)

/**
 * - rotate: the newest; it gets a successor
 * - repeat: the one before, just now; it gets the same successor again
 * - replay: an older one: somebody else has used the session, so it ends
 * - over: the session has ended, or there is none
 * - wrong: not a token of this session at all
 */
export type Meaning = 'rotate' | 'repeat' | 'replay' | 'over' | 'wrong'

/** What showing this token means; `isOurs`: its secret is the session's. */
export function meaningOf(
  { nonce }: Pick<RefreshToken, 'nonce'>,
  session: Session | null,
  isOurs: boolean,
  now: number,
): Meaning {
  if (session === null) return 'over'
  if (!isOurs) return 'wrong'
  if (session.ended_at !== null || session.expires_at <= now) return 'over'
  if (nonce === session.nonce) return 'rotate'
  const justNow = Math.abs(now - session.rotated_at) < REPEAT_MS
  return nonce === session.previous_nonce && justNow ? 'repeat' : 'replay'
}
