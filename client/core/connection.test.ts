import { describe, expect, test } from 'vitest'
import { deadline } from './connection.ts'
import { WELCOME } from '../../tests/fakes/fake-socket.ts'
import {
  frames,
  welcome,
  closed,
  hint,
  bye,
  entry,
  START,
  OPENED,
  started,
  live,
  stable,
} from '../../tests/client/ride.ts'

describe('opening', () => {
  test('goes from idle over connecting and resuming to live', () => {
    const ride = started()
    expect(ride.state).toEqual({ name: 'connecting', attempt: 0 })
    expect(ride.effects).toEqual([{ kind: 'open', refresh: false, cursor: null }])
    expect(ride.do(OPENED).state).toEqual({ name: 'resuming', attempt: 0 })
    ride.at(40).do(welcome())
    expect(ride.state).toEqual({
      name: 'live',
      connectionId: 'c1',
      stream: 'user:ben',
      since: 40,
    })
    expect(ride.did).toEqual(['deliver'])
  })

  test('starting twice opens once', () => {
    expect(started().do(START).effects).toEqual([])
    expect(live().do(START).effects).toEqual([])
  })

  test('stopping closes, and nothing comes back by itself', () => {
    const ride = live().do({ type: 'stop' })
    expect(ride.did).toEqual(['close'])
    expect(ride.state).toEqual({ name: 'idle' })
    expect(deadline(ride.machine)).toBeNull()
    expect(ride.do({ type: 'stop' }).effects).toEqual([])
  })

  test('after a stop it starts again where it was', () => {
    const ride = live({ seq: 7 }).do({ type: 'stop' }).do(START)
    expect(ride.effects).toEqual([
      { kind: 'open', refresh: false, cursor: { epoch: WELCOME.epoch, seq: 7, acked: 7 } },
    ])
  })

  test('an opening that takes too long is given up and tried again', () => {
    const ride = started().tick()
    expect(ride.now).toBe(10_000)
    expect(ride.did).toEqual(['close'])
    expect(ride.name).toBe('waiting')
  })

  test('a hub that never says welcome is given up and tried again', () => {
    const ride = started().do(OPENED).tick()
    expect(ride.did).toEqual(['close'])
    expect(ride.name).toBe('waiting')
  })

  test('[WS3] what comes before the welcome does not count', () => {
    const ride = started()
      .do(OPENED)
      .do(frames(entry(1)))
    expect(ride.effects).toEqual([])
    expect(ride.name).toBe('resuming')
  })

  test('[WS8] a hub may say goodbye instead of welcome', () => {
    const ride = started()
      .do(OPENED)
      .do(frames(bye(4503)))
    expect(ride.did).toEqual(['close'])
    expect(ride.state).toEqual({ name: 'stopped', reason: 'forbidden', code: 4503 })
  })

  test('an event of a socket that is gone changes nothing', () => {
    const ride = started().do(closed(1006))
    for (const event of [OPENED, welcome(), { type: 'pong' }, closed(4509)] as const) {
      expect(ride.do(event).effects).toEqual([])
      expect(ride.name).toBe('waiting')
    }
  })
})

describe('[WS4] resume', () => {
  test('the stream goes on at the newest seq that was delivered', () => {
    const ride = live({ seq: 3 }).do(frames(entry(4), entry(5)))
    ride.do(closed(1006)).tick()
    expect(ride.effects).toEqual([
      { kind: 'open', refresh: false, cursor: { epoch: WELCOME.epoch, seq: 5, acked: 5 } },
    ])
  })

  test('recovered: the cursor stays, and what is replayed in the same text counts', () => {
    const ride = live({ seq: 3 }).do(closed(1006)).tick().do(OPENED)
    ride.do(frames({ ...WELCOME, recovered: true, seq: 9 }, entry(5), entry(9)))
    expect(ride.machine.cursor).toMatchObject({ seq: 9 })
    expect(ride.effects[0]).toMatchObject({ kind: 'deliver', frames: [{}, { seq: 5 }, { seq: 9 }] })
  })

  test('recovered, nothing there yet: the cursor does not jump over what it has not seen', () => {
    const ride = live({ seq: 3 }).do(closed(1006)).tick().do(OPENED)
    ride.do(welcome({ recovered: true, seq: 9 }))
    expect(ride.machine.cursor).toMatchObject({ seq: 3 })
  })

  const NEWER = '01935b00-0000-7000-8000-000000000001'
  test.each([
    ['not recovered', { recovered: false, seq: 9 }],
    ['[ST1] another epoch', { recovered: true, seq: 9, epoch: NEWER }],
  ])('%s: the cursor jumps to the head', (_title, more) => {
    const ride = live({ seq: 3 }).do(closed(1006)).tick().do(OPENED).do(welcome(more))
    expect(ride.machine.cursor).toMatchObject({ seq: 9, acked: 9 })
  })

  test('[ST3] a seq that was delivered is not delivered again', () => {
    const ride = live({ seq: 3 }).do(frames(entry(4)))
    ride.do(frames(entry(4), entry(3), entry(5)))
    expect(ride.effects[0]).toMatchObject({ kind: 'deliver', frames: [{ seq: 5 }] })
    expect(ride.do(frames(entry(5))).did).toEqual([])
  })
})

describe('a person restarts', () => {
  const givenUp = () => {
    const ride = live({ reconnect: { min_ms: 1, max_ms: 2, max_attempts: 1 } })
    return ride.do(closed(1006)).tick().do(closed(1006))
  }

  test('after it gave up', () => {
    const ride = givenUp().do({ type: 'restart' })
    expect(ride.effects).toMatchObject([{ kind: 'open', refresh: false }])
    expect(ride.machine.attempt).toBe(0)
  })

  test('who looks again, or has network again, restarts it as well', () => {
    expect(givenUp().do(hint('visible')).did).toEqual(['open'])
    expect(givenUp().do(hint('online')).did).toEqual(['open'])
    expect(givenUp().do(hint('focus')).did).toEqual([])
  })

  test('after a refusal, with a new token', () => {
    const ride = stable().do(closed(4501)).do({ type: 'restart' })
    expect(ride.effects).toMatchObject([{ kind: 'open', refresh: true }])
  })

  test('while it waits: at once, whatever the hub asked for', () => {
    expect(stable().do(closed(4029)).do({ type: 'restart' }).did).toEqual(['open'])
  })

  test('while it is on its way: nothing', () => {
    expect(started().do({ type: 'restart' }).effects).toEqual([])
    expect(started().do(OPENED).do({ type: 'restart' }).effects).toEqual([])
  })

  test('while it is live: looks whether that is true', () => {
    expect(stable().do({ type: 'restart' }).did).toEqual(['ping'])
  })
})
