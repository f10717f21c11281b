// Section 6: who sees what, and for how long.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import { frameEntry } from '../wire.ts'
import { mustRefuse, type Tester } from '../tester.ts'

const SEND = '/api/v1/notifications'
const GOAL = { type: 'performance.goal_achieved', data: { metric: 'm', value: 3, goal: 2 } }
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

async function wrongTime(t: Tester, more: object, pointer: string): Promise<void> {
  const { staff } = await t.shop()
  const body = { to: { user_id: staff.id }, type: 'custom', title: 'x', ...more }
  await t.invalid('POST', SEND, { token: await t.service(), body }, pointer)
}

async function publish(t: Tester, to: object, event_type: string, data = {}): Promise<number> {
  const asked = { token: await t.service(), body: { to, event_type, data } }
  const { sockets } = await t.well<{ sockets: number }>('POST', '/api/v1/events', asked, 200)
  return sockets
}

export const AUDIENCE: Chapter = {
  name: 'audience',
  checks: [
    check(
      'NO4',
      "a shop's figures reach its managers only: socket, own stream, list and count",
      async (t) => {
        const { id, manager, staff } = await t.newShop()
        const [boss, own, shop] = [
          await t.open(manager.token),
          await t.open(staff.token),
          await t.openAt(id, staff.token),
        ]
        const hidden = await t.send({ location_id: id }, GOAL)
        const shown = await t.send({ location_id: id })
        await boss.entry(hidden.id)
        await own.entry(shown.id)
        await shop.entry(shown.id)
        must(!own.has(hidden.id) && !shop.has(hidden.id), 'nothing for staff', 'the figures')
        await t.archived(staff, shown.id)
        await t.archived(manager, hidden.id)
        const inbox = await t.inbox(staff)
        mustEqual(
          inbox.data.map((one) => one.id),
          [shown.id],
          'in the list of staff',
        )
        mustEqual(inbox.counts.unread, 1, 'unread of staff')
        await t.refused('GET', `${SEND}/${hidden.id}`, { token: staff.token }, 404, 'not_found')
      },
    ),
    check('NO4', 'unless roles says otherwise', async (t) => {
      const { id, staff } = await t.newShop()
      const socket = await t.open(staff.token)
      const to = { location_id: id, roles: ['manager', 'staff'] }
      await socket.entry((await t.send(to, GOAL)).id)
    }),
    check('NO4', 'roles: staff reaches no manager', async (t) => {
      const { id, manager } = await t.newShop()
      const socket = await t.open(manager.token)
      const hidden = await t.send({ location_id: id, roles: ['staff'] })
      const shown = await t.send({ location_id: id })
      await socket.entry(shown.id)
      must(!socket.has(hidden.id), 'nothing for managers', 'the entry')
    }),
    check(
      'NO4',
      'an admin sees every entry on a location stream, and state is null there',
      async (t) => {
        const { id } = await t.newShop()
        const { token } = await t.admin()
        const socket = await t.openAt(id, token)
        for (const roles of [['staff'], ['manager']]) {
          const sent = await t.send({ location_id: id, roles })
          mustEqual(frameEntry(await socket.entry(sent.id)).state, null, 'state')
        }
      },
    ),
    check('NO5', 'deliver_at up to 60 s ago counts as now, further back is 422', async (t) => {
      const { staff } = await t.shop()
      const { status } = await t.send({ user_id: staff.id }, { deliver_at: soon(-50_000) })
      mustEqual(status, 'sent', 'status')
      await wrongTime(t, { deliver_at: soon(-70_000) }, '/deliver_at')
    }),
    check('NO5', 'deliver_at in the future schedules', async (t) => {
      const { staff } = await t.shop()
      const body = {
        to: { user_id: staff.id },
        type: 'custom',
        title: 'x',
        deliver_at: soon(3_600_000),
      }
      const answer = await t.ask('POST', SEND, { token: await t.service(), body })
      if (answer.status === 501) mustRefuse(answer, 201, '')
      t.skip('this server schedules; the suite has no checks for it yet')
    }),
    check('NO5', 'expires_at lies in the future', async (t) => {
      await wrongTime(t, { expires_at: soon(-1_000) }, '/expires_at')
    }),
    check('NO5', 'a time without a zone, and what is no time, are 422', async (t) => {
      await wrongTime(t, { expires_at: '2099-01-01T10:00:00' }, '/expires_at')
      await wrongTime(t, { expires_at: 'tomorrow' }, '/expires_at')
    }),
    check('NO5', 'past its end an entry is shown to nobody and counts nowhere', async (t) => {
      const reader = await t.person()
      const { id } = await t.send({ user_id: reader.id }, { expires_at: soon(2_500) })
      await t.archived(reader, id, 2_000)
      mustEqual((await t.count(reader)).unread, 1, 'unread before')
      await t.wait(2_600)
      mustEqual((await t.count(reader)).unread, 0, 'unread after')
      mustEqual((await t.inbox(reader)).data, [], 'the list after')
      await t.refused('GET', `${SEND}/${id}`, { token: reader.token }, 404, 'not_found')
    }),
    check(
      'NO6',
      'a newer one with the same key replaces the shown one, and names it',
      async (t) => {
        const reader = await t.person()
        const socket = await t.open(reader.token)
        const to = { user_id: reader.id }
        const first = await t.send(to, { collapse_key: 'queue' })
        const second = await t.send(to, { collapse_key: 'queue' })
        mustEqual(frameEntry(await socket.entry(second.id)).replaces, first.id, 'replaces')
        await t.archived(reader, second.id)
        const { data, counts } = await t.inbox(reader)
        mustEqual([data.map(({ id }) => id), counts.unread], [[second.id], 1], 'list and count')
      },
    ),
    check('NO6', 'another key, or another audience, replaces nothing', async (t) => {
      const { id, manager } = await t.newShop()
      const sends = [
        [{ location_id: id }, 'a'],
        [{ location_id: id }, 'b'],
        [{ location_id: id, roles: ['manager'] }, 'a'],
      ] as const
      let last = ''
      for (const [to, collapse_key] of sends) last = (await t.send(to, { collapse_key })).id
      await t.archived(manager, last)
      mustEqual((await t.inbox(manager)).counts.unread, 3, 'unread')
    }),
    check('NO6', 'in one batch, too: the last of a key stays', async (t) => {
      const reader = await t.person()
      const item = { to: { user_id: reader.id }, type: 'custom', title: 'x', collapse_key: 'k' }
      const ids = (await t.batch([item, item, item])).map(({ id }) => String(id))
      await t.archived(reader, ids[2] ?? '')
      const { data, counts } = await t.inbox(reader)
      mustEqual([data.map(({ id }) => id), counts.unread], [[ids[2]], 1], 'list and count')
    }),
    check('NO6', 'what was read and is replaced is unread again', async (t) => {
      const reader = await t.person()
      const to = { user_id: reader.id }
      const first = await t.send(to, { collapse_key: 'k' })
      await t.archived(reader, first.id)
      await t.mark('PUT', reader, first.id, 'read')
      const second = await t.send(to, { collapse_key: 'k' })
      await t.archived(reader, second.id)
      mustEqual((await t.count(reader)).unread, 1, 'unread')
    }),
    check('NO7', 'an event reaches the sockets that subscribed, and says how many', async (t) => {
      const { id, staff, manager } = await t.newShop()
      const [first, second, third] = [
        await t.openAt(id, staff.token),
        await t.openAt(id, staff.token),
        await t.openAt(id, manager.token),
      ]
      for (const socket of [first, third]) {
        await socket.askWell({ type: 'subscribe', event_type: 'appointment_updates' })
      }
      mustEqual(
        await publish(t, { location_id: id }, 'appointment_updates', { day: 1 }),
        2,
        'sockets',
      )
      for (const socket of [first, third]) {
        const frame = await socket.frame(({ type }) => type === 'event', 'the event')
        mustEqual(
          [frame['event_type'], frame.data],
          ['appointment_updates', { day: 1 }],
          'the event',
        )
        mustEqual(frame.seq, undefined, 'no seq: it is live only')
      }
      await second.askWell({ type: 'state', visible: true })
      must(!second.frames.some(({ type }) => type === 'event'), 'nothing for the other', 'an event')
    }),
    check('NO7', 'unsubscribed, it is silent again', async (t) => {
      const reader = await t.person()
      const socket = await t.open(reader.token)
      await socket.askWell({ type: 'subscribe', event_type: 'x_queue' })
      await socket.askWell({ type: 'unsubscribe', event_type: 'x_queue' })
      mustEqual(await publish(t, { user_id: reader.id }, 'x_queue'), 0, 'sockets')
    }),
    check('NO7', 'it is stored nowhere: not in the list, not in a resume', async (t) => {
      const reader = await t.person()
      const socket = await t.open(reader.token)
      await socket.askWell({ type: 'subscribe', event_type: 'x_queue' })
      await publish(t, { user_id: reader.id }, 'x_queue')
      await socket.frame(({ type }) => type === 'event', 'the event')
      const again = await t.resume(reader.token, socket, 0)
      mustEqual([again.welcome.seq, again.entries()], [0, []], 'head and entries')
      mustEqual((await t.inbox(reader)).data, [], 'the list')
    }),
    check('NO7', 'an event type is one of five, or x_ and 1 to 60 of a-z 0-9 _', async (t) => {
      const { id } = await t.shop()
      const token = await t.service()
      for (const event_type of ['party', 'x_', 'x_UP', `x_${'a'.repeat(61)}`]) {
        const body = { to: { location_id: id }, event_type, data: {} }
        await t.invalid('POST', '/api/v1/events', { token, body }, '/event_type')
      }
      mustEqual(await publish(t, { location_id: id }, `x_${'a'.repeat(60)}`), 0, 'sockets')
    }),
    check('NO7', 'performance_updates are for managers', async (t) => {
      const { id, staff, manager } = await t.newShop()
      const [low, high] = [await t.openAt(id, staff.token), await t.openAt(id, manager.token)]
      const wish = { type: 'subscribe', event_type: 'performance_updates' }
      mustEqual((await low.ask(wish)).code, 'forbidden', 'for staff')
      await high.askWell(wish)
      mustEqual(await publish(t, { location_id: id }, 'performance_updates'), 1, 'sockets')
    }),
    check('NO8', 'who joins later does not see what was before', async (t) => {
      const { id } = await t.newShop()
      await t.send({ location_id: id })
      const newcomer = await t.person({ [id]: 'staff' })
      const socket = await t.open(newcomer.token)
      const shown = await t.send({ location_id: id })
      await socket.entry(shown.id)
      mustEqual(
        socket.entries().map((one) => one.id),
        [shown.id],
        'on the socket',
      )
      await t.archived(newcomer, shown.id)
      mustEqual(
        (await t.inbox(newcomer)).data.map((one) => one.id),
        [shown.id],
        'in the list',
      )
    }),
    check('NO8', 'who becomes a manager does not see what was for managers before', async (t) => {
      const { id, staff } = await t.newShop()
      const before = await t.send({ location_id: id, roles: ['manager'] })
      await t.world.join(t.trace, id, staff.id, 'manager')
      const after = await t.send({ location_id: id, roles: ['manager'] })
      await t.archived(staff, after.id)
      const ids = (await t.inbox(staff)).data.map((one) => one.id)
      must(!ids.includes(before.id), 'nothing of before', ids)
    }),
    check(
      'NO8',
      'who leaves sees nothing of the shop any more, and who comes back nothing of between',
      async (t) => {
        const { id, staff } = await t.newShop()
        const first = await t.send({ location_id: id })
        await t.archived(staff, first.id)
        const path = `/api/v1/locations/${id}/members/${staff.id}`
        await t.well('DELETE', path, { token: await t.service() }, 204)
        mustEqual((await t.inbox(staff)).data, [], 'the list of who left')
        await t.send({ location_id: id })
        await t.world.join(t.trace, id, staff.id, 'staff')
        const last = await t.send({ location_id: id })
        await t.archived(staff, last.id)
        mustEqual(
          (await t.inbox(staff)).data.map((one) => one.id),
          [last.id],
          'the list of who is back',
        )
      },
    ),
    check('NO8', 'a membership frame tells of coming, another role, and going', async (t) => {
      const { id } = await t.newShop()
      const person = await t.person()
      const socket = await t.open(person.token)
      const heard = (role: string | null) =>
        socket.frame(
          ({ type, data }) => type === 'membership' && (data as { role: unknown })?.role === role,
          `membership with ${role}`,
        )
      await t.world.join(t.trace, id, person.id, 'staff')
      await heard('staff')
      await t.world.join(t.trace, id, person.id, 'manager')
      await heard('manager')
      const path = `/api/v1/locations/${id}/members/${person.id}`
      await t.well('DELETE', path, { token: await t.service() }, 204)
      await heard(null)
    }),
  ],
}
