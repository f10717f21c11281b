// Section 2: how a token comes to a socket, and which pages may ask.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import { Socket } from '../socket.ts'
import type { Tester } from '../tester.ts'

const ME = '/api/v1/me'

/** Pages that look like one that may ask. */
const lookalikes = (origin: string) => [
  'https://evil.example',
  `${origin}.evil.example`,
  `${origin}/`,
  'null',
]

async function demandOrigin(t: Tester): Promise<string> {
  const { origin } = t.wishes
  const { status } = await t.ask('GET', '/api/v1/openapi.json', { headers: { Origin: origin } })
  if (status === 403) t.skip('needs --origin: a page on the allow-list')
  return origin
}

export const PAGES: Chapter = {
  name: 'pages',
  checks: [
    check(
      'AU5',
      'the subprotocols open a socket, and the answer names shopbell.v1 only',
      async (t) => {
        const { token } = (await t.shop()).staff
        const { ws } = await t.open(token)
        mustEqual(ws.protocol, 'shopbell.v1', 'Sec-WebSocket-Protocol')
      },
    ),
    check('AU5', '?token= opens one, too', async (t) => {
      const { token, id } = (await t.shop()).staff
      const came = await t.knock({ query: { token } })
      must(came instanceof Socket, 'a socket', came)
      const welcome = await came.frame(({ type }) => type === 'welcome', 'welcome')
      mustEqual(welcome['stream'], `user:${id}`, 'stream')
    }),
    check('AU5', 'no answer and no frame repeats a token', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      await socket.ask({ type: 'auth', token: 'x'.repeat(40) })
      await socket.ask({ type: 'auth', token })
      must(!socket.texts.some((text) => text.includes(token)), 'no token', 'it was repeated')
      const answer = await t.get(`/api/v1/none-${token.slice(-20)}`, token)
      must(!answer.text.includes(token.slice(-20)), 'no part of it', answer.text)
    }),
    check('AU6', 'a page that is not on the list is refused over REST', async (t) => {
      const { token } = (await t.shop()).staff
      for (const Origin of lookalikes(t.wishes.origin)) {
        await t.refused('GET', ME, { token, headers: { Origin } }, 403, 'origin_not_allowed')
      }
    }),
    check('AU6', 'and at the socket', async (t) => {
      const { token } = (await t.shop()).staff
      for (const Origin of lookalikes(t.wishes.origin)) {
        const protocols = ['shopbell.v1', `bearer.${token}`]
        await t.refusedUpgrade({ protocols, headers: { Origin } }, 403, 'origin_not_allowed')
      }
    }),
    check(
      'AU6',
      'a page that is on it may ask, is named back exactly, and never as *',
      async (t) => {
        const Origin = await demandOrigin(t)
        const { token } = (await t.shop()).staff
        const { headers, status } = await t.ask('GET', ME, { token, headers: { Origin } })
        mustEqual(status, 200, 'status')
        mustEqual(headers.get('access-control-allow-origin'), Origin, 'Access-Control-Allow-Origin')
        must(/origin/i.test(headers.get('vary') ?? ''), 'Vary: Origin', headers.get('vary'))
        await t.open(token, { headers: { Origin } })
      },
    ),
    check('AU6', 'its preflight is answered for the headers that a client needs', async (t) => {
      const Origin = await demandOrigin(t)
      const headers = { Origin, 'Access-Control-Request-Method': 'POST' }
      const answer = await t.ask('OPTIONS', '/api/v1/notifications', { headers })
      mustEqual(answer.status, 204, 'status')
      const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase()
      for (const name of ['authorization', 'content-type', 'idempotency-key']) {
        must(allowed.includes(name), name, allowed)
      }
    }),
    check('AU6', "no other page's preflight is", async (t) => {
      const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' }
      const asked = { headers }
      await t.refused('OPTIONS', '/api/v1/notifications', asked, 403, 'origin_not_allowed')
    }),
    check('AU6', 'a request that names no page passes', async (t) => {
      const { token } = (await t.shop()).staff
      await t.well('GET', ME, { token }, 200)
    }),
    check('AU6', 'a cookie is not taken from a request that names no page', async (t) => {
      const { id } = await t.person()
      const answer = await t.access.signIn(t.trace, id)
      const [cookie = ''] = answer.headers.getSetCookie()
      const asked = {
        headers: { Cookie: cookie.split(';')[0] ?? '' },
        body: { grant_type: 'refresh_token' },
      }
      await t.refused('POST', '/api/v1/auth/token', asked, 403, 'origin_not_allowed')
    }),
  ],
}
