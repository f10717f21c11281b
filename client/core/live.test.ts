import { describe, expect, test } from 'vitest'
import { deadline } from './connection.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import {
  HOUR,
  type Ride,
  frames,
  welcome,
  closed,
  hint,
  entry,
  OPENED,
  started,
  live,
  stable,
} from '../../tests/client/ride.ts'

describe('[WS5] heartbeat', () => {
  test('pings once an interval, and a pong in time keeps it live', () => {
    const ride = live()
    for (const at of [30_000, 60_000, 90_000]) {
      ride.tick()
      expect(ride.now).toBe(at)
      expect(ride.did).toEqual(['ping'])
      ride.at(at + 200).do({ type: 'pong' })
    }
    expect(ride.name).toBe('live')
  })

  test('[WS3] the interval is the one of the welcome', () => {
    expect(live({ heartbeat_interval_s: 5 }).tick().now).toBe(5_000)
  })

  test('a pong that is missing for 10 s ends the connection', () => {
    const ride = live().tick().tick()
    expect(ride.now).toBe(40_000)
    expect(ride.did).toEqual(['close'])
    expect(ride.name).toBe('waiting')
  })

  test.each(['visible', 'online', 'offline', 'focus'] as const)(
    'after %s it pings at once and gives it 2 s',
    (name) => {
      const ride = stable().do(hint(name))
      expect(ride.did).toContain('ping')
      ride.tick()
      expect(ride.now).toBe(22_000)
      expect(ride.did).toEqual(['close'])
    },
  )

  test('a probe that is answered changes nothing', () => {
    const ride = stable().do(hint('focus')).at(20_300).do({ type: 'pong' })
    expect(ride.name).toBe('live')
    expect(deadline(ride.machine)).toBe(50_000)
  })

  test('several hints at once are one probe', () => {
    const ride = stable().do(hint('focus')).do(hint('online'))
    expect(ride.did).toEqual([])
  })

  test('a probe while an ordinary ping waits wants the pong of its own', () => {
    const ride = live().tick().at(31_000).do(hint('focus'))
    expect(ride.did).toEqual(['ping'])
    ride.do({ type: 'pong' }).tick()
    expect(ride.now).toBe(33_000)
    expect(ride.did).toEqual(['close'])
  })

  test('a timer that is much too late slept: it probes before it trusts', () => {
    const ride = live()
      .at(HOUR / 2)
      .do({ type: 'tick' })
    expect(ride.did).toEqual(['ping'])
    expect(deadline(ride.machine)).toBe(HOUR / 2 + 2_000)
  })

  test('a pong that was slept through is asked for again, once', () => {
    const ride = live()
      .tick()
      .at(HOUR / 2)
      .do({ type: 'tick' })
    expect(ride.did).toEqual(['ping'])
    ride.at(HOUR / 2 + 60_000).do({ type: 'tick' })
    expect(ride.did).toEqual(['close'])
  })
})

describe('[WS12] acknowledgement', () => {
  const acks = (ride: Ride) => ride.effects.filter(({ kind }) => kind === 'send')
  const ack = (seq: number) => ({ kind: 'send', frame: { type: 'ack', seq } })

  test('something new is acknowledged at once, and then at most once a second', () => {
    const ride = live({ seq: 3 })
      .at(100)
      .do(frames(entry(4)))
    expect(acks(ride)).toEqual([ack(4)])
    expect(acks(ride.at(200).do(frames(entry(5))))).toEqual([])
    expect(acks(ride.at(300).do(frames(entry(6))))).toEqual([])
    ride.tick()
    expect(ride.now).toBe(1_100)
    expect(acks(ride)).toEqual([ack(6)])
  })

  test('nothing new is not acknowledged', () => {
    const ride = live({ seq: 3 })
    expect(deadline(ride.machine)).toBe(30_000)
    expect(acks(ride.tick())).toEqual([])
  })

  test('a frame without a seq is nothing to acknowledge', () => {
    expect(acks(live().do(frames({ type: 'presence', data: [] })))).toEqual([])
  })

  test('what was delivered and not acknowledged before the loss is so after the resume', () => {
    const ride = live({ seq: 3 })
      .do(frames(entry(4)))
      .at(10)
      .do(frames(entry(5)))
    ride
      .do(closed(1006))
      .tick()
      .do(OPENED)
      .do(welcome({ recovered: true, seq: 5 }))
    expect(acks(ride)).toEqual([ack(5)])
  })
})

describe('[WS11] tokens', () => {
  /** A connection whose token is the only thing that is ever due. */
  const quiet = () => live({ heartbeat_interval_s: 1e6 })
  const expiring: ServerFrame = { type: 'auth_expiring', at: 'x' }

  test('60 s before its end it brings a new one, and goes on with that', () => {
    const ride = quiet().tick()
    expect(ride.now).toBe(HOUR - 60_000)
    expect(ride.effects).toEqual([{ kind: 'authorize', refresh: false }])
    ride.do({ type: 'authorized', tokenEndsAt: 2 * HOUR }).tick()
    expect(ride.now).toBe(2 * HOUR - 60_000)
  })

  test('when the hub says that it ends, the one at hand will not do', () => {
    const ride = live().do(frames(expiring))
    expect(ride.effects.at(-1)).toEqual({ kind: 'authorize', refresh: true })
    expect(ride.do(frames(expiring)).did).toEqual(['deliver'])
  })

  test('a source that fails for a moment is asked again', () => {
    const ride = live().do(frames(expiring))
    ride.do({ type: 'authorize_failed', final: false }).tick()
    expect(ride.now).toBe(10_000)
    expect(ride.did).toEqual(['authorize'])
  })

  test('a source that hangs is not asked twice, and a socket that ends meanwhile asks anew', () => {
    const ride = live().do(frames(expiring))
    expect(ride.at(20_000).do(frames(expiring)).did).toEqual(['deliver'])
    ride.do(closed(4010))
    expect(ride.effects).toMatchObject([{ kind: 'open', refresh: true }])
  })

  test('a source that fails for good is not; the socket lives until the hub ends it', () => {
    const ride = live().do(frames(expiring))
    ride.do({ type: 'authorize_failed', final: true })
    expect(deadline(ride.machine)).toBe(30_000)
    expect(ride.name).toBe('live')
  })

  test('a token that lives shorter than that is not asked for in a loop', () => {
    const ride = started().do({ type: 'opened', tokenEndsAt: 5_000 }).do(welcome())
    expect(deadline(ride.machine)).toBe(10_000)
  })

  test('no token for an opening: for good, or not now', () => {
    expect(started().do({ type: 'token_failed', final: true }).state).toEqual({
      name: 'stopped',
      reason: 'unauthorized',
      code: null,
    })
    expect(started().do({ type: 'token_failed', final: false }).name).toBe('waiting')
  })
})
