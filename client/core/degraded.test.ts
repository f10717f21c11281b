// [WS14] Sockets do not get through while HTTP does.
import { describe, expect, test } from 'vitest'
import { bye, closed, frames, hint, OPENED, Ride, START, welcome } from '../../tests/client/ride.ts'
import type { HttpOutcome } from '../types.ts'
import { deadline } from './connection.ts'

const http = (outcome: HttpOutcome) => ({ type: 'http', outcome }) as const

/** Three ways in which somebody in between spoils an opening. */
const SPOILED: [string, (ride: Ride) => Ride][] = [
  ['the upgrade is refused', (ride) => ride.do(closed(1006))],
  ['it is ended after the 101', (ride) => ride.do(OPENED).do(closed(1006))],
  ['no frame comes through', (ride) => ride.do(OPENED).tick()],
  ['no answer comes', (ride) => ride.tick()],
]

const refuse = (ride: Ride) => ride.do(closed(1006))

/** After as many openings in a row, the last one just lost. */
function lostInARow(count: number, spoil = refuse) {
  const ride = spoil(new Ride().do(START))
  for (let i = 1; i < count; i++) spoil(ride.tick())
  return ride
}

const degraded = () => lostInARow(3).do(http('answered'))

describe('[WS14] becoming degraded', () => {
  test.each(SPOILED)('%s three times in a row: asks whether HTTP works', (_title, spoil) => {
    expect(lostInARow(2, spoil).did).not.toContain('ask_http')
    const ride = lostInARow(3, spoil)
    expect(ride.did).toContain('ask_http')
    expect(ride.name).toBe('waiting')
    expect(ride.state.name).toBe('waiting')
    expect(ride.do(http('answered')).state.name).toBe('degraded')
  })

  test('HTTP that does not work either is an outage: the ladder, and giving up, hold', () => {
    const ride = lostInARow(3)
    while (ride.name !== 'stopped') {
      expect(ride.state.name).toBe('waiting')
      ride.do(http('unreachable')).tick().do(closed(1006))
    }
    expect(ride.state).toEqual({ name: 'stopped', reason: 'gave_up', code: null })
    expect(ride.machine.attempt).toBe(10)
  })

  test('what answered before the last opening says nothing of now', () => {
    const ride = lostInARow(2).do(http('answered'))
    expect(ride.state.name).toBe('waiting')
    ride.tick().do(closed(1006))
    expect(ride.state.name).toBe('waiting')
    expect(ride.did).toContain('ask_http')
  })

  test('what answers while the third is on its way is enough', () => {
    const ride = lostInARow(2).tick().do(http('answered')).do(closed(1006))
    expect(ride.state.name).toBe('degraded')
    expect(ride.did).not.toContain('ask_http')
  })

  test('a hub that speaks is not somebody in between', () => {
    const ride = lostInARow(2).tick().do(OPENED)
    ride.do(frames(bye(4001)))
    expect(ride.did).not.toContain('ask_http')
    expect(ride.do(http('answered')).state.name).toBe('waiting')
    const other = lostInARow(2).tick().do(OPENED).do(closed(4001)).do(http('answered'))
    expect(other.state.name).toBe('waiting')
  })

  test('without network it is offline, and while nobody looks a pause', () => {
    expect(lostInARow(2).do(hint('offline')).tick().do(closed(1006)).state.name).toBe('offline')
    expect(lostInARow(2).tick().do(hint('hidden')).do(closed(1006)).state.name).toBe('paused')
  })

  test.each([0, 1, 2])('where it would give up after %i tries, it degrades instead', (max) => {
    const reconnect = { min_ms: 1, max_ms: 2, max_attempts: max }
    const ride = new Ride().do(START).do(OPENED).do(welcome({ reconnect })).at(20_000)
    ride.do(closed(1006))
    while (ride.name === 'waiting') ride.tick().do(closed(1006))
    expect(ride.state).toMatchObject({ name: 'stopped', reason: 'gave_up' })
    if (max > 0) expect(ride.did).toContain('ask_http')
    expect(ride.do(http('answered')).state.name).toBe('degraded')
  })

  test.each<HttpOutcome>(['answered', 'refused', 'unreachable'])(
    '%s changes nothing for a connection that is well, or on its way',
    (outcome) => {
      const live = new Ride().do(START).do(OPENED).do(welcome())
      expect(live.do(http(outcome)).state.name).toBe('live')
      expect(new Ride().do(START).do(http(outcome)).state.name).toBe('connecting')
      expect(lostInARow(1).do(http(outcome)).state.name).toBe('waiting')
      expect(new Ride().do(http(outcome)).state.name).toBe('idle')
    },
  )
})

describe('[WS14] while degraded', () => {
  test('the socket is tried again by itself, with jitter between 30 s and 2 min', () => {
    const waits = [0, 0.5, 0.999].map((roll) => {
      const ride = lostInARow(3).do(http('answered'), roll)
      return (deadline(ride.machine) ?? 0) - ride.now
    })
    expect(waits).toEqual([30_000, 75_000, 119_910])
  })

  test('for as long as it takes; whoever looks sees one state', () => {
    const ride = degraded()
    for (let i = 0; i < 50; i++) {
      expect(ride.tick().did).toEqual(['open'])
      expect(ride.state).toEqual({ name: 'degraded', retryAt: null })
      expect(ride.do(OPENED).state).toEqual({ name: 'degraded', retryAt: null })
      ride.tick()
      expect(ride.state).toEqual({ name: 'degraded', retryAt: ride.now + 30_000 })
      expect(ride.did).toEqual(['close'])
    }
  })

  test('a welcome ends it', () => {
    const ride = degraded().tick().do(OPENED).do(welcome())
    expect(ride.state.name).toBe('live')
    expect(ride.at(ride.now + 20_000).do(closed(1006)).state.name).toBe('waiting')
  })

  test.each([hint('visible'), hint('online'), hint('focus'), { type: 'restart' }] as const)(
    'a hint and a person try at once, and it stays what it is: %o',
    (event) => {
      const ride = degraded().do(event)
      expect(ride.did).toEqual(['open'])
      expect(ride.state).toEqual({ name: 'degraded', retryAt: null })
      expect(ride.do(closed(1006)).state.name).toBe('degraded')
    },
  )

  test('HTTP that fails too is an outage with all its tries; when it answers, degraded again', () => {
    const ride = degraded().do(http('unreachable'))
    expect(ride.state).toMatchObject({ name: 'waiting', attempt: 1, retryAt: ride.now + 5_000 })
    expect(ride.do(http('answered')).state.name).toBe('degraded')
    ride.do(http('unreachable'))
    let openings = 0
    for (; ride.name !== 'stopped'; openings++) ride.tick().do(closed(1006), 0.5)
    expect(openings).toBe(10)
  })

  test('HTTP that fails while a try is on its way: an outage when that fails', () => {
    const ride = degraded().tick().do(http('unreachable'))
    expect(ride.state.name).toBe('connecting')
    expect(ride.do(closed(1006)).state.name).toBe('waiting')
    expect(ride.did).toContain('ask_http')
  })

  test('a fresh token that REST refuses ends it, as a hub would', () => {
    const stopped = { name: 'stopped', reason: 'unauthorized', code: null }
    expect(lostInARow(3).do(http('refused')).state).toEqual(stopped)
    expect(degraded().do(http('refused')).state).toEqual(stopped)
    expect(degraded().tick().do(http('refused')).do(closed(1006)).state).toEqual(stopped)
    expect(lostInARow(2).tick().do(http('refused')).do(closed(1006)).state).toEqual(stopped)
  })

  test('nobody looks: a pause at once, and degraded again as soon as somebody does', () => {
    const ride = degraded().do(hint('hidden'))
    expect(ride.state).toEqual({ name: 'paused' })
    expect(deadline(ride.machine)).toBeNull()
    expect(ride.do(hint('visible')).did).toEqual(['open'])
    expect(ride.state.name).toBe('degraded')
    ride.do(hint('hidden'))
    expect(ride.state.name).toBe('connecting')
    expect(ride.do(closed(1006)).state).toEqual({ name: 'paused' })
  })

  test('no network: offline, and what comes after that begins anew', () => {
    const ride = degraded().do(hint('offline')).do(http('unreachable'))
    expect(ride.state).toEqual({ name: 'offline' })
    expect(ride.tick().state.name).toBe('connecting')
    expect(ride.do(hint('online')).do(closed(1006)).state.name).toBe('waiting')
  })

  test('stopped and started it begins anew', () => {
    const ride = degraded().do({ type: 'stop' })
    expect(ride.state).toEqual({ name: 'idle' })
    expect(ride.do(START).state).toEqual({ name: 'connecting', attempt: 0 })
  })
})

describe('a server that is there again', () => {
  const givenUp = () => {
    const ride = lostInARow(3)
    while (ride.name !== 'stopped') ride.tick().do(closed(1006))
    return ride
  }

  test('an answer over HTTP is a reason to try again', () => {
    const ride = givenUp().do(http('answered'))
    expect(ride.did).toEqual(['open'])
    expect(ride.do(OPENED).do(welcome()).state.name).toBe('live')
  })

  test('unless nobody looks, or no answer came, or it was told to stay away', () => {
    expect(givenUp().do(hint('hidden')).do(http('answered')).did).toEqual([])
    expect(givenUp().do(http('unreachable')).did).toEqual([])
    const replaced = new Ride().do(START).do(OPENED).do(closed(4509))
    expect(replaced.do(http('answered')).state.name).toBe('stopped')
  })
})
