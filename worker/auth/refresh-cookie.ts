// [AU2] The cookie that holds a refresh token. No script reads it, no other site's page sends it (SameSite), and no route
// but those under its path gets it.
import { getCookie } from 'hono/cookie'
import { serialize } from 'hono/utils/cookie'
import type { RequestContext } from '../context.ts'
import { HttpProblem } from '../problem.ts'
import { readToken, type RefreshToken, writeToken } from './refresh-tokens.ts'

const NAME = 'shopbell_refresh'

const attributes = (c: RequestContext) =>
  ({
    path: '/api/v1/auth',
    httpOnly: true,
    sameSite: 'Strict',
    // In development the app is served in the clear.
    secure: !c.var.configuration.development,
  }) as const

/** Hands a token to the browser, for as long as its session lives if it is not used. */
export function setRefreshCookie(c: RequestContext, token: RefreshToken, livesMs: number): void {
  const maxAge = Math.floor(livesMs / 1_000)
  c.header('Set-Cookie', serialize(NAME, writeToken(token), { ...attributes(c), maxAge }))
}

/** The header that takes the token away from the browser; problems carry it, too. */
export const clearedCookie = (c: RequestContext) => ({
  'Set-Cookie': serialize(NAME, '', { ...attributes(c), maxAge: 0 }),
})

/**
 * The token that the browser sent; null: none, or none of ours. A cookie comes by itself, so it counts only for a page on
 * the allow-list (AU6): browsers name the page with every POST, and who names none is refused.
 */
export function readRefreshCookie(c: RequestContext): RefreshToken | null {
  const text = getCookie(c, NAME)
  if (text === undefined) return null
  if (c.req.header('Origin') === undefined) {
    throw new HttpProblem(
      'origin_not_allowed',
      'A cookie is taken from pages that say who they are.',
    )
  }
  return readToken(text)
}
