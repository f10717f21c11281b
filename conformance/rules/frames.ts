// Section 3: what a client says, and what it is told.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import { frameState } from '../wire.ts'

export const FRAMES: Chapter = {
  name: 'frames',
  checks: [
    check('WS9', 'a frame with an id is answered ok with it in re', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      const answer = await socket.ask({ type: 'state', visible: true })
      mustEqual(answer.type, 'ok', 'type')
    }),
    check('WS9', 'a frame without an id that is fine is answered with nothing', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      socket.say({ type: 'state', visible: true })
      await socket.askWell({ type: 'state', visible: true })
      mustEqual(socket.frames.length, 2, 'frames: the welcome and one ok')
    }),
    check(
      'WS9',
      'no JSON, no object, no type, an unknown type: bad_frame, and the socket lives',
      async (t) => {
        const { token } = (await t.shop()).staff
        const socket = await t.open(token)
        const wrong = ['{', '7', 'null', '{}', '{"type":"dance"}', '[]', '[1]', '{"type":7}']
        for (const text of wrong) socket.say(text)
        await socket.until(() => socket.frames.length > wrong.length)
        const codes = socket.frames.slice(1).map(({ code }) => code)
        mustEqual(
          codes,
          wrong.map(() => 'bad_frame'),
          'a bad_frame for each',
        )
        await socket.askWell({ type: 'state', visible: true })
      },
    ),
    check('WS9', 'a frame whose values are wrong is bad_frame, with its id', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      const wrong = [
        { type: 'ack' },
        { type: 'ack', seq: '1' },
        { type: 'ack', seq: -1 },
        { type: 'state', visible: 'yes' },
        { type: 'read', notification_ids: [] },
        { type: 'read', notification_ids: ['no-uuid'] },
        { type: 'subscribe', event_type: 'no_such_event' },
      ]
      for (const frame of wrong) {
        const answer = await socket.ask(frame)
        mustEqual([answer.type, answer.code], ['error', 'bad_frame'], JSON.stringify(frame))
      }
    }),
    check('WS9', 'a frame that is not for this stream is bad_frame', async (t) => {
      const { id, staff } = await t.shop()
      const socket = await t.openAt(id, staff.token)
      const { code } = await socket.ask({ type: 'read', notification_ids: [t.key()] })
      mustEqual(code, 'bad_frame', 'read on a location stream')
      const seen = await socket.ask({ type: 'seen', up_to: {} })
      mustEqual(seen.code, 'bad_frame', 'seen on a location stream')
    }),
    check('WS9', 'a binary frame is a bad one', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      socket.sayBytes(Buffer.from('{"type":"state","visible":true,"id":"x"}'))
      const answer = await socket.frame(({ type }) => type === 'error', 'an error')
      mustEqual(answer.code, 'bad_frame', 'code')
    }),
    check('WS9', 'a text over 64 KiB is too_large, and the socket lives', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      socket.say({ type: 'state', visible: true, id: 'big', padding: 'x'.repeat(66_000) })
      const answer = await socket.frame(({ type }) => type === 'error', 'an error')
      mustEqual(answer.code, 'too_large', 'code')
      await socket.askWell({ type: 'state', visible: true })
    }),
    check('WS9', 'a text of 64 KiB less a little is taken', async (t) => {
      const { token } = (await t.shop()).staff
      const socket = await t.open(token)
      await socket.askWell({ type: 'state', visible: true, padding: 'x'.repeat(65_000) })
    }),
    check(
      'WS9',
      'ten bad frames in a minute are forgiven, the eleventh ends with 4500',
      async (t) => {
        const { token } = await t.person()
        const socket = await t.open(token)
        for (let at = 0; at < 10; at += 1) await socket.ask({ type: 'dance' })
        await socket.askWell({ type: 'state', visible: true })
        socket.say({ type: 'dance' })
        await socket.bye(4500)
      },
    ),
    check('WS9', "who acts is the token's sub, never a field of a frame", async (t) => {
      const { id, staff, manager } = await t.newShop()
      const sent = await t.send({ location_id: id })
      await Promise.all([staff, manager].map((one) => t.archived(one, sent.id)))
      const socket = await t.open(staff.token)
      const frame = {
        type: 'read',
        notification_ids: [sent.id],
        user_id: manager.id,
        sub: manager.id,
      }
      await socket.ask(frame)
      mustEqual((await t.state(manager, sent.id)).is_read, false, "the other's entry, unread")
    }),
    check(
      'WS10',
      'a burst of 100 is taken; then rate_limited, temporary, with retry_after_ms',
      async (t) => {
        const { token } = await t.person()
        const socket = await t.open(token)
        const text = Array.from({ length: 150 }, (_, at) => ({
          type: 'state',
          visible: true,
          id: `${at}`,
        }))
        socket.say(text)
        await socket.until(() => socket.frames.length > 150)
        const answers = socket.frames.slice(1)
        const taken = answers.filter(({ type }) => type === 'ok').length
        must(taken >= 100 && taken <= 110, '100 taken, and what 20 a second give', taken)
        const refused = answers.find(({ type }) => type === 'error')
        mustEqual([refused?.code, refused?.['temporary']], ['rate_limited', true], 'the refusal')
        must(Number(refused?.['retry_after_ms']) > 0, 'retry_after_ms', refused)
        await t.wait(Number(refused?.['retry_after_ms']) + 100)
        await socket.askWell({ type: 'state', visible: true })
      },
    ),
    check('WS10', 'acks count as frames', async (t) => {
      const { token } = await t.person()
      const socket = await t.open(token)
      socket.say(Array.from({ length: 140 }, (_, at) => ({ type: 'ack', seq: 0, id: `${at}` })))
      await socket.frame(({ code }) => code === 'rate_limited', 'rate_limited')
    }),
    check('WS10', 'who keeps on for 10 s is closed with 4029', async (t) => {
      t.demandSlow(12)
      const { token } = await t.person()
      const socket = await t.open(token)
      const flood = setInterval(() => {
        if (socket.closed !== null) return
        socket.say(Array.from({ length: 20 }, () => ({ type: 'state', visible: true })))
      }, 100)
      try {
        await socket.bye(4029, 20_000)
      } finally {
        clearInterval(flood)
      }
    }),
    check('WS12', 'an ack up to the head is taken, one above it is bad_frame', async (t) => {
      const person = await t.person()
      const socket = await t.open(person.token)
      const { id, seq } = await t.send({ user_id: person.id })
      await socket.entry(id)
      await socket.askWell({ type: 'ack', seq })
      await socket.askWell({ type: 'ack', seq: 0 })
      mustEqual(
        (await socket.ask({ type: 'ack', seq: seq + 1 })).code,
        'bad_frame',
        'above the head',
      )
    }),
    check('WS12', 'an ack marks nothing as seen or read', async (t) => {
      const person = await t.person()
      const socket = await t.open(person.token)
      const { id, seq } = await t.send({ user_id: person.id })
      await socket.entry(id)
      await socket.askWell({ type: 'ack', seq })
      await t.archived(person, id)
      const { unread, unseen } = await t.count(person)
      mustEqual([unread, unseen], [1, 1], 'unread and unseen')
    }),
    check(
      'WS12',
      'more than 1,000 entries without an ack: 4008, and a resume brings the rest',
      async (t) => {
        t.demandSlow(10)
        const person = await t.person()
        const socket = await t.open(person.token)
        const items = Array.from({ length: 500 }, () => ({
          to: { user_id: person.id },
          type: 'custom',
          title: 'x',
        }))
        for (let round = 0; round < 3; round += 1) await t.batch(items)
        await socket.bye(4008, 20_000)
        const last = socket.entries().at(-1)?.seq ?? 0
        const again = await t.resume(person.token, socket, last)
        if (last >= 1_000) mustEqual(again.welcome.recovered, true, 'recovered')
      },
    ),
    check(
      'IN2',
      'the frame read marks, and other devices hear it; unknown ids are not_found',
      async (t) => {
        const person = await t.person()
        const { id } = await t.send({ user_id: person.id })
        const [phone, desk] = [await t.open(person.token), await t.open(person.token)]
        await phone.askWell({ type: 'read', notification_ids: [id] })
        const frame = await desk.frame(({ type }) => type === 'notification_state', 'the change')
        mustEqual(frameState(frame).notification_ids, [id], 'notification_ids')
        mustEqual(frameState(frame).state, 'read', 'state')
        const unknown = await phone.ask({ type: 'read', notification_ids: [t.key()] })
        mustEqual(unknown.code, 'not_found', 'code for an unknown id')
      },
    ),
    check(
      'IN2',
      'the frame seen marks all up to a place as seen, and nothing as read',
      async (t) => {
        const person = await t.person()
        const first = await t.send({ user_id: person.id })
        const second = await t.send({ user_id: person.id })
        const socket = await t.open(person.token)
        await socket.askWell({ type: 'seen', up_to: { [first.stream]: first.seq } })
        await t.archived(person, second.id)
        await t.soon(5_000, 'one unseen', async () =>
          (await t.count(person)).unseen === 1 ? true : null,
        )
        mustEqual((await t.count(person)).unread, 2, 'unread')
      },
    ),
  ],
}
