// Access tokens for tests, signed with the keys of the worker under test.
import { env } from 'cloudflare:workers'
import { openKeyring } from '../../../durable-objects/access-token.ts'
import { now } from '../../../durable-objects/clock.ts'
import type { Scope } from '../../../protocol/api.ts'
import type { Role } from '../../../protocol/notification.ts'
import { signAccessToken } from '../../../worker/auth/sign.ts'

export const keyring = openKeyring(env.SIGNING_KEYS ?? '')

export const EVERY_SCOPE: readonly Scope[] = [
  'notifications:send',
  'events:send',
  'directory:write',
  'status:read',
]

const sign = async (claims: Parameters<typeof signAccessToken>[1], seconds?: number) =>
  (await signAccessToken(keyring, claims, now(), seconds)).access_token

/** A token as the worker would sign it; `loc` is what it claims, not what the roster says. */
export const memberToken = (userId: string, loc: Record<string, Role> = {}, seconds?: number) =>
  sign({ sub: userId, role: 'member', loc }, seconds)

export const adminToken = (userId = 'olivia') => sign({ sub: userId, role: 'admin' })

export const serviceToken = (scopes: readonly Scope[] = EVERY_SCOPE, name = 'booking') =>
  sign({ sub: `service:${name}`, role: 'service', scp: scopes })
