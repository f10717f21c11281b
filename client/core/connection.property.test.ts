// What holds of the machine whatever comes, in whatever order, and however late: also what no shell would send.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bye, frames, Ride, welcome } from '../../tests/client/ride.ts'
import { CLOSE_CODES } from '../../protocol/errors.ts'
import { deadline } from './connection.ts'
import { MAX_OPENINGS, OPENINGS_WINDOW_MS } from './loss.ts'
import type { ConnectionEvent } from './machine.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const CODES = [1000, 1006, 1011, 4321, 4777, ...Object.keys(CLOSE_CODES).map(Number)]

const at = (ms: number): ConnectionEvent => ({ type: 'opened', tokenEndsAt: ms })
const ranges = fc.record({
  min_ms: fc.integer({ min: 0, max: 2_000 }),
  max_ms: fc.integer({ min: 0, max: 60_000 }),
  max_attempts: fc.integer({ min: 0, max: 20 }),
})

const events: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constantFrom<ConnectionEvent>(
    { type: 'tick' },
    { type: 'pong' },
    { type: 'stop' },
    { type: 'restart' },
    { type: 'start', visible: true, online: true },
    { type: 'start', visible: false, online: false },
    { type: 'token_failed', final: true },
    { type: 'token_failed', final: false },
    { type: 'authorize_failed', final: false },
    { type: 'http', outcome: 'refused' },
  ),
  { weight: 3, arbitrary: fc.integer({ min: -HOUR, max: HOUR }).map(at) },
  {
    weight: 3,
    arbitrary: fc
      .record({ reconnect: ranges, recovered: fc.boolean(), seq: fc.nat(9) })
      .map((more) => welcome(more)),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...CODES).map((code): ConnectionEvent => ({ type: 'closed', code })),
  },
  fc
    .tuple(fc.constantFrom(...CODES), fc.option(fc.integer({ min: -1, max: 2 * HOUR })))
    .map(([code, ms]) => frames(bye(code, ms === null ? {} : { retry_after_ms: ms }))),
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('online', 'offline', 'visible', 'hidden', 'focus')
      .map((hint): ConnectionEvent => ({ type: 'hint', hint }) as ConnectionEvent),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('answered', 'unreachable')
      .map((outcome): ConnectionEvent => ({ type: 'http', outcome }) as ConnectionEvent),
  },
)

interface Moment {
  event: ConnectionEvent | null
  afterMs: number
  roll: number
}

/** Time passes, or leaps over a sleep; then something happens, or what is due does: in time, or late. */
const moments: fc.Arbitrary<Moment> = fc.record({
  event: fc.option(events),
  afterMs: fc.oneof(
    { weight: 3, arbitrary: fc.nat(200) },
    { weight: 2, arbitrary: fc.nat(20_000) },
    { weight: 1, arbitrary: fc.nat(2 * HOUR) },
  ),
  roll: fc.double({ min: 0, max: 0.999, noNaN: true }),
})
const schedules = fc.array(moments, { minLength: 1, maxLength: 120, size: 'max' })

const BY_A_PERSON = new Set(['restart', 'start'])

/** Plays it; `look` sees the ride after each moment, and what made it move. */
function play(
  schedule: readonly Moment[],
  look: (ride: Ride, event: ConnectionEvent, before: Ride) => void,
) {
  const ride = new Ride().do({ type: 'start', visible: true, online: true })
  for (const { event, afterMs, roll } of schedule) {
    const before = Object.assign(new Ride(), ride)
    const due = deadline(ride.machine)
    // Without an event time goes to what is due, and a little beyond; timers may be late.
    ride.at(event || due === null ? ride.now + afterMs : Math.max(ride.now, due) + afterMs)
    const made: ConnectionEvent = event ?? { type: 'tick' }
    look(ride.do(made, roll), made, before)
  }
}

const opened = (ride: Ride) => ride.did.filter((kind) => kind === 'open').length

test(`whatever comes, no more than ${MAX_OPENINGS} sockets are opened in a minute, but for those a person wants`, () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const openings: number[] = []
      play(schedule, (ride, event) => {
        if (opened(ride) > 0 && !BY_A_PERSON.has(event.type)) openings.push(ride.now)
      })
      for (const begin of openings) {
        const inMinute = openings.filter((one) => one >= begin && one < begin + OPENINGS_WINDOW_MS)
        expect(inMinute.length).toBeLessThanOrEqual(MAX_OPENINGS)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('whoever flaps: a network that comes and goes all the time', () => {
  const ride = new Ride().do({ type: 'start', visible: true, online: true })
  let openings = 1
  for (let i = 0; i < 599; i++) {
    ride.at(ride.now + 100)
    for (const hint of ['offline', 'online', 'visible'] as const) {
      ride.do({ type: 'hint', hint })
      openings += opened(ride)
      ride.do({ type: 'closed', code: 1006 })
      openings += opened(ride)
    }
  }
  expect(openings).toBe(MAX_OPENINGS)
  expect(ride.tick().did).toEqual(['open'])
  expect(ride.do({ type: 'opened', tokenEndsAt: HOUR }).do(welcome()).name).toBe('live')
})

test('what is not stopped goes on by itself, or waits for a window to be looked at', () => {
  const sure = new Set(['idle', 'paused', 'stopped'])
  fc.assert(
    fc.property(schedules, (schedule) => {
      play(schedule, (ride) => {
        const { phase, visible } = ride.machine
        const due = deadline(ride.machine)
        expect(due === null, `nothing is due in ${phase.name}`).toBe(sure.has(phase.name))
        if (phase.name === 'paused') expect(visible).toBe(false)
        // An hour is the longest that a hub may ask for.
        if (due !== null) expect(due - ride.now).toBeLessThanOrEqual(HOUR)
      })
    }),
    { numRuns: 1_000 },
  )
})

test('while nobody looks nothing is opened that nobody asked for, and an open socket is kept', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      play(schedule, (ride, event, before) => {
        if (!ride.machine.visible && !BY_A_PERSON.has(event.type)) expect(opened(ride)).toBe(0)
        if (!ride.machine.visible) expect(ride.state.name).not.toBe('degraded')
        if (event.type === 'hint' && before.name === 'live') expect(ride.name).toBe('live')
      })
    }),
    { numRuns: 1_000 },
  )
})

test('who looks is connected at once, unless the hub asked for patience or too many were opened', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      play(schedule, (ride, event, before) => {
        const { phase } = before.machine
        if (event.type !== 'hint' || event.hint !== 'visible') return
        if (phase.name === 'live')
          expect(ride.machine.phase).toMatchObject({ pong: { probe: true } })
        if (phase.name !== 'paused' && phase.name !== 'waiting' && phase.name !== 'offline') return
        const isAsked = 'notBefore' in phase && ride.now < phase.notBefore
        const recent = before.machine.openings.filter((one) => ride.now - one < OPENINGS_WINDOW_MS)
        const isTooMany = recent.length >= MAX_OPENINGS
        expect(opened(ride)).toBe(isAsked || isTooMany ? 0 : 1)
      })
    }),
    { numRuns: 1_000 },
  )
})

test('one thing at a time: a socket is opened only when the last one is done with', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      let mayBeOpen = true
      play(schedule, (ride, event) => {
        if (event.type === 'closed') mayBeOpen = false
        for (const kind of ride.did) {
          if (kind === 'close') mayBeOpen = false
          if (kind === 'open') {
            expect(['connecting', 'waiting', 'paused', 'offline']).toContain(ride.name)
            mayBeOpen = true
          }
        }
        const has = ride.name === 'connecting' || ride.name === 'resuming' || ride.name === 'live'
        if (has) expect(mayBeOpen).toBe(true)
      })
    }),
    { numRuns: 500 },
  )
})
