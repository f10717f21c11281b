// Sections 9 to 11: who is there, how it runs, and the directory.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Socket } from '../socket.ts'
import { asObject, type Frame, isObject, UTC_MS } from '../wire.ts'

type Presence = { user_id: string; status: string; last_seen: string | null }

const presenceOf = (frame: Frame): Presence[] =>
  frame.type === 'presence' && Array.isArray(frame.data) ? (frame.data as Presence[]) : []

const saysOf = (id: string, status: string) => (frame: Frame) =>
  presenceOf(frame).some((one) => one.user_id === id && one.status === status)

const heard = (socket: Socket, id: string, status: string, ms = 5_000) =>
  socket.frame(saysOf(id, status), `presence: ${id} ${status}`, { ms })

export const HOUSE: Chapter = {
  name: 'house',
  checks: [
    check('TR1', 'who opens a location socket is online for the others, in a list', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const watcher = await t.openAt(id, manager.token)
      await t.openAt(id, staff.token)
      await heard(watcher, staff.id, 'online')
    }),
    check('TR1', 'the welcome says who is there', async (t) => {
      const { id, manager, staff } = await t.newShop()
      await t.openAt(id, staff.token)
      const { presence = [] } = (await t.openAt(id, manager.token)).welcome
      const found = presence.find(({ user_id }) => user_id === staff.id)
      mustEqual(found?.status, 'online', 'status')
      must(presence.length <= 200, 'at most 200', presence.length)
    }),
    check('TR1', 'away is all of them not visible, online one that is', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const watcher = await t.openAt(id, manager.token)
      const phone = await t.openAt(id, staff.token)
      await heard(watcher, staff.id, 'online')
      await phone.askWell({ type: 'state', visible: false })
      await heard(watcher, staff.id, 'away')
      await t.openAt(id, staff.token)
      const from = watcher.frames.length
      await watcher.frame(saysOf(staff.id, 'online'), 'online again', { from })
    }),
    check('TR1', 'an own socket makes nobody present at the shop', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const watcher = await t.openAt(id, manager.token)
      await t.open(staff.token)
      await t.wait(1_300)
      must(!watcher.frames.some(saysOf(staff.id, 'online')), 'no presence', 'online')
    }),
    check('TR1', 'a reconnect does not flicker', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const watcher = await t.openAt(id, manager.token)
      const first = await t.openAt(id, staff.token)
      await heard(watcher, staff.id, 'online')
      first.close()
      await t.wait(500)
      await t.openAt(id, staff.token)
      await t.wait(1_500)
      must(!watcher.frames.some(saysOf(staff.id, 'offline')), 'no offline', 'it flickered')
    }),
    check('TR1', 'who leaves is offline after 15 s, and no sooner', async (t) => {
      t.demandSlow(18)
      const { id, manager, staff } = await t.newShop()
      const watcher = await t.openAt(id, manager.token)
      const phone = await t.openAt(id, staff.token)
      await heard(watcher, staff.id, 'online')
      phone.close()
      const left = performance.now()
      await heard(watcher, staff.id, 'offline', 25_000)
      must(performance.now() - left > 13_000, 'no sooner than 15 s', performance.now() - left)
    }),
    check('OP1', 'GET /ws/status lists the own connections, here and at the shops', async (t) => {
      const { id, staff } = await t.newShop()
      const [own, shop] = [
        await t.open(staff.token, { device: 'phone' }),
        await t.openAt(id, staff.token, { device: 'desk' }),
      ]
      await own.askWell({ type: 'state', visible: false })
      const status = asObject(await t.well('GET', '/api/v1/ws/status', { token: staff.token }, 200))
      const list = (status['connections'] as Record<string, unknown>[]).map(asObject)
      mustEqual([status['connected'], list.length], [true, 2], 'connected, and two')
      const one = list.find(({ connection_id }) => connection_id === own.welcome.connection_id)
      mustEqual(
        [one?.['device'], one?.['stream'], one?.['visible']],
        ['phone', `user:${staff.id}`, false],
        'the own one',
      )
      must(UTC_MS.test(String(one?.['connected_at'])), 'connected_at', one)
      const other = list.find(({ connection_id }) => connection_id === shop.welcome.connection_id)
      mustEqual(
        [other?.['device'], other?.['stream']],
        ['desk', `location:${id}`],
        'the one at the shop',
      )
    }),
    check('OP1', 'without a socket it is connected: false', async (t) => {
      const { token } = await t.person()
      const status = await t.well('GET', '/api/v1/ws/status', { token }, 200)
      mustEqual(asObject(status), { connected: false, connections: [] }, 'nothing')
    }),
    check('OP1', 'totals are for services that may, and for nobody of a shop', async (t) => {
      const token = await t.service()
      const { totals } = asObject(await t.well('GET', '/api/v1/ws/status', { token }, 200))
      must(isObject(totals), 'totals', totals)
      const missing = TOTALS.filter((name) => !(name in totals))
      mustEqual(missing, [], 'no figure missing')
      const { manager } = await t.shop()
      const own = await t.well('GET', '/api/v1/ws/status', { token: manager.token }, 200)
      mustEqual(asObject(own)['totals'], undefined, "a manager's totals")
    }),
    check('OP1', 'and for admins', async (t) => {
      const { token } = await t.admin()
      const status = await t.well('GET', '/api/v1/ws/status', { token }, 200)
      must(isObject(asObject(status)['totals']), 'totals', status)
    }),
    check('OP1', 'not for a service without status:read', async (t) => {
      const token = await t.tokenOfKey(await t.newKey(['events:send']))
      await t.refused('GET', '/api/v1/ws/status', { token }, 404, 'not_found')
    }),
    check('OP2', '/metrics is 401 without its token, or 404 where none is set', async (t) => {
      const { status } = await t.ask('GET', '/metrics')
      must(status === 401 || status === 404, '401 or 404', status)
    }),
    check('OP2', 'with it, it is text as Prometheus reads it', async (t) => {
      const token = t.access.metricsToken ?? t.skip('needs METRICS_TOKEN in the environment')
      const { status, type, text } = await t.ask('GET', '/metrics', { token })
      mustEqual([status, type], [200, 'text/plain'], 'status and type')
      const isLine = (line: string) =>
        /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?[\d.e+]+|)$/.test(line)
      const wrong = text.split('\n').filter((line) => !isLine(line))
      mustEqual(wrong, [], 'lines that are none')
    }),
    check(
      'DI1',
      'PUT is 201 when made and 200 when changed; GET shows it, DELETE is 204, then 404',
      async (t) => {
        const [token, id] = [await t.service(), t.world.name('user')]
        const path = `/api/v1/users/${id}`
        t.world.willRemove(path)
        const body = {
          name: 'Zoë',
          email: 'zoe@example.com',
          locale: 'es',
          time_zone: 'Europe/Madrid',
        }
        await t.well('PUT', path, { token, body: { name: 'Zo' } }, 201)
        const changed = await t.well('PUT', path, { token, body }, 200)
        mustEqual(changed, { id, ...body, role: 'member' }, 'the user')
        await t.well('DELETE', path, { token }, 204)
        await t.refused('DELETE', path, { token }, 404, 'not_found')
      },
    ),
    check('DI1', 'a shop, too: with an IANA zone and a region', async (t) => {
      const { id, staff } = await t.newShop()
      const [token, path] = [await t.service(), `/api/v1/locations/${id}`]
      const body = { name: 'Harbour', time_zone: 'Asia/Tokyo', region: 'apac' }
      await t.well('PUT', path, { token, body }, 200)
      mustEqual(await t.well('GET', path, { token: staff.token }, 200), { id, ...body }, 'the shop')
      await t.invalid(
        'PUT',
        path,
        { token, body: { ...body, time_zone: 'Mars/Base' } },
        '/time_zone',
      )
      await t.invalid('PUT', path, { token, body: { ...body, region: 'moon' } }, '/region')
    }),
    check('DI1', 'names, addresses and languages are checked', async (t) => {
      const [token, id] = [await t.service(), t.world.name('user')]
      const wrong: [field: string, value: unknown][] = [
        ['name', ''],
        ['email', 'no address'],
        ['locale', '!!'],
        ['time_zone', 'Nowhere'],
        ['colour', 'red'],
      ]
      for (const [field, value] of wrong) {
        const body = { name: 'x', [field]: value }
        await t.invalid('PUT', `/api/v1/users/${id}`, { token, body }, `/${field}`)
      }
    }),
    check('DI1', 'GET /me says who I am, with my memberships', async (t) => {
      const { id, staff } = await t.shop()
      const me = asObject(await t.well('GET', '/api/v1/me', { token: staff.token }, 200))
      mustEqual(
        [me['id'], me['role'], me['memberships']],
        [staff.id, 'member', { [id]: 'staff' }],
        'me',
      )
    }),
    check('DI1', 'members are listed with their roles', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const path = `/api/v1/locations/${id}/members`
      const { data } = await t.well<{ data: Record<string, unknown>[] }>(
        'GET',
        path,
        { token: manager.token },
        200,
      )
      const roles = Object.fromEntries(data.map((one) => [String(one['user_id']), one['role']]))
      mustEqual(roles, { [manager.id]: 'manager', [staff.id]: 'staff' }, 'members')
    }),
    check(
      'DI1',
      'a PUT of the role already held changes nothing, and sends no frame',
      async (t) => {
        const { id, staff } = await t.newShop()
        const sent = await t.send({ location_id: id })
        await t.archived(staff, sent.id)
        const socket = await t.open(staff.token)
        const path = `/api/v1/locations/${id}/members/${staff.id}`
        await t.well('PUT', path, { token: await t.service(), body: { role: 'staff' } }, 200)
        const last = await t.send({ location_id: id })
        await socket.entry(last.id)
        must(!socket.frames.some(({ type }) => type === 'membership'), 'no frame', 'membership')
        const ids = (await t.inbox(staff)).data.map((one) => one.id)
        must(ids.includes(sent.id), 'what was there before', ids)
      },
    ),
    check('DI1', 'nobody becomes a member who is no user, or of what is no shop', async (t) => {
      const { id, staff } = await t.shop()
      const [token, body] = [await t.service(), { role: 'staff' }]
      const none = t.world.name('none')
      await t.refused(
        'PUT',
        `/api/v1/locations/${id}/members/${none}`,
        { token, body },
        404,
        'not_found',
      )
      await t.refused(
        'PUT',
        `/api/v1/locations/${none}/members/${staff.id}`,
        { token, body },
        404,
        'not_found',
      )
      const wrong = { token, body: { role: 'owner' } }
      await t.invalid('PUT', `/api/v1/locations/${id}/members/${staff.id}`, wrong, '/role')
    }),
    check(
      'DI2',
      'a key is shown with its secret once, listed without, and ended by DELETE',
      async (t) => {
        const { token } = await t.admin()
        const key = await t.newKey(['status:read'])
        must(key.client_secret.length >= 20, 'a secret', key.client_secret.length)
        let after: unknown = ''
        const found: unknown[] = []
        for (let page = 0; page < 50 && typeof after === 'string'; page += 1) {
          const from = after === '' ? '' : `&after=${encodeURIComponent(after)}`
          const list = asObject(
            await t.well('GET', `/api/v1/service-keys?limit=100${from}`, { token }, 200),
          )
          const data = list['data'] as Record<string, unknown>[]
          found.push(...data.filter((one) => one['client_id'] === key.client_id))
          after = asObject(list['page'])['after']
        }
        mustEqual(found.length, 1, 'listed once')
        must(!JSON.stringify(found).includes(key.client_secret), 'no secret', 'it is there')
        const path = `/api/v1/service-keys/${key.client_id}`
        await t.well('DELETE', path, { token }, 204)
        await t.refused('DELETE', path, { token }, 404, 'not_found')
      },
    ),
    check('DI2', 'a key has one scope at least, and none that there is not', async (t) => {
      const { token } = await t.admin()
      for (const scopes of [[], ['everything']]) {
        const asked = { token, body: { name: 'x', scopes } }
        await t.refused('POST', '/api/v1/service-keys', asked, 422, 'invalid')
      }
    }),
    check('DI3', 'who is erased is gone: from the directory, the shop and its sends', async (t) => {
      const { id, manager, staff } = await t.newShop()
      await t.send({ user_id: staff.id })
      const token = await t.service()
      await t.well('DELETE', `/api/v1/users/${staff.id}`, { token }, 204)
      const path = `/api/v1/locations/${id}/members`
      const list = await t.well('GET', path, { token: manager.token }, 200)
      must(!JSON.stringify(list).includes(staff.id), 'no member any more', list)
      await t.refused(
        'GET',
        `/api/v1/users/${staff.id}`,
        { token: manager.token },
        404,
        'not_found',
      )
      const body = { to: { user_id: staff.id }, type: 'custom', title: 'x' }
      await t.refused('POST', '/api/v1/notifications', { token, body }, 422, 'unknown_recipient')
    }),
    check('DI3', 'what they sent to others stays, under the id', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const sent = await t.sendAs(manager.token, { location_id: id }, { message: 'Stays' })
      await t.archived(staff, sent.id)
      await t.well('DELETE', `/api/v1/users/${manager.id}`, { token: await t.service() }, 204)
      const entry = await t.entry(staff, sent.id)
      mustEqual([entry.sender, entry.message], [manager.id, 'Stays'], 'sender and message')
    }),
    check('DI3', 'who comes back under the same id finds nothing of before', async (t) => {
      const person = await t.person()
      const { id } = await t.send({ user_id: person.id })
      await t.archived(person, id)
      const path = `/api/v1/users/${person.id}`
      await t.well('DELETE', path, { token: await t.service() }, 204)
      await t.world.put(t.trace, path, { name: 'Another' })
      const token = await t.access.person(t.trace, person.id)
      await t.soon(60_000, 'an empty inbox', async () => {
        const { data } = await t.inbox({ id: person.id, token })
        return data.length === 0 ? true : null
      })
    }),
  ],
}

const TOTALS =
  'active_connections users_online messages_sent_per_second messages_received_per_second reconnections resumes errors '
    .concat('connection_duration_s error_rate archive_backlog archive_backlog_age_s parked as_of')
    .split(' ')
