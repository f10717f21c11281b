// Section 2: who may do what, by the table of AU7. A GET out of reach is 404, everything else 403.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import { asObject } from '../wire.ts'

const SEND = '/api/v1/notifications'
const word = (to: object) => ({ to, type: 'custom', title: 'A word' })

const forbidden = (t: Tester, method: string, path: string, token: string, body?: object) =>
  t.refused(method, path, { token, ...(body && { body }) }, 403, 'forbidden')
const hidden = (t: Tester, path: string, token: string) =>
  t.refused('GET', path, { token }, 404, 'not_found')

export const PERMISSIONS: Chapter = {
  name: 'permissions',
  checks: [
    check(
      'AU7',
      'staff send to nobody: not to a colleague, the shop, everybody or themselves',
      async (t) => {
        const { id, staff, manager } = await t.shop()
        for (const to of [{ user_id: manager.id }, { location_id: id }, { user_id: staff.id }]) {
          await forbidden(t, 'POST', SEND, staff.token, word(to))
        }
      },
    ),
    check('AU7', 'a manager sends to the own shop and to its members', async (t) => {
      const { id, staff, manager } = await t.shop()
      await t.sendAs(manager.token, { location_id: id })
      await t.sendAs(manager.token, { user_id: staff.id })
    }),
    check('AU7', 'a manager sends to no other shop, and to nobody elsewhere', async (t) => {
      const { manager } = await t.shop()
      const other = await t.newShop()
      await forbidden(t, 'POST', SEND, manager.token, word({ location_id: other.id }))
      await forbidden(t, 'POST', SEND, manager.token, word({ user_id: other.staff.id }))
    }),
    check('AU7', 'in a batch each item is judged for itself', async (t) => {
      const { id, manager } = await t.shop()
      const other = await t.newShop()
      const body = { notifications: [word({ location_id: id }), word({ location_id: other.id })] }
      const asked = { token: manager.token, body }
      const { results } = await t.well<{ results: { status: number }[] }>(
        'POST',
        `${SEND}/batch`,
        asked,
        207,
      )
      must(Number(results[0]?.status) < 300 && results[1]?.status === 403, '201 and 403', results)
    }),
    check('AU7', 'an admin sends to any person and any shop', async (t) => {
      const { id, staff } = await t.shop()
      const { token } = await t.admin()
      await t.sendAs(token, { location_id: id })
      await t.sendAs(token, { user_id: staff.id })
    }),
    check(
      'AU7',
      'a service without notifications:send sends nothing, with it everything',
      async (t) => {
        const { id } = await t.shop()
        const token = await t.tokenOfKey(await t.newKey(['events:send']))
        await forbidden(t, 'POST', SEND, token, word({ location_id: id }))
        const other = await t.tokenOfKey(await t.newKey(['notifications:send']))
        await t.sendAs(other, { location_id: id })
        const event = { to: { location_id: id }, event_type: 'team_updates', data: {} }
        await forbidden(t, 'POST', '/api/v1/events', other, event)
      },
    ),
    check('AU7', 'a service has no inbox and no own socket', async (t) => {
      const token = await t.service()
      await hidden(t, SEND, token)
      await hidden(t, '/api/v1/me', token)
      const protocols = ['shopbell.v1', `bearer.${token}`]
      await t.refusedUpgrade({ protocols }, 403, 'forbidden')
    }),
    check(
      'AU7',
      "somebody else's entry is not there: 404 for reading and for marking",
      async (t) => {
        const { staff, manager } = await t.shop()
        const { id } = await t.send({ user_id: manager.id })
        await t.archived(manager, id)
        await hidden(t, `${SEND}/${id}`, staff.token)
        const asked = { token: staff.token }
        await t.refused('PUT', `${SEND}/${id}/read`, asked, 404, 'not_found')
        await t.refused('DELETE', `${SEND}/${id}`, asked, 404, 'not_found')
        mustEqual((await t.state(manager, id)).is_read, false, 'read by nobody')
      },
    ),
    check(
      'AU7',
      'staff read themselves, a manager the members of the shop, nobody strangers',
      async (t) => {
        const { staff, manager } = await t.shop()
        const other = await t.newShop()
        await t.well('GET', `/api/v1/users/${staff.id}`, { token: staff.token }, 200)
        await t.well('GET', `/api/v1/users/${staff.id}`, { token: manager.token }, 200)
        await hidden(t, `/api/v1/users/${manager.id}`, staff.token)
        await hidden(t, `/api/v1/users/${other.staff.id}`, manager.token)
      },
    ),
    check(
      'AU7',
      'a shop and its members are read by members, and hidden from others',
      async (t) => {
        const { id, staff } = await t.shop()
        const other = await t.newShop()
        for (const path of [`/api/v1/locations/${id}`, `/api/v1/locations/${id}/members`]) {
          await t.well('GET', path, { token: staff.token }, 200)
          await hidden(t, path, other.manager.token)
        }
      },
    ),
    check('AU7', 'a manager writes members of the own shop only, staff of none', async (t) => {
      const { id, manager, staff } = await t.shop()
      const other = await t.newShop()
      const { id: newcomer } = await t.person()
      const path = (shop: string) => `/api/v1/locations/${shop}/members/${newcomer}`
      const body = { role: 'staff' }
      await forbidden(t, 'PUT', path(id), staff.token, body)
      await forbidden(t, 'PUT', path(other.id), manager.token, body)
      await t.well('PUT', path(id), { token: manager.token, body }, 201)
      await forbidden(t, 'DELETE', path(id), staff.token)
      await t.well('DELETE', path(id), { token: manager.token }, 204)
    }),
    check('AU7', 'members write no users, no shops and no keys', async (t) => {
      const { id, manager } = await t.shop()
      const { token } = manager
      await forbidden(t, 'PUT', `/api/v1/users/${manager.id}`, token, { name: 'Boss' })
      await forbidden(t, 'DELETE', `/api/v1/users/${manager.id}`, token)
      await forbidden(t, 'PUT', `/api/v1/locations/${id}`, token, { name: 'x', time_zone: 'UTC' })
      await forbidden(t, 'POST', '/api/v1/service-keys', token, { name: 'x', scopes: [] })
      await hidden(t, '/api/v1/service-keys', token)
    }),
    check('AU7', 'a service writes the directory, but makes no admin', async (t) => {
      const id = await t.world.user(t.trace)
      const body = { name: 'Boss', role: 'admin' }
      await forbidden(t, 'PUT', `/api/v1/users/${id}`, await t.service(), body)
      const { token } = await t.admin()
      const user = await t.well('GET', `/api/v1/users/${id}`, { token }, 200)
      mustEqual(asObject(user)['role'], 'member', 'role')
    }),
    check(
      'AU7',
      'a location socket is for its members: others are 403, also where there is no shop',
      async (t) => {
        const { id } = await t.shop()
        const { token } = (await t.newShop()).manager
        const protocols = ['shopbell.v1', `bearer.${token}`]
        for (const location of [id, t.world.name('none')]) {
          await t.refusedUpgrade({ protocols, query: { location } }, 403, 'forbidden')
        }
      },
    ),
    check('AU7', 'an admin opens any location socket', async (t) => {
      const { id } = await t.shop()
      const { token } = await t.admin()
      const { welcome } = await t.openAt(id, token)
      mustEqual(welcome.stream, `location:${id}`, 'stream')
    }),
    check('AU7', 'live events: managers for the own shop, staff none', async (t) => {
      const { id, manager, staff } = await t.shop()
      const other = await t.newShop()
      const event = (location_id: string) => ({
        to: { location_id },
        event_type: 'team_updates',
        data: {},
      })
      await t.well('POST', '/api/v1/events', { token: manager.token, body: event(id) }, 200)
      await forbidden(t, 'POST', '/api/v1/events', manager.token, event(other.id))
      await forbidden(t, 'POST', '/api/v1/events', staff.token, event(id))
    }),
    check(
      'AU7',
      'a claim is a hint: who left a shop is refused with the token of before',
      async (t) => {
        const { id, manager, staff } = await t.newShop()
        const path = `/api/v1/locations/${id}/members/${manager.id}`
        await t.well('DELETE', path, { token: await t.service() }, 204)
        await forbidden(t, 'POST', SEND, manager.token, word({ location_id: id }))
        await forbidden(t, 'POST', SEND, manager.token, word({ user_id: staff.id }))
        await hidden(t, `/api/v1/locations/${id}`, manager.token)
      },
    ),
    check('AU7', 'and who came since is let in with the token of before', async (t) => {
      const { id } = await t.newShop()
      const newcomer = await t.person()
      await t.world.join(t.trace, id, newcomer.id, 'manager')
      await t.sendAs(newcomer.token, { location_id: id })
      await t.openAt(id, newcomer.token)
    }),
    check('AU8', 'a member who is removed loses the location socket within 5 s', async (t) => {
      const { id, staff } = await t.newShop()
      const socket = await t.openAt(id, staff.token)
      const path = `/api/v1/locations/${id}/members/${staff.id}`
      await t.well('DELETE', path, { token: await t.service() }, 204)
      const bye = await socket.frame(({ type }) => type === 'bye', 'a bye', { ms: 5_000 })
      must(Number(bye.code) >= 4500, 'a code that says not to come back', bye)
      const protocols = ['shopbell.v1', `bearer.${staff.token}`]
      await t.refusedUpgrade({ protocols, query: { location: id } }, 403, 'forbidden')
    }),
    check('AU8', 'a user who is deleted loses sockets and requests within 5 s', async (t) => {
      const person = await t.person()
      const socket = await t.open(person.token)
      await t.well('DELETE', `/api/v1/users/${person.id}`, { token: await t.service() }, 204)
      await socket.frame(({ type }) => type === 'bye', 'a bye', { ms: 5_000 })
      await t.soon(5_000, '401 for the token', async () =>
        (await t.get('/api/v1/me', person.token)).status === 401 ? true : null,
      )
      const came = await t.knock({ protocols: ['shopbell.v1', `bearer.${person.token}`] })
      must('status' in came, 'no socket any more', 'a socket')
    }),
    check('AU8', 'a key that is revoked opens nothing within 5 s', async (t) => {
      const key = await t.newKey(['status:read'])
      const token = await t.tokenOfKey(key)
      await t.well('GET', '/api/v1/ws/status', { token }, 200)
      const path = `/api/v1/service-keys/${key.client_id}`
      await t.well('DELETE', path, { token: (await t.admin()).token }, 204)
      await t.soon(5_000, '401 for its token', async () =>
        (await t.get('/api/v1/ws/status', token)).status === 401 ? true : null,
      )
      const body = { grant_type: 'client_credentials', ...key }
      await t.refused('POST', '/api/v1/auth/token', { body }, 401, 'unauthorized')
    }),
    check(
      'AU8',
      'a logout ends the token and its sockets within 5 s, and no other session',
      async (t) => {
        const person = await t.person()
        const other = await t.access.person(t.trace, person.id)
        const socket = await t.open(person.token)
        const stays = await t.open(other)
        await t.well('POST', '/api/v1/auth/logout', { token: person.token }, 204)
        await socket.bye(4501)
        await t.soon(5_000, '401 for the token', async () =>
          (await t.get('/api/v1/me', person.token)).status === 401 ? true : null,
        )
        await stays.pong()
        await t.well('GET', '/api/v1/me', { token: other }, 200)
      },
    ),
    check('AU8', 'a logout everywhere ends all sessions', async (t) => {
      const person = await t.person()
      const other = await t.access.person(t.trace, person.id)
      const socket = await t.open(other)
      const asked = { token: person.token, body: { everywhere: true } }
      await t.well('POST', '/api/v1/auth/logout', asked, 204)
      await socket.bye(4501)
    }),
  ],
}
