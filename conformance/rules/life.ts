// Section 3: how a socket lives and ends.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'

/** A heartbeat that is short enough to wait for three of it. */
const SHORT_S = 3

export const LIFE: Chapter = {
  name: 'life',
  checks: [
    check('WS5', 'ping is answered with pong, both as they are', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token, { silent: true })
      for (let at = 0; at < 3; at += 1) await socket.pong()
      mustEqual([socket.pongs, socket.frames.length], [3, 1], 'three, and no frame but the welcome')
    }),
    check('WS5', 'anything but exactly ping is no heartbeat', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token, { silent: true })
      for (const text of ['PING', 'ping ', '"ping"', '{"type":"ping"}']) socket.say(text)
      await socket.until(() => socket.frames.length >= 5)
      const codes = socket.frames.slice(1).map(({ code }) => code)
      mustEqual(codes, ['bad_frame', 'bad_frame', 'bad_frame', 'bad_frame'], 'four bad frames')
      must(!socket.texts.includes('pong'), 'no pong', socket.texts)
    }),
    check(
      'WS5',
      'heartbeats do not count as frames: 150 at once, and a frame is still taken',
      async (t) => {
        const { token } = (await t.shop()).staff
        const socket = await t.open(token, { silent: true })
        for (let at = 0; at < 150; at += 1) socket.say('ping')
        await socket.askWell({ type: 'state', visible: true })
        await socket.until(() => socket.pongs === 150)
        mustEqual(socket.pongs, 150, 'pongs')
      },
    ),
    check(
      'WS6',
      'who is silent for 2.5 intervals is closed with 4009 at the next wake, and gets nothing',
      async (t) => {
        const person = await t.person()
        const silent = await t.open(person.token, { silent: true })
        const { heartbeat_interval_s } = silent.welcome
        const seconds = Math.max(6, 2.5 * heartbeat_interval_s + 2)
        if (heartbeat_interval_s > SHORT_S) t.demandSlow(Math.round(seconds))
        const alive = await t.open(person.token)
        await t.wait(seconds * 1_000)
        const { id } = await t.send({ user_id: person.id })
        await alive.entry(id)
        await silent.bye(4009)
        must(!silent.has(id), 'nothing for who is gone', 'the entry')
        mustEqual(alive.closed, null, 'the other lives')
      },
    ),
    check('WS7', "one socket too many closes the person's oldest with 4509", async (t) => {
      const { token } = await t.person()
      const sockets = [await t.open(token)]
      const ended = () => sockets.filter(({ frames }) => frames.some(({ type }) => type === 'bye'))
      while (sockets.length < 12 && ended().length === 0) {
        sockets.push(await t.open(token))
        await t.wait(60)
      }
      if (ended().length === 0) t.skip('WS_MAX_CONNECTIONS_PER_USER is over 11 there')
      await sockets[0]?.bye(4509)
      mustEqual(ended().length, 1, 'sockets that ended')
      for (const other of sockets.slice(1)) await other.pong()
    }),
    check('WS7', 'the same device replaces its own socket, and no other', async (t) => {
      const { token } = await t.person()
      const first = await t.open(token, { device: 'phone' })
      const other = await t.open(token, { device: 'desk' })
      const second = await t.open(token, { device: 'phone' })
      await first.bye(4509)
      await other.pong()
      await second.pong()
    }),
    check('WS7', 'sockets of one person on another hub are counted apart', async (t) => {
      const { id, staff } = await t.newShop()
      const own = await t.open(staff.token, { device: 'phone' })
      const shop = await t.openAt(id, staff.token, { device: 'phone' })
      await own.pong()
      await shop.pong()
    }),
    check('WS8', 'the bye comes before the close, and has its code', async (t) => {
      const { token } = await t.person()
      const first = await t.open(token, { device: 'phone' })
      await t.open(token, { device: 'phone' })
      const bye = await first.bye(4509)
      mustEqual([bye['reason'], bye['retry']], ['replaced', false], 'reason and retry')
      // Locally the close itself may take ten seconds; it never has another code.
      await first.until(() => first.closed !== null, 1_000)
      const code = first.closed?.code ?? 4509
      must(code === 4509 || code === 1006, 'the same code', first.closed)
    }),
    check('WS8', 'after a bye nothing more comes', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token, { device: 'phone' })
      const second = await t.open(person.token, { device: 'phone' })
      await first.bye(4509)
      const { id } = await t.send({ user_id: person.id })
      await second.entry(id)
      mustEqual(first.frames.at(-1)?.type, 'bye', 'the last frame')
    }),
    check(
      'WS11',
      'auth_expiring comes within the last 60 s, with the time of the end',
      async (t) => {
        const { id } = await t.person()
        const socket = await t.open(await t.access.person(t.trace, id, 50))
        await socket.ask({ type: 'state', visible: true })
        await t.send({ user_id: id })
        // The hub looks at its sockets' tokens every few seconds, when something wakes it.
        await t.wait(5_100)
        await socket.ask({ type: 'state', visible: true })
        const frame = await socket.frame(({ type }) => type === 'auth_expiring', 'auth_expiring')
        const left = Date.parse(String(frame['at'])) - Date.now()
        must(left > 0 && left <= 50_000, 'the end of the token', frame)
      },
    ),
    check(
      'WS11',
      'past expiry nothing is delivered, and the next wake closes with 4010',
      async (t) => {
        const { id } = await t.person()
        const socket = await t.open(await t.access.person(t.trace, id, 2))
        await t.wait(2_300)
        const sent = await t.send({ user_id: id })
        await socket.bye(4010)
        must(!socket.has(sent.id), 'nothing delivered', 'the entry')
      },
    ),
    check('WS11', 'a fresh token of the same person keeps the socket', async (t) => {
      const { id, token } = await t.person()
      const socket = await t.open(await t.access.person(t.trace, id, 2))
      await socket.askWell({ type: 'auth', token })
      await t.wait(2_300)
      const sent = await t.send({ user_id: id })
      await socket.entry(sent.id)
      await socket.pong()
    }),
    check(
      'WS11',
      "somebody else's token is refused, and the socket stays whose it was",
      async (t) => {
        const { staff, manager } = await t.shop()
        const socket = await t.open(staff.token)
        const answer = await socket.ask({ type: 'auth', token: manager.token })
        mustEqual([answer.type, answer.code], ['error', 'forbidden'], 'an error')
        const { id } = await t.send({ user_id: staff.id })
        await socket.entry(id)
      },
    ),
    check(
      'WS11',
      'a token that is none is refused with unauthorized, and the socket lives',
      async (t) => {
        const { token } = (await t.shop()).staff
        const socket = await t.open(token)
        const answer = await socket.ask({ type: 'auth', token: 'nonsense' })
        mustEqual([answer.type, answer.code], ['error', 'unauthorized'], 'an error')
        await socket.pong()
      },
    ),
    check(
      'WS13',
      'a socket that idled long enough to be put to sleep goes on as if nothing happened',
      async (t) => {
        t.demandSlow(25)
        const person = await t.person()
        const socket = await t.open(person.token)
        await socket.askWell({ type: 'subscribe', event_type: 'x_wake' })
        await socket.askWell({ type: 'state', visible: false })
        await t.wait(25_000)
        const { id } = await t.send({ user_id: person.id })
        await socket.entry(id)
        const event = { to: { user_id: person.id }, event_type: 'x_wake', data: {} }
        const asked = { token: await t.service(), body: event }
        await t.well('POST', '/api/v1/events', asked, 200)
        await socket.frame(({ type }) => type === 'event', 'the event that it subscribed')
        mustEqual(socket.frames.filter(({ type }) => type === 'welcome').length, 1, 'welcomes')
      },
    ),
  ],
}
