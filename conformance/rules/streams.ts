// Sections 4 and 5: order, completeness, and the archive behind it.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import { asObject, frameEntry, type Inbox, UUID_V7 } from '../wire.ts'

const rising = (seqs: readonly number[]) =>
  seqs.every((seq, at) => at === 0 || seq > (seqs[at - 1] ?? 0))

export const STREAMS: Chapter = {
  name: 'streams',
  checks: [
    check('ST1', 'a new stream gives 1, 2, 3', async (t) => {
      const { id } = await t.newShop()
      const seqs: number[] = []
      for (let at = 0; at < 3; at += 1) seqs.push((await t.send({ location_id: id })).seq)
      mustEqual(seqs, [1, 2, 3], 'seqs')
    }),
    check('ST1', 'thirty at once get thirty seqs without a gap', async (t) => {
      const { id } = await t.newShop()
      const sends = Array.from({ length: 30 }, () => t.send({ location_id: id }))
      const seqs = (await Promise.all(sends)).map(({ seq }) => seq).toSorted((a, b) => a - b)
      mustEqual(
        seqs,
        Array.from({ length: 30 }, (_, at) => at + 1),
        '1 to 30',
      )
    }),
    check('ST1', 'the epoch is a UUIDv7, and stays', async (t) => {
      const { staff } = await t.shop()
      const first = await t.open(staff.token)
      const second = await t.open(staff.token)
      must(UUID_V7.test(first.welcome.epoch), 'a UUIDv7', first.welcome.epoch)
      mustEqual(second.welcome.epoch, first.welcome.epoch, 'the same epoch')
      const { epochs } = await t.inbox(staff)
      const known = epochs[`user:${staff.id}`]
      must(known === null || known === first.welcome.epoch, 'the same in the archive', epochs)
    }),
    check('ST2', 'what was answered is there for a resume at the same moment', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      first.drop()
      for (let at = 0; at < 5; at += 1) {
        const { id, seq } = await t.send({ user_id: person.id })
        const second = await t.resume(person.token, first, seq - 1)
        await second.entry(id)
        second.drop()
      }
    }),
    check('ST3', 'on one socket seqs rise, none comes twice, whoever sends at once', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const [own, shop] = [await t.open(staff.token), await t.openAt(id, staff.token)]
      const sends = Array.from({ length: 40 }, (_, at) =>
        at % 3 === 0 ? t.send({ user_id: staff.id }) : t.sendAs(manager.token, { location_id: id }),
      )
      const sent = await Promise.all(sends)
      await own.until(() => own.entries().length >= sent.length, 8_000)
      const ids = own.entries().map((one) => one.id)
      mustEqual(ids.toSorted(), sent.map((one) => one.id).toSorted(), 'each once on the own stream')
      must(rising(own.entries().map(({ seq }) => seq)), 'rising seqs', own.entries())
      const inShop = sent.filter(({ stream }) => stream === `location:${id}`).length
      await shop.until(() => shop.entries().length >= inShop)
      const seqs = shop.entries().map(({ seq }) => seq)
      mustEqual(
        seqs,
        Array.from({ length: inShop }, (_, at) => at + 1),
        'all of the shop, in order',
      )
    }),
    check('ST3', 'a seq that the reader may not see is skipped, and the others come', async (t) => {
      const { id, staff } = await t.newShop()
      const socket = await t.openAt(id, staff.token)
      const seqs: number[] = []
      for (const roles of [['staff'], ['manager'], ['manager'], ['staff']]) {
        const { seq } = await t.send({ location_id: id, roles })
        if (roles.includes('staff')) seqs.push(seq)
      }
      await socket.until(() => socket.entries().length >= 2)
      mustEqual(
        socket.entries().map(({ seq }) => seq),
        seqs,
        'the first and the fourth',
      )
    }),
    check(
      'ST7',
      "a shop's entry is on its members' own streams, once, with its home in data",
      async (t) => {
        const { id, stream, staff, manager } = await t.newShop()
        const sockets = await Promise.all([staff, manager].map(({ token }) => t.open(token)))
        const sent = await t.send({ location_id: id })
        for (const socket of sockets) {
          const frame = await socket.entry(sent.id)
          mustEqual([frameEntry(frame).stream, frameEntry(frame).seq], [stream, sent.seq], 'home')
          must(Number.isInteger(frame.seq), "a seq of the own stream's", frame.seq)
        }
        const last = await t.send({ user_id: staff.id })
        await sockets[0]?.entry(last.id)
        mustEqual(
          sockets[0]?.entries().map((one) => one.id),
          [sent.id, last.id],
          'each once',
        )
      },
    ),
    check('ST7', 'of two shops, in one stream', async (t) => {
      const [a, b] = [await t.newShop(), await t.newShop()]
      const person = await t.person({ [a.id]: 'staff', [b.id]: 'staff' })
      const socket = await t.open(person.token)
      const sends = [a, b, a, b].map(({ id }) => t.send({ location_id: id }))
      const ids = (await Promise.all(sends)).map(({ id }) => id)
      await socket.until(() => socket.entries().length >= 4)
      mustEqual(
        socket
          .entries()
          .map(({ id }) => id)
          .toSorted(),
        ids.toSorted(),
        'each once',
      )
      must(rising(socket.entries().map(({ seq }) => seq)), 'rising seqs', socket.entries())
    }),
    check('ST7', 'what came to the shop while nobody listened is in the next resume', async (t) => {
      const { id, staff } = await t.newShop()
      const first = await t.open(staff.token)
      const before = await t.send({ location_id: id })
      const { seq = 0 } = await first.entry(before.id)
      first.drop()
      const missed = [await t.send({ location_id: id }), await t.send({ location_id: id })]
      const second = await t.resume(staff.token, first, seq)
      mustEqual(second.welcome.recovered, true, 'recovered')
      await second.until(() => second.entries().length >= 2)
      mustEqual(
        second.entries().map((one) => one.id),
        missed.map((one) => one.id),
        'both, in order',
      )
    }),
    check(
      'ST7',
      'more than 200 behind at a shop: nothing is copied, and a resume is not recovered',
      async (t) => {
        const { id, stream, staff } = await t.newShop()
        const first = await t.open(staff.token)
        first.drop()
        await t.send({ user_id: staff.id })
        const item = { to: { location_id: id }, type: 'custom', title: 'x' }
        const results = await t.batch(Array.from({ length: 230 }, () => item))
        // The hub may hear of the drop a moment later; until then it still listens.
        const second = await t.resume(staff.token, first, 0)
        if (second.welcome.recovered) {
          await second.until(() => second.entries().length >= 231)
          mustEqual(second.entries().length, 231, 'all of them, where they were still taken')
          t.skip('the hub had not noticed that nobody listens; it held all 231')
        }
        mustEqual(second.welcome.heads?.[stream]?.seq, results.length, 'the head of the shop')
        mustEqual(second.entries(), [], 'no entries')
      },
    ),
    check('AR3', 'a send is answered 201 archived: true, or 202 archived: false', async (t) => {
      const { staff } = await t.shop()
      const body = { to: { user_id: staff.id }, type: 'custom', title: 'x' }
      const answer = await t.ask('POST', '/api/v1/notifications', {
        token: await t.service(),
        body,
      })
      const { archived, status } = asObject(answer.json)
      mustEqual([answer.status === 201, status], [archived, 'sent'], '201 if archived, and sent')
    }),
    check('AR3', 'GET finds it then', async (t) => {
      const { staff } = await t.shop()
      const { id, stream, seq } = await t.send({ user_id: staff.id })
      const entry = await t.archived(staff, id)
      mustEqual([entry.id, entry.stream, entry.seq], [id, stream, seq], 'the entry')
    }),
    check(
      'AR3',
      'a command answers {archived, counts, as_of, epochs}, of the whole inbox',
      async (t) => {
        const person = await t.person()
        const { id } = await t.send({ user_id: person.id })
        await t.send({ user_id: person.id })
        await t.archived(person, id)
        const answer = await t.ask('PUT', `/api/v1/notifications/${id}/read`, {
          token: person.token,
        })
        if (answer.status === 202) t.skip('the archive lags; there are no counts')
        const { archived, counts, as_of, epochs } = asObject(answer.json)
        mustEqual([archived, asObject(counts)['unread']], [true, 1], 'archived, and one unread')
        must(
          `user:${person.id}` in asObject(as_of) && epochs !== undefined,
          'as_of and epochs',
          as_of,
        )
      },
    ),
    check('AR5', 'as_of and epochs name every stream of the person', async (t) => {
      const { stream, staff } = await t.shop()
      const { as_of, epochs } = await t.inbox(staff)
      const streams = [`user:${staff.id}`, stream].toSorted()
      mustEqual(Object.keys(as_of).toSorted(), streams, 'as_of')
      mustEqual(Object.keys(epochs).toSorted(), streams, 'epochs')
    }),
    check('AR5', 'as_of reaches what is in the list', async (t) => {
      const { id, stream, staff } = await t.newShop()
      const sent = await t.send({ location_id: id })
      await t.archived(staff, sent.id)
      const { as_of, data } = await t.inbox(staff)
      must((as_of[stream] ?? -1) >= sent.seq, `at least ${sent.seq}`, as_of)
      must(
        data.every((one) => one.seq <= (as_of[one.stream] ?? -1)),
        'nothing above it',
        as_of,
      )
    }),
    check('AR5', 'a snapshot and the frames above it make the counts exact', async (t) => {
      const { id, staff } = await t.newShop()
      const socket = await t.open(staff.token)
      await t.send({ location_id: id })
      await t.send({ user_id: staff.id })
      const snapshot = await t.inbox(staff)
      const late = [await t.send({ location_id: id }), await t.send({ user_id: staff.id })]
      for (const one of late) await socket.entry(one.id)
      const fresh = socket.frames
        .filter(({ type }) => type === 'notification')
        .map(frameEntry)
        .filter((one) => one.seq > (snapshot.as_of[one.stream] ?? 0))
      await t.archived(staff, late[1]?.id ?? '')
      const now = await t.count(staff)
      mustEqual(now.unread, snapshot.counts.unread + fresh.length, 'unread')
    }),
    check('AR5', 'until is the next expiry', async (t) => {
      const person = await t.person()
      const expires_at = new Date(Date.now() + 3_600_000).toISOString()
      const { id } = await t.send({ user_id: person.id }, { expires_at })
      await t.archived(person, id)
      mustEqual((await t.count(person)).until, expires_at, 'until')
    }),
    check(
      'AR6',
      'reading up to a place takes what lies at or below it, and nothing above',
      async (t) => {
        const person = await t.person()
        const sent = [1, 2, 3].map(() => t.send({ user_id: person.id }))
        const [, middle] = (await Promise.all(sent)).toSorted((a, b) => a.seq - b.seq)
        const body = { up_to: { [`user:${person.id}`]: middle?.seq } }
        await t.well('POST', '/api/v1/notifications/read-all', { token: person.token, body })
        const inbox = await t.soon<Inbox>(10_000, 'three in the archive', async () => {
          const page = await t.inbox(person)
          return page.data.length === 3 && page.counts.unread < 3 ? page : null
        })
        const unread = inbox.data.filter((one) => one.state?.is_read === false)
        mustEqual(
          unread.map(({ seq }) => seq),
          [3],
          'unread',
        )
      },
    ),
    check('AR7', 'a change of the directory is known at once', async (t) => {
      const { id } = await t.newShop()
      const person = await t.person()
      const socket = await t.open(person.token)
      await t.world.join(t.trace, id, person.id, 'staff')
      const sent = await t.send({ location_id: id })
      await socket.entry(sent.id, 5_000)
    }),
    check('AR8', 'in production there is no PUT /__faults', async (t) => {
      t.demandProduction('development has it')
      await t.refused('PUT', '/__faults', { body: {} }, 404, 'not_found')
    }),
  ],
}
