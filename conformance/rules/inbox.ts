// Section 7: reading an inbox, and what a person does with it.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import { asObject, type Entry, frameState } from '../wire.ts'
import type { Person } from '../world.ts'

const LIST = '/api/v1/notifications'
const TIME = '2030-11-20T15:30:00.000Z'
const BOOKED = {
  type: 'appointment.booked',
  data: { appointment_id: 'a', client_name: 'N', service: 'Cut', time: TIME },
  title: undefined,
}

/** An entry of somebody's own, archived. */
async function entryOf(t: Tester, reader: Person, more: object = {}): Promise<string> {
  const { id } = await t.send({ user_id: reader.id }, more)
  await t.archived(reader, id)
  return id
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id).toSorted()

/** Marks, and the state that comes of each, as the specification says. */
const MARKS = [
  ['read', { is_read: true, seen: true, archived: false, acknowledged: false }],
  ['seen', { is_read: false, seen: true, archived: false, acknowledged: false }],
  ['archived', { is_read: true, seen: true, archived: true, acknowledged: false }],
  ['acknowledged', { is_read: true, seen: true, archived: false, acknowledged: true }],
] as const

/** What a state says in four words. */
const brief = (state: NonNullable<Entry['state']>) => ({
  is_read: state.is_read,
  seen: state.seen_at !== null,
  archived: state.archived_at !== null,
  acknowledged: state.acknowledged_at !== null,
})

export const INBOX: Chapter = {
  name: 'inbox',
  checks: [
    check('IN1', 'filters: category, type, location_id, priority', async (t) => {
      const { id, staff } = await t.newShop()
      const plain = await entryOf(t, staff)
      const booked = await t.send({ location_id: id }, BOOKED)
      await t.archived(staff, booked.id)
      const expected: [query: string, ids: string[]][] = [
        ['?category=appointment', [booked.id]],
        ['?type=appointment.booked', [booked.id]],
        ['?type=appointment.no_show', []],
        [`?location_id=${id}`, [booked.id]],
        ['?priority=high', [booked.id]],
        ['?priority=normal', [plain]],
        ['?category=custom&priority=high', []],
      ]
      for (const [query, ids] of expected) {
        mustEqual(idsOf((await t.inbox(staff, query)).data), ids, query)
      }
    }),
    check(
      'IN1',
      'unread and archived filter, too; /unread is the same as unread=true',
      async (t) => {
        const reader = await t.person()
        const [read, archived, fresh] = [
          await entryOf(t, reader),
          await entryOf(t, reader),
          await entryOf(t, reader),
        ]
        await t.mark('PUT', reader, read, 'read')
        await t.mark('PUT', reader, archived, 'archived')
        await t.soon(5_000, 'the marks in the archive', async () =>
          (await t.count(reader)).unread === 1 ? true : null,
        )
        mustEqual(idsOf((await t.inbox(reader, '?unread=true')).data), [fresh], 'unread=true')
        mustEqual(idsOf((await t.inbox(reader, '/unread')).data), [fresh], '/unread')
        mustEqual(
          idsOf((await t.inbox(reader, '?archived=true')).data),
          [archived],
          'archived=true',
        )
        const plain = idsOf((await t.inbox(reader, '?archived=false')).data)
        mustEqual(plain, [read, fresh].toSorted(), 'archived=false')
      },
    ),
    check('IN1', 'a filter that is none is 422 with a pointer', async (t) => {
      const { token } = (await t.shop()).staff
      for (const query of ['category=party', 'priority=huge', 'unread=yes', 'type=x.y']) {
        const pointer = `/${query.split('=')[0]}`
        await t.invalid('GET', `${LIST}?${query}`, { token }, pointer)
      }
    }),
    check('IN1', 'filters change the list and not the counts', async (t) => {
      const reader = await t.person()
      await entryOf(t, reader)
      const { data, counts } = await t.inbox(reader, '?category=training')
      mustEqual([data.length, counts.unread], [0, 1], 'no entry, one unread')
    }),
    check('IN1', '/unread/count is flat, and says what the list says', async (t) => {
      const reader = await t.person()
      await entryOf(t, reader)
      await entryOf(t, reader, { requires_ack: true })
      const { counts, as_of } = await t.inbox(reader)
      const flat = asObject(await t.count(reader))
      const { unread, unseen, action_required, until } = counts
      mustEqual([unread, unseen, action_required], [2, 2, 1], 'counts of the list')
      mustEqual([flat['unread'], flat['unseen'], flat['until']], [unread, unseen, until], 'flat')
      mustEqual(flat['action_required'], action_required, 'action_required')
      mustEqual(flat['as_of'], as_of, 'as_of')
    }),
    check('IN1', 'what asks for an acknowledgement counts until it has one', async (t) => {
      const reader = await t.person()
      const id = await entryOf(t, reader, { requires_ack: true })
      await t.mark('PUT', reader, id, 'read')
      mustEqual((await t.count(reader)).action_required, 1, 'after reading')
      await t.mark('PUT', reader, id, 'acknowledged')
      await t.soon(5_000, 'nothing required', async () =>
        (await t.count(reader)).action_required === 0 ? true : null,
      )
    }),
    check('IN1', 'an id that is none is 404', async (t) => {
      const { token } = (await t.shop()).staff
      await t.refused('GET', `${LIST}/no-uuid`, { token }, 404, 'not_found')
      await t.refused('GET', `${LIST}/${t.key()}`, { token }, 404, 'not_found')
    }),
    ...MARKS.map(([mark, expected]) =>
      check(
        'IN2',
        `PUT ${mark} sets it, with what it implies; DELETE unsets it and nothing else`,
        async (t) => {
          const reader = await t.person()
          const id = await entryOf(t, reader)
          await t.mark('PUT', reader, id, mark)
          await t.soon(5_000, `${mark} in the archive`, async () => {
            const state = brief(await t.state(reader, id))
            return JSON.stringify(state) === JSON.stringify(expected) ? true : null
          })
          await t.mark('DELETE', reader, id, mark)
          const own = mark === 'read' ? 'is_read' : mark
          const after = { ...expected, [own]: false }
          await t.soon(
            5_000,
            `${mark} unset, and nothing else: ${JSON.stringify(after)}`,
            async () => {
              const state = brief(await t.state(reader, id))
              return JSON.stringify(state) === JSON.stringify(after) ? true : null
            },
          )
        },
      ),
    ),
    check('IN2', "a mark reaches the person's other devices within a second", async (t) => {
      const reader = await t.person()
      const { id, stream, seq } = await t.send({ user_id: reader.id })
      const socket = await t.open(reader.token)
      const asked = performance.now()
      await t.mark('PUT', reader, id, 'read')
      const frame = await socket.frame(({ type }) => type === 'notification_state', 'the change')
      must(performance.now() - asked < 2_000, 'within a second of the answer', 'later')
      const { notification_ids, state, seq: place, stream: home } = frameState(frame)
      mustEqual([notification_ids, state], [[id], 'read'], 'ids and state')
      must(home === stream && place > seq, 'a place of its own', frame)
    }),
    check('IN2', 'marking twice changes nothing and sends no frame', async (t) => {
      const reader = await t.person()
      const { id } = await t.send({ user_id: reader.id })
      const socket = await t.open(reader.token)
      await t.mark('PUT', reader, id, 'read')
      await t.mark('PUT', reader, id, 'read')
      await t.mark('PUT', reader, id, 'seen')
      const last = await t.send({ user_id: reader.id })
      await socket.entry(last.id)
      const changes = socket.frames.filter(({ type }) => type === 'notification_state')
      mustEqual(changes.length, 1, 'frames')
    }),
    check('IN2', "one member's mark is nobody else's", async (t) => {
      const { id, manager, staff } = await t.newShop()
      const sent = await t.send({ location_id: id })
      await Promise.all([manager, staff].map((one) => t.archived(one, sent.id)))
      const other = await t.open(manager.token)
      await t.mark('PUT', staff, sent.id, 'archived')
      mustEqual((await t.state(manager, sent.id)).archived_at, null, "the other's entry")
      mustEqual((await t.count(manager)).unread, 1, "the other's count")
      const last = await t.send({ location_id: id })
      await other.entry(last.id)
      const changes = other.frames.filter(({ type }) => type === 'notification_state')
      mustEqual(changes, [], "frames on the other's socket")
    }),
    check(
      'IN2',
      'read-all without anything reads all there is, and nothing that comes later',
      async (t) => {
        const { id, staff } = await t.newShop()
        const sent = [await t.send({ location_id: id }), await t.send({ user_id: staff.id })]
        await Promise.all(sent.map((one) => t.archived(staff, one.id)))
        await t.well('POST', `${LIST}/read-all`, { token: staff.token })
        await t.soon(5_000, 'nothing unread', async () =>
          (await t.count(staff)).unread === 0 ? true : null,
        )
        await entryOf(t, staff)
        mustEqual((await t.count(staff)).unread, 1, 'unread then')
      },
    ),
    check('IN2', 'seen-all marks all as seen, and nothing as read', async (t) => {
      const { id, staff } = await t.newShop()
      const sent = [await t.send({ location_id: id }), await t.send({ user_id: staff.id })]
      await Promise.all(sent.map((one) => t.archived(staff, one.id)))
      await t.well('POST', `${LIST}/seen-all`, { token: staff.token })
      await t.soon(5_000, 'nothing unseen', async () =>
        (await t.count(staff)).unseen === 0 ? true : null,
      )
      mustEqual((await t.count(staff)).unread, 2, 'unread')
    }),
    check('IN2', 'read-all with a category, and with a shop, leaves the others', async (t) => {
      const { id, staff } = await t.newShop()
      const own = await entryOf(t, staff, BOOKED)
      const shop = await t.send({ location_id: id })
      await t.archived(staff, shop.id)
      const other = await entryOf(t, staff)
      const readAll = (body: object) =>
        t.well('POST', `${LIST}/read-all`, { token: staff.token, body })
      await readAll({ category: 'appointment' })
      await t.soon(5_000, 'two unread', async () =>
        (await t.count(staff)).unread === 2 ? true : null,
      )
      mustEqual((await t.state(staff, own)).is_read, true, 'the appointment')
      await readAll({ location_id: id })
      await t.soon(5_000, 'one unread', async () =>
        (await t.count(staff)).unread === 1 ? true : null,
      )
      mustEqual((await t.state(staff, other)).is_read, false, 'the own one')
    }),
    check(
      'IN2',
      'up_to: a stream that is not named is left alone, above the head counts as the head',
      async (t) => {
        const { id, stream, staff } = await t.newShop()
        const shop = await t.send({ location_id: id })
        const own = await entryOf(t, staff)
        await t.archived(staff, shop.id)
        const body = { up_to: { [stream]: 1_000_000 } }
        await t.well('POST', `${LIST}/read-all`, { token: staff.token, body })
        const later = await t.send({ location_id: id })
        await t.archived(staff, later.id)
        await t.soon(5_000, 'two unread: the own one and the later one', async () => {
          const { data, counts } = await t.inbox(staff, '?unread=true')
          return counts.unread === 2 && idsOf(data).join() === [own, later.id].toSorted().join()
            ? true
            : null
        })
      },
    ),
    check('IN2', 'a bulk command is one frame with up_to, and no list of ids', async (t) => {
      const reader = await t.person()
      for (let at = 0; at < 3; at += 1) await t.send({ user_id: reader.id })
      const socket = await t.open(reader.token)
      await t.well('POST', `${LIST}/read-all`, { token: reader.token })
      const frame = await socket.frame(({ type }) => type === 'notification_state', 'the change')
      const { up_to, state } = frameState(frame)
      mustEqual([up_to, state], [{ [`user:${reader.id}`]: 3 }, 'read'], 'up_to and state')
    }),
    check('IN2', 'DELETE takes one away: from the list, the count and by its id', async (t) => {
      const reader = await t.person()
      const [gone, kept] = [await entryOf(t, reader), await entryOf(t, reader)]
      await t.well('DELETE', `${LIST}/${gone}`, { token: reader.token }, 200, 202)
      await t.soon(5_000, 'one unread', async () =>
        (await t.count(reader)).unread === 1 ? true : null,
      )
      mustEqual(idsOf((await t.inbox(reader)).data), [kept], 'the list')
      await t.refused('GET', `${LIST}/${gone}`, { token: reader.token }, 404, 'not_found')
    }),
    check('IN2', 'clear takes a category or all, from the query or the body', async (t) => {
      const reader = await t.person()
      await entryOf(t, reader, BOOKED)
      const kept = await entryOf(t, reader)
      await t.well('DELETE', `${LIST}?category=appointment`, { token: reader.token })
      await t.soon(5_000, 'one left', async () => {
        const { data } = await t.inbox(reader)
        return idsOf(data).join() === kept ? true : null
      })
      await t.well('DELETE', LIST, { token: reader.token, body: { category: 'custom' } })
      await t.soon(5_000, 'none left', async () =>
        (await t.inbox(reader)).data.length === 0 ? true : null,
      )
      mustEqual((await t.count(reader)).unread, 0, 'unread')
    }),
    check('IN2', 'up_to in a query is JSON text', async (t) => {
      const reader = await t.person()
      const first = await t.send({ user_id: reader.id })
      const second = await entryOf(t, reader)
      const up_to = encodeURIComponent(JSON.stringify({ [first.stream]: first.seq }))
      await t.well('DELETE', `${LIST}?up_to=${up_to}`, { token: reader.token })
      await t.soon(5_000, 'the second left', async () =>
        idsOf((await t.inbox(reader)).data).join() === second ? true : null,
      )
      await t.invalid('DELETE', `${LIST}?up_to=nonsense`, { token: reader.token }, '/up_to')
    }),
    check('IN2', 'the sender is a recipient like any other', async (t) => {
      const { id, manager } = await t.newShop()
      const socket = await t.open(manager.token)
      const sent = await t.sendAs(manager.token, { location_id: id })
      await socket.entry(sent.id)
      await t.archived(manager, sent.id)
      mustEqual((await t.count(manager)).unread, 1, 'unread of the sender')
    }),
    check('IN2', 'an entry can be marked while the archive does not have it yet', async (t) => {
      const reader = await t.person()
      const { id } = await t.send({ user_id: reader.id })
      await t.mark('PUT', reader, id, 'read')
      mustEqual((await t.state(reader, id)).is_read, true, 'read')
    }),
    check('IN2', 'unknown fields and wrong places in a bulk command are 422', async (t) => {
      const { token } = (await t.shop()).staff
      const path = `${LIST}/read-all`
      await t.invalid('POST', path, { token, body: { colour: 'red' } }, '/colour')
      await t.refused('POST', path, { token, body: { up_to: { nowhere: 1 } } }, 422, 'invalid')
      await t.refused('POST', path, { token, body: { up_to: { 'user:x': -1 } } }, 422, 'invalid')
    }),
  ],
}
