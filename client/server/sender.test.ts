import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  createFakeShopbell,
  problem,
} from '../../tests/package/fake-shopbell.ts'
import { createFakeClock, type FakeClock } from '../../tests/fakes/fake-clock.ts'
import { ShopbellError } from '../errors.ts'
import { createSender, type SenderOptions } from './sender.ts'
import type { Notice } from './sends.ts'

const BOOKED: Notice<'appointment.booked'> = {
  to: { user_id: 'ben' },
  type: 'appointment.booked',
  data: {
    appointment_id: 'a-1',
    client_name: 'Clara',
    service: 'Cut',
    time: '2026-11-24T10:00:00+01:00',
  },
}

const SEND = '/notifications'

function setUp(options: Partial<SenderOptions> = {}, fake = createFakeShopbell()) {
  const clock = createFakeClock()
  let keys = 0
  const sender = createSender({
    url: 'https://bell.test/',
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    fetch: fake.fetch,
    clock,
    random: () => 0,
    newKey: () => `key-${++keys}`,
    ...options,
  })
  return { sender, fake, clock }
}

/** How it ends, when as much time has passed as any call may take. */
async function outcome<T>(clock: FakeClock, call: Promise<T>): Promise<T | ShopbellError> {
  const ended = call.catch((error: unknown) => {
    if (error instanceof ShopbellError) return error
    throw error
  })
  await clock.advance(600_000)
  return ended
}

async function failure(clock: FakeClock, call: Promise<unknown>): Promise<ShopbellError> {
  const ended = await outcome(clock, call)
  expect(ended).toBeInstanceOf(ShopbellError)
  return ended as ShopbellError
}

const unavailable = (seconds?: number) =>
  problem(
    503,
    { code: 'unavailable' },
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  )

describe('a send', () => {
  test('goes out as it was given, and says where it stands', async () => {
    const { sender, fake } = setUp()
    expect(await sender.sendAppointmentNotification(BOOKED)).toEqual({
      id: 'n-1',
      status: 'sent',
      stream: 'user:ben',
      seq: 1,
      archived: true,
      replayed: false,
    })
    expect(fake.sends()).toEqual([{ path: SEND, body: BOOKED, key: 'key-1', token: 'token-1' }])
  })

  test('leaves no timer behind that keeps a program from ending', async () => {
    const { sender, clock } = setUp()
    await sender.sendNotification(BOOKED)
    expect(clock.timers()).toEqual([])
  })

  test('[CO5] sent again under its own key it is the same one, and says so', async () => {
    const { sender } = setUp()
    const first = await sender.sendNotification(BOOKED, { idempotencyKey: 'booking-1' })
    const again = await sender.sendNotification(BOOKED, { idempotencyKey: 'booking-1' })
    expect([first.replayed, again.replayed, again.id]).toEqual([false, true, first.id])
  })

  test('[CO5] another content under the same key is refused', async () => {
    const { sender, clock } = setUp()
    await sender.sendNotification(BOOKED, { idempotencyKey: 'booking-1' })
    const other = sender.sendNotification(
      { ...BOOKED, title: 'x' },
      { idempotencyKey: 'booking-1' },
    )
    expect(await failure(clock, other)).toMatchObject({
      code: 'idempotency_mismatch',
      status: 422,
      retryable: false,
    })
  })

  test('[NO5] of what is sent later there is no seq yet, of a broadcast no stream', async () => {
    const { sender, fake } = setUp()
    fake.trouble(
      SEND,
      Response.json({ id: 's', stream: 'user:ben', archived: true, status: 'scheduled' }),
    )
    fake.trouble(SEND, Response.json({ id: 'b', status: 'broadcasting' }))
    const later = await sender.sendNotification({ ...BOOKED, deliver_at: '2027-01-01T08:00:00Z' })
    const toAll = await sender.sendNotification({ ...BOOKED, to: { all: true } })
    expect(later).toMatchObject({ status: 'scheduled', stream: 'user:ben', seq: null })
    expect(toAll).toMatchObject({
      status: 'broadcasting',
      stream: null,
      seq: null,
      archived: false,
    })
  })

  test('words without a type are custom, to a person and to a role at a location', async () => {
    const { sender, fake } = setUp()
    await sender.sendPersonalMessage('ben', { title: 'Keys', message: 'At the bar.' })
    await sender.sendLocationMessage('downtown', { title: 'Keys', roles: ['manager'] })
    await sender.sendLocationMessage('downtown', { type: 'team.announcement', message: 'Closed.' })
    expect(fake.sends().map(({ body }) => body)).toEqual([
      { type: 'custom', title: 'Keys', message: 'At the bar.', to: { user_id: 'ben' } },
      { type: 'custom', title: 'Keys', to: { location_id: 'downtown', roles: ['manager'] } },
      { type: 'team.announcement', message: 'Closed.', to: { location_id: 'downtown' } },
    ])
  })
})

describe('[NO7] a live event', () => {
  const EVENTS = '/events'
  const event = {
    to: { location_id: 'downtown' },
    event_type: 'appointment_updates',
    data: { id: 'a-1' },
  }

  test('says how many heard it', async () => {
    const { sender, fake } = setUp()
    fake.trouble(EVENTS, Response.json({ sockets: 3 }))
    expect(await sender.sendEvent(event)).toEqual({ sockets: 3 })
    expect(fake.sends()).toMatchObject([{ path: EVENTS, body: event, key: null }])
  })

  test('is tried once', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble(EVENTS, 'no network')
    expect(await failure(clock, sender.sendEvent(event))).toMatchObject({ code: 'network' })
    expect(fake.sends()).toHaveLength(1)
  })

  test('of a type that is none does not leave', async () => {
    const { sender, fake, clock } = setUp()
    const sent = sender.sendEvent({ ...event, event_type: 'birthdays' })
    expect((await failure(clock, sent)).fields).toMatchObject([{ pointer: '/event_type' }])
    expect(fake.seen).toEqual([])
  })
})

describe('a send that is not right does not leave', () => {
  test.each<[string, unknown, string]>([
    ['[NO2] data that lacks something', { ...BOOKED, data: { client_name: 'C' } }, '/data/service'],
    ['[NO2] data of another kind', { ...BOOKED, data: { ...BOOKED.data, time: 7 } }, '/data/time'],
    ['[CO3] a field that nobody knows', { ...BOOKED, colour: 'red' }, '/colour'],
    ['[NO3] two recipients', { ...BOOKED, to: { user_id: 'a', location_id: 'b' } }, '/to'],
    ['[CO2] an id that is none', { ...BOOKED, to: { user_id: 'a b' } }, '/to/user_id'],
    ['[NO5] a time without a zone', { ...BOOKED, deliver_at: '2027-01-01' }, '/deliver_at'],
    ['a type of another verb', { ...BOOKED, type: 'team.announcement', message: 'x' }, '/type'],
    ['no type', { to: BOOKED.to }, '/type'],
  ])('%s', async (_what, notice, pointer) => {
    const { sender, fake, clock } = setUp()
    const sent = sender.sendAppointmentNotification(notice as Notice<'appointment.booked'>)
    const error = await failure(clock, sent)
    expect(error).toMatchObject({ code: 'invalid', status: null, retryable: false })
    expect(error.fields.map((field) => field.pointer)).toContain(pointer)
    expect(error.message).toContain('not sent: /')
    expect(fake.seen).toEqual([])
  })

  test('[CO5] a key that is too long', async () => {
    const { sender, fake, clock } = setUp()
    const sent = sender.sendNotification(BOOKED, { idempotencyKey: 'k'.repeat(256) })
    expect((await failure(clock, sent)).fields).toMatchObject([{ pointer: '/idempotencyKey' }])
    expect(fake.seen).toEqual([])
  })

  test('the types of each verb say so before', () => {
    const { sender } = setUp()
    const neverRun = async () => {
      // @ts-expect-error: `service` and `time` are missing
      await sender.sendAppointmentNotification({ ...BOOKED, data: { appointment_id: 'a' } })
      await sender.sendPerformanceAlert({
        to: { location_id: 'x' },
        type: 'performance.goal_achieved',
        // @ts-expect-error: a figure is a number
        data: { metric: 'revenue', value: '7', goal: 5 },
      })
      // @ts-expect-error: an announcement has words
      await sender.sendTeamUpdate({ to: { location_id: 'x' }, type: 'team.announcement' })
      // @ts-expect-error: not a type of training
      await sender.sendTraining(BOOKED)
      // @ts-expect-error: two recipients
      await sender.sendNotification({ ...BOOKED, to: { user_id: 'a', location_id: 'b' } })
      // @ts-expect-error: plain words have a title
      await sender.sendPersonalMessage('ben', { message: 'x' })
      await sender.sendTraining({
        to: { all: true },
        type: 'training.course_completed',
        data: { course_id: 'c', course_name: 'Fades', teacher: 'other keys are kept' },
      })
    }
    expect(neverRun).toBeTypeOf('function')
  })
})

describe('tokens', () => {
  test('[AU2] calls at the same moment and later ones share one', async () => {
    const { sender, fake } = setUp()
    await Promise.all([1, 2, 3].map(() => sender.sendNotification(BOOKED)))
    await sender.sendNotification(BOOKED)
    expect([fake.tokens, fake.sends().length]).toEqual([['token-1'], 4])
  })

  test('[AU2] a new one is fetched before the old one ends', async () => {
    const { sender, fake, clock } = setUp()
    await sender.sendNotification(BOOKED)
    await clock.advance(839_000)
    await sender.sendNotification(BOOKED)
    await clock.advance(2_000)
    await sender.sendNotification(BOOKED)
    expect(fake.sends().map(({ token }) => token)).toEqual(['token-1', 'token-1', 'token-2'])
  })

  test('a refused one is replaced once, and the send keeps its key', async () => {
    const { sender, fake, clock } = setUp()
    await sender.sendNotification(BOOKED)
    await clock.advance(60_000)
    fake.revoke('token-1')
    expect(await outcome(clock, sender.sendNotification(BOOKED))).toMatchObject({ id: 'n-2' })
    expect(fake.sends().slice(1)).toMatchObject([
      { key: 'key-2', token: 'token-1' },
      { key: 'key-2', token: 'token-2' },
    ])
  })

  test('one that is refused again is an error, not a loop', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble(SEND, ...[1, 2, 3].map(() => problem(401, { code: 'unauthorized' })))
    expect(await failure(clock, sender.sendNotification(BOOKED))).toMatchObject({
      code: 'unauthorized',
      retryable: false,
    })
    expect(fake.sends()).toHaveLength(2)
  })

  test('a wrong secret is said at once and asked only once', async () => {
    const { sender, fake, clock } = setUp({ clientSecret: 'wrong' })
    const error = await failure(clock, sender.sendNotification(BOOKED))
    expect(error).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(error.message).toBe('The client id or its secret is not valid.')
    expect(fake.seen).toHaveLength(1)
  })

  test('a sign-in that fails for now is tried again once for all who wait', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble('/auth/token', unavailable(), 'no network')
    const all = Promise.all([sender.sendNotification(BOOKED), sender.sendNotification(BOOKED)])
    expect(await outcome(clock, all)).toHaveLength(2)
    expect(fake.seen.filter(({ path }) => path === '/auth/token')).toHaveLength(3)
  })

  test('who gets no token at all does not begin again', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble('/auth/token', ...Array.from({ length: 20 }, () => unavailable()))
    expect(await failure(clock, sender.sendNotification(BOOKED))).toMatchObject({ status: 503 })
    expect(fake.seen).toHaveLength(5)
  })
})

describe('trying again', () => {
  test.each<[string, () => 'no network' | 'silence' | Response]>([
    ['no answer', () => 'no network'],
    ['silence', () => 'silence'],
    ['503', () => unavailable()],
    ['500', () => problem(500, { code: 'internal' })],
    ["a proxy's 502 in HTML", () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['429', () => problem(429, { code: 'rate_limited' }, { 'retry-after': '2' })],
  ])('[CO5] after %s, with the same key and body', async (_what, trouble) => {
    const { sender, fake, clock } = setUp()
    fake.trouble(SEND, trouble())
    expect(await outcome(clock, sender.sendNotification(BOOKED))).toMatchObject({ id: 'n-1' })
    const [first, second, ...more] = fake.sends()
    expect([first?.key, second, more]).toEqual(['key-1', first, []])
  })

  test.each([
    ['403', problem(403, { code: 'forbidden', detail: 'Not with this key.' })],
    ['404', problem(404)],
    ['422', problem(422, { code: 'unknown_recipient' })],
    ['501', problem(501, { code: 'not_available' })],
    ['a redirect', new Response(null, { status: 308, headers: { location: 'https://x.test' } })],
    ['an answer that is not ours', Response.json({ ok: true })],
  ])('not after %s', async (_what, answer) => {
    const { sender, fake, clock } = setUp()
    fake.trouble(SEND, answer)
    expect((await failure(clock, sender.sendNotification(BOOKED))).retryable).toBe(false)
    expect(fake.sends()).toHaveLength(1)
  })

  test('[CO6] not before the time that the server asks for', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble(SEND, unavailable(7))
    const sent = sender.sendNotification(BOOKED)
    await clock.advance(7_000)
    expect(fake.sends()).toHaveLength(1)
    await clock.advance(1_000)
    expect((await sent).id).toBe('n-1')
  })

  test('what would take longer than there is time fails at once, and says when', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble(SEND, unavailable(60))
    const sent = sender.sendNotification(BOOKED).catch((error: unknown) => error)
    await clock.advance(0)
    expect(await sent).toMatchObject({ code: 'unavailable', retryAfterMs: 60_000 })
  })

  test('ends after the given number and after the given time', async () => {
    const { sender, fake, clock } = setUp({ retry: { maxAttempts: 3 } })
    fake.trouble(SEND, 'no network', 'no network', 'no network', 'no network')
    expect(await failure(clock, sender.sendNotification(BOOKED))).toMatchObject({
      code: 'network',
      status: null,
      retryable: true,
    })
    expect(fake.sends()).toHaveLength(3)

    const silent = setUp()
    silent.fake.trouble(SEND, 'silence', 'silence', 'silence')
    const start = silent.clock.now()
    const ends: number[] = []
    const sent = silent.sender.sendNotification(BOOKED).catch(() => ends.push(silent.clock.now()))
    await silent.clock.advance(30_000)
    await sent
    expect(ends.map((at) => at - start)).toEqual([30_000])
  })
})

describe('what an error shows', () => {
  test('[CO3] code, status, fields and the id of the request', async () => {
    const { sender, fake, clock } = setUp()
    const errors = [{ pointer: '/to/user_id', message: 'is not a user here' }]
    fake.trouble(SEND, problem(422, { code: 'unknown_recipient', request_id: 'r-7', errors }))
    expect(await failure(clock, sender.sendNotification(BOOKED))).toMatchObject({
      code: 'unknown_recipient',
      status: 422,
      fields: errors,
      requestId: 'r-7',
    })
  })

  test('[AU5] neither the secret nor a token, however it is printed', async () => {
    const { sender, fake, clock } = setUp()
    fake.trouble('/auth/token', 'no network')
    fake.trouble(SEND, 'no network', problem(403, { code: 'forbidden' }))
    const error = await failure(clock, sender.sendNotification(BOOKED))
    const gone = setUp({ retry: { maxAttempts: 1 } })
    gone.fake.trouble(SEND, 'no network')
    const noNetwork = await failure(gone.clock, gone.sender.sendNotification(BOOKED))
    const printed = [error, noNetwork, sender].map((one) =>
      inspect(one, { depth: 9, showHidden: true }),
    )
    expect(printed.join('\n')).not.toMatch(/token-1|a-secret-that/)
  })

  test.each([
    ['clientSecret', { clientSecret: undefined }],
    ['clientId', { clientId: '' }],
    ['url', { url: 'bell.example' }],
  ])('%s that is missing or none is found when the sender is made', (name, wrong) => {
    expect(() => setUp(wrong as Partial<SenderOptions>)).toThrow(
      `needs ${name === 'url' ? 'a url' : name}`,
    )
  })
})
