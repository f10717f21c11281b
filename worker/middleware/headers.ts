// A name for each request, and the headers of every answer but a socket's: those of a 101 cannot be changed.
import { uuidv7 } from 'uuidv7'
import type { Middleware } from '../context.ts'
import { configurationOf } from '../env.ts'

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}
const TWO_YEARS_OF_HTTPS = 'max-age=63072000; includeSubDomains'

/** [CO3] Our own id, never a caller's: it goes to the log. */
export const named: Middleware = async (c, next) => {
  const requestId = uuidv7()
  c.set('requestId', requestId)
  await next()
  if (c.res.status === 101) return
  c.res.headers.set('X-Request-Id', requestId)
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    // A page says for itself what it may load and how long it keeps.
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
  if (c.var.configuration?.development === false) {
    c.res.headers.set('Strict-Transport-Security', TWO_YEARS_OF_HTTPS)
  }
}

/** [OP3] With settings that are refused nothing is served. */
export const configured: Middleware = async (c, next) => {
  c.set('configuration', configurationOf(c.env))
  await next()
}
