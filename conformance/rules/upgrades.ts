// Section 3: opening a socket, and coming back to one.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import { UTC_MS, UUID_V7 } from '../wire.ts'
import type { Person } from '../world.ts'

const bearer = (token: string) => ['shopbell.v1', `bearer.${token}`]

const TOO_SLOW = 'the server answered too slowly for a limit to be reached'

/** So many to one person, in order. */
async function sendMany(t: Tester, { id }: Person, count: number): Promise<string[]> {
  const items = Array.from({ length: count }, () => ({
    to: { user_id: id },
    type: 'custom',
    title: 'A word',
  }))
  return (await t.batch(items)).map((one) => String(one['id']))
}

const seqsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at)

export const UPGRADES: Chapter = {
  name: 'upgrades',
  checks: [
    check('WS1', "GET /ws opens the caller's own stream", async (t) => {
      const { staff } = await t.shop()
      const { welcome } = await t.open(staff.token)
      mustEqual(welcome.stream, `user:${staff.id}`, 'stream')
    }),
    check('WS1', "GET /ws?location= opens that location's", async (t) => {
      const { id, staff } = await t.shop()
      const { welcome } = await t.openAt(id, staff.token)
      mustEqual(welcome.stream, `location:${id}`, 'stream')
    }),
    check('WS2', 'a bad since, device or location is 400 bad_request', async (t) => {
      const { token } = (await t.shop()).staff
      const wrong: Record<string, string>[] = [
        { since: 'abc' },
        { since: '-1' },
        { since: '1.5' },
        { device: 'a b' },
        { device: 'x'.repeat(65) },
        { location: 'no/slash' },
        { colour: 'red' },
      ]
      for (const query of wrong) {
        await t.refusedUpgrade({ protocols: bearer(token), query }, 400, 'bad_request')
      }
    }),
    check('WS2', 'without a token, or with a bad one, it is 401 unauthorized', async (t) => {
      await t.refusedUpgrade({ protocols: ['shopbell.v1'] }, 401, 'unauthorized')
      await t.refusedUpgrade({ protocols: bearer('nonsense') }, 401, 'unauthorized')
      await t.refusedUpgrade({ query: { token: 'nonsense' } }, 401, 'unauthorized')
    }),
    check('WS2', 'a plain request is 426 upgrade_required', async (t) => {
      const { token } = (await t.shop()).staff
      await t.refused('GET', '/api/v1/ws', { token }, 426, 'upgrade_required')
    }),
    check('WS2', 'more than 30 upgrades in 10 s are 429 rate_limited', async (t) => {
      const { token } = await t.person()
      const { headers } = await t.get('/api/v1/me', token)
      if (!headers.has('ratelimit-limit')) t.skip('needs RATE_LIMITS=on at the server')
      // Refused for another reason, they count, too, and open nothing.
      const opening = { protocols: bearer(token), query: { since: 'none' } }
      const startedAt = performance.now()
      const came = await Promise.all(Array.from({ length: 60 }, () => t.knockOnce(opening)))
      const refusals = came.flatMap((one) => ('status' in one ? [one] : []))
      const refused = refusals.find(({ status }) => status === 429)
      const passed = refusals.filter(({ status }) => status === 400).length
      // What is used comes back at three a second.
      if (refused === undefined && performance.now() - startedAt > 9_000) t.skip(TOO_SLOW)
      must(passed >= 30 && refused !== undefined, '30 let through, and a 429', passed)
      must(Number(refused.headers.get('retry-after')) >= 1, 'Retry-After', [...refused.headers])
    }),
    check('WS3', 'the welcome is the first frame, and has all that it must', async (t) => {
      const { staff } = await t.shop()
      const { welcome } = await t.open(staff.token)
      mustEqual([welcome.type, welcome['protocol']], ['welcome', 1], 'type and protocol')
      must(UUID_V7.test(welcome.epoch), 'an epoch', welcome.epoch)
      must(UUID_V7.test(welcome.connection_id), 'a connection_id', welcome.connection_id)
      must(Number.isInteger(welcome.seq) && welcome.seq >= 0, 'the head', welcome.seq)
      mustEqual(welcome.recovered, false, 'recovered, without a resume')
      must(welcome.heartbeat_interval_s > 0, 'an interval', welcome.heartbeat_interval_s)
      const limits = { max_frame_bytes: 65_536, burst: 100, per_second: 20 }
      mustEqual(welcome['limits'], limits, 'limits')
      const off = Math.abs(Date.parse(welcome.server_time) - Date.now())
      must(UTC_MS.test(welcome.server_time) && off < 120_000, 'the time', welcome.server_time)
    }),
    check('WS3', 'it says how to come back: min_ms, max_ms, max_attempts', async (t) => {
      const { token } = (await t.shop()).staff
      const reconnect = (await t.open(token)).welcome['reconnect'] as Record<string, number>
      const { min_ms = 0, max_ms = 0, max_attempts = 0 } = reconnect
      must(min_ms > 0 && max_ms >= min_ms && max_attempts > 0, 'a range', reconnect)
    }),
    check('WS3', 'on the own stream it has memberships and heads, and no presence', async (t) => {
      const { id, stream, staff } = await t.newShop()
      const { seq } = await t.send({ location_id: id })
      const { welcome } = await t.open(staff.token)
      mustEqual(welcome.memberships, { [id]: 'staff' }, 'memberships')
      mustEqual(welcome.heads?.[stream]?.seq, seq, 'the head of the shop')
      must(UUID_V7.test(welcome.heads?.[stream]?.epoch ?? ''), 'its epoch', welcome.heads)
      mustEqual(welcome.presence, undefined, 'no presence')
    }),
    check('WS3', 'on a location stream it has presence', async (t) => {
      const { id, staff } = await t.newShop()
      const { welcome } = await t.openAt(id, staff.token)
      must(Array.isArray(welcome.presence), 'presence', welcome)
      mustEqual(welcome.memberships, undefined, 'no memberships')
    }),
    check('WS3', 'seq of the welcome is the head', async (t) => {
      const person = await t.person()
      const { seq } = await t.send({ user_id: person.id })
      mustEqual((await t.open(person.token)).welcome.seq, seq, 'seq')
    }),
    check('WS3', 'an array of frames is taken, frame by frame in order', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      const ids = ['a', 'b', 'c']
      socket.say(ids.map((id) => ({ type: 'state', visible: true, id })))
      for (const id of ids) await socket.frame(({ re }) => re === id, `ok for ${id}`)
      const answered = socket.frames.flatMap(({ re }) => re ?? [])
      mustEqual(answered, ids, 'answers in order')
    }),
    check('WS4', 'a resume brings exactly what came after since, in order', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      await sendMany(t, person, 2)
      await first.until(() => first.entries().length === 2)
      first.drop()
      const missed = await sendMany(t, person, 5)
      const second = await t.resume(person.token, first, 2)
      mustEqual(second.welcome.recovered, true, 'recovered')
      await second.entry(missed.at(-1) ?? '')
      mustEqual(
        second.entries().map(({ id }) => id),
        missed,
        'the five',
      )
      mustEqual(
        second.entries().map(({ seq }) => seq),
        seqsFrom(3, 5),
        'their seqs',
      )
    }),
    check('WS4', 'before anything live', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      first.drop()
      const missed = await sendMany(t, person, 20)
      const opening = t.resume(person.token, first, 0)
      const live = await sendMany(t, person, 5)
      const second = await opening
      await second.entry(live.at(-1) ?? '')
      mustEqual(
        second.entries().map(({ id }) => id),
        [...missed, ...live],
        'all in order',
      )
    }),
    check('WS4', 'who has everything is recovered, and gets nothing', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      await sendMany(t, person, 2)
      await first.until(() => first.entries().length === 2)
      const second = await t.resume(person.token, first, 2)
      mustEqual(second.welcome.recovered, true, 'recovered')
      const { id } = await t.send({ user_id: person.id })
      await second.entry(id)
      mustEqual(
        second.entries().map((one) => one.id),
        [id],
        'only what is new',
      )
    }),
    check('WS4', 'on a location stream, too, with what the caller may see', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const first = await t.openAt(id, staff.token)
      first.drop()
      const shown = await t.send({ location_id: id })
      await t.sendAs(manager.token, { location_id: id, roles: ['manager'] })
      const last = await t.send({ location_id: id })
      const second = await t.resume(staff.token, first, 0)
      await second.entry(last.id)
      mustEqual(second.welcome.recovered, true, 'recovered')
      mustEqual(
        second.entries().map(({ seq }) => seq),
        [shown.seq, shown.seq + 2],
        'seqs',
      )
      mustEqual(second.entries().at(-1)?.seq, last.seq, 'the last seq')
    }),
    check(
      'WS4',
      'without an epoch, above the head, or of another epoch: not recovered, no entries',
      async (t) => {
        const person = await t.person()
        await sendMany(t, person, 2)
        const { welcome } = await t.open(person.token)
        const { epoch } = welcome
        const queries: Record<string, string>[] = [
          { since: '1' },
          { epoch, since: '3' },
          { epoch: '019e3f5c-1d20-7b11-9c02-6f0c8a7e1d54', since: '1' },
          { epoch },
        ]
        for (const query of queries) {
          const socket = await t.open(person.token, { query })
          mustEqual(socket.welcome.recovered, false, `recovered with ${JSON.stringify(query)}`)
          await socket.askWell({ type: 'state', visible: true })
          mustEqual(socket.entries(), [], 'no entries')
        }
      },
    ),
    check('WS4', '500 behind is recovered, 501 is not', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      first.drop()
      const ids = [...(await sendMany(t, person, 499)), ...(await sendMany(t, person, 2))]
      const near = await t.resume(person.token, first, 1)
      mustEqual(near.welcome.recovered, true, 'recovered, 500 behind')
      await near.entry(ids.at(-1) ?? '')
      mustEqual(near.entries().length, 500, 'entries')
      const far = await t.resume(person.token, first, 0)
      mustEqual(far.welcome.recovered, false, 'recovered, 501 behind')
    }),
    check('WS4', 'a replaced entry is not replayed, what replaced it is', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      first.drop()
      const to = { user_id: person.id }
      await t.send(to, { collapse_key: 'k' })
      const kept = await t.send(to)
      const newest = await t.send(to, { collapse_key: 'k' })
      const second = await t.resume(person.token, first, 0)
      await second.entry(newest.id)
      mustEqual(
        second.entries().map(({ id }) => id),
        [kept.id, newest.id],
        'two',
      )
    }),
    check('WS4', 'an expired entry is not replayed', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      first.drop()
      const to = { user_id: person.id }
      const expires_at = new Date(Date.now() + 1_500).toISOString()
      await t.send(to, { expires_at })
      const kept = await t.send(to)
      await t.wait(1_700)
      const second = await t.resume(person.token, first, 0)
      await second.entry(kept.id)
      mustEqual(
        second.entries().map(({ id }) => id),
        [kept.id],
        'one',
      )
    }),
    check(
      'ST4',
      'a hub keeps what is of today: 500 entries later the first is still replayed',
      async (t) => {
        const person = await t.person()
        const first = await t.open(person.token)
        first.drop()
        const ids = await sendMany(t, person, 500)
        const second = await t.resume(person.token, first, 0)
        mustEqual(second.welcome.recovered, true, 'recovered')
        await second.entry(ids.at(-1) ?? '')
        mustEqual(second.entries()[0]?.id, ids[0], 'the first')
      },
    ),
    check(
      'ST5',
      'through sockets that break again and again everything comes once, in order',
      async (t) => {
        const person = await t.person()
        const held: { seq: number; id: string }[] = []
        let socket = await t.open(person.token)
        const sent: string[] = []
        for (let round = 0; round < 8; round += 1) {
          const sending = sendMany(t, person, 6)
          // Sometimes in the middle of it, sometimes after it.
          if (round % 2 === 0) await sending
          else await socket.until(() => socket.entries().length >= 2, 300)
          socket.drop()
          held.push(...socket.entries())
          sent.push(...(await sending))
          socket = await t.resume(person.token, socket, held.at(-1)?.seq ?? 0)
          mustEqual(socket.welcome.recovered, true, 'recovered')
        }
        const all = () => [...held, ...socket.entries()]
        await socket.until(() => all().some(({ id }) => id === sent.at(-1)))
        held.push(...socket.entries())
        mustEqual(
          held.map(({ id }) => id),
          sent,
          'everything once, in order',
        )
        mustEqual(
          held.map(({ seq }) => seq),
          seqsFrom(1, sent.length),
          'no seq missing',
        )
      },
    ),
    check('ST5', 'and a snapshot holds the same', async (t) => {
      const person = await t.person()
      const sent = await sendMany(t, person, 30)
      await t.archived(person, sent.at(-1) ?? '')
      const { data } = await t.inbox(person, '?limit=100')
      mustEqual(data.map(({ id }) => id).toReversed(), sent, 'everything once, in order')
    }),
  ],
}
