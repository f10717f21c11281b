import { describe, expect, test } from 'vitest'
import { deadline } from './connection.ts'
import {
  Ride,
  frames,
  welcome,
  closed,
  hint,
  bye,
  entry,
  OPENED,
  started,
  live,
  stable,
} from '../../tests/client/ride.ts'

describe('coming back', () => {
  test('an unexpected loss waits on the ladder, the first time too', () => {
    const ride = stable().do(closed(1006), 0.5)
    expect(ride.state).toEqual({ name: 'waiting', attempt: 1, retryAt: 20_000 + 1_250 })
  })

  test('[WS3] the ladder is the one of the welcome', () => {
    const reconnect = { min_ms: 2_000, max_ms: 4_000, max_attempts: 3 }
    const ride = live({ reconnect }).at(20_000).do(closed(1006), 0.999)
    expect(ride.state).toEqual({ name: 'waiting', attempt: 1, retryAt: 20_000 + 3_998 })
  })

  test('each failure goes one up, and the hub that is never there is given up', () => {
    const ride = started().do(closed(1006))
    const attempts = [ride.machine.attempt]
    for (let i = 0; ride.name === 'waiting' && i < 50; i++) {
      ride.tick().do(closed(1006))
      attempts.push(ride.machine.attempt)
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10])
    expect(ride.state).toEqual({ name: 'stopped', reason: 'gave_up', code: null })
  })

  test('[WS3] gives up after as many attempts as the welcome says', () => {
    const ride = live({ reconnect: { min_ms: 1, max_ms: 2, max_attempts: 2 } })
    ride.do(closed(1006)).tick().do(closed(1006)).tick().do(closed(1006))
    expect(ride.state).toMatchObject({ name: 'stopped', reason: 'gave_up' })
  })

  test('only a connection that held for a while starts the ladder anew', () => {
    const ride = live().at(9_999).do(closed(1006)).tick().do(OPENED).do(welcome())
    expect(ride.at(ride.now + 9_999).do(closed(1006)).machine.attempt).toBe(2)
    ride.tick().do(OPENED).do(welcome())
    expect(ride.at(ride.now + 10_000).do(closed(1006)).machine.attempt).toBe(1)
  })

  test('[WS2] openings that are refused again and again move to the slow ladder', () => {
    const ride = started()
    const waits: number[] = []
    for (let i = 0; i < 5; i++) {
      ride.do(closed(1006), 0.999)
      waits.push((deadline(ride.machine) ?? 0) - ride.now)
      ride.tick()
    }
    expect(waits.map((ms) => Math.ceil(ms / 1_000))).toEqual([2, 4, 20, 40, 80])
  })

  test('[WS2] a row of refusals may be the token: one new one is fetched, not one each time', () => {
    const ride = started()
    const refreshed: boolean[] = []
    for (let i = 0; i < 5; i++) {
      const [effect] = ride.do(closed(1006)).tick().effects
      refreshed.push(effect?.kind === 'open' && effect.refresh)
    }
    expect(refreshed).toEqual([false, true, false, false, false])
  })

  test('an open socket, however short, ends the row of refusals', () => {
    const ride = started().do(closed(1006)).tick().do(closed(1006)).tick().do(OPENED).do(welcome())
    expect(ride.machine.unwelcomed).toBe(0)
  })
})

describe('[WS8] what the hub says at the end', () => {
  test('4509: another window of this device took over; only a person brings it back', () => {
    const ride = stable().do(closed(4509))
    expect(ride.state).toEqual({ name: 'stopped', reason: 'replaced', code: 4509 })
    for (const name of ['online', 'visible', 'focus'] as const) {
      expect(ride.do(hint(name)).did).toEqual([])
    }
    expect(ride.do({ type: 'restart' }).did).toEqual(['open'])
  })

  test('4010: a new token first, and then at once', () => {
    const ride = stable().do(closed(4010))
    expect(ride.effects).toMatchObject([{ kind: 'open', refresh: true }])
  })

  test('4010 for a fresh token too: not at once again', () => {
    const ride = stable().do(closed(4010)).do(OPENED).do(welcome()).do(closed(4010))
    expect(ride.name).toBe('waiting')
    expect(ride.tick().effects).toMatchObject([{ kind: 'open', refresh: true }])
  })

  test('4010 while nobody looks waits for somebody, and refreshes then', () => {
    const ride = stable().do(hint('hidden')).do(closed(4010))
    expect(ride.state).toEqual({ name: 'paused' })
    expect(ride.do(hint('visible')).effects).toMatchObject([{ kind: 'open', refresh: true }])
  })

  test('4029: the slow ladder, and no hint shortens it', () => {
    const ride = stable().do(closed(4029))
    expect(ride.state).toEqual({ name: 'waiting', attempt: 1, retryAt: 25_000 })
    expect(ride.do(hint('focus')).did).toEqual([])
    expect(ride.do(hint('online')).did).toEqual([])
    expect(ride.tick().did).toEqual(['open'])
  })

  test('a bye is acted on before the close, and the close is not waited for', () => {
    const ride = stable().do(frames(bye(4001)))
    expect(ride.did).toEqual(['deliver', 'close'])
    expect(ride.name).toBe('waiting')
  })

  test('what came before the bye in the same text is delivered, what came after is not', () => {
    const ride = stable().do(frames(entry(1), bye(4001), entry(2)))
    expect(ride.effects[0]).toMatchObject({ frames: [{ seq: 1 }, { type: 'bye' }] })
    expect(ride.machine.cursor).toMatchObject({ seq: 1 })
  })

  test('the time that a bye names overrides the ladder', () => {
    const ride = stable().do(frames(bye(4001, { retry_after_ms: 90_000 })), 0.9)
    expect(ride.state).toEqual({ name: 'waiting', attempt: 1, retryAt: 110_000 })
    expect(ride.do(hint('focus')).name).toBe('waiting')
  })
})

describe('nobody looks, or there is no network', () => {
  const tellsVisible = (visible: boolean) => ({ kind: 'send', frame: { type: 'state', visible } })

  test('an open socket stays open while hidden, and says so', () => {
    const ride = stable().do(hint('hidden'))
    expect(ride.effects).toEqual([tellsVisible(false)])
    expect(ride.name).toBe('live')
    expect(ride.do(hint('visible')).effects[0]).toEqual(tellsVisible(true))
  })

  test('a socket that opens while hidden says so: it counts as visible else', () => {
    const ride = new Ride().do({ type: 'start', visible: false, online: true }).do(OPENED)
    expect(ride.do(welcome()).effects[0]).toEqual(tellsVisible(false))
  })

  test('lost while hidden, it pauses, and comes back at once when somebody looks', () => {
    const ride = stable().do(hint('hidden')).do(closed(1006))
    expect(ride.state).toEqual({ name: 'paused' })
    expect(deadline(ride.machine)).toBeNull()
    expect(ride.do(hint('online')).did).toEqual([])
    expect(ride.do(hint('visible')).did).toEqual(['open'])
  })

  test('hidden while it waits: the try that is due is left out', () => {
    const ride = stable().do(closed(1006)).do(hint('hidden')).tick()
    expect(ride.state).toEqual({ name: 'paused' })
    expect(ride.effects).toEqual([])
  })

  test('the patience that a hub asked for is kept in a pause too', () => {
    const ride = stable().do(hint('hidden')).do(closed(4029)).do(hint('visible'))
    expect(ride.state).toMatchObject({ name: 'waiting', retryAt: 25_000 })
  })

  test('lost and offline: it waits for the network, and does not count', () => {
    const ride = stable().do(hint('offline')).tick()
    expect(ride.state).toEqual({ name: 'offline' })
    expect(ride.machine.attempt).toBe(0)
    expect(ride.do(hint('online')).did).toEqual(['open'])
  })

  test('a browser may be wrong about being offline: it is tried now and then all the same', () => {
    const ride = stable().do(hint('offline')).tick()
    for (let i = 0; i < 50; i++) {
      expect(ride.tick().did).toEqual(['open'])
      expect(ride.do(closed(1006)).state).toEqual({ name: 'offline' })
    }
  })

  test.each(['visible', 'online', 'focus'] as const)('%s ends the waiting', (name) => {
    expect(stable().do(closed(1006)).do(hint(name)).did).toEqual(['open'])
  })

  test('a network that comes back starts the ladder anew, a look does not', () => {
    const tired = () => started().do(closed(1006)).tick().do(closed(1006))
    expect(tired().do(hint('online')).machine.attempt).toBe(0)
    expect(tired().do(hint('focus')).machine.attempt).toBe(2)
  })

  test('a window that gets the focus is looked at, whether it was said or not', () => {
    const ride = stable().do(hint('hidden')).do(closed(1006)).do(hint('focus'))
    expect(ride.did).toEqual(['open'])
    expect(stable().do(hint('hidden')).do(hint('focus')).effects[0]).toEqual(tellsVisible(true))
  })

  test.each(['offline', 'gave_up'])('%s while nobody looks: network alone opens nothing', (how) => {
    const ride = stable().do(hint('offline')).tick()
    if (how === 'gave_up') {
      ride.do(hint('online'))
      for (ride.do(closed(1006)); ride.name !== 'stopped'; ride.do(closed(1006))) ride.tick()
    }
    ride.do(hint('hidden'))
    expect(ride.do(hint('online')).did).toEqual([])
    expect(ride.do(hint('visible')).did).toEqual(['open'])
  })

  test('what was said is not said again', () => {
    expect(stable().do(hint('visible')).did).toEqual(['ping'])
    expect(stable().do(hint('hidden')).do(hint('hidden')).did).toEqual([])
  })

  test('hints change nothing before the start', () => {
    expect(new Ride().do(hint('online')).state).toEqual({ name: 'idle' })
  })
})
