import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PresenceStatus } from '../../protocol/server-frames.ts'
import type { PresenceRow, PresenceSocket } from './presence.ts'
import {
  ANNOUNCE_EVERY_MS,
  FORGET_AFTER_MS,
  isOneEnough,
  isStale,
  LEAVE_AFTER_MS,
  stepPresence,
  SWEEP_EVERY_MS,
  welcomePresence,
} from './presence.ts'

const START = Date.parse('2026-11-23T09:00:00Z')
const HEARTBEAT_MS = 30_000

/** A location hub around the step: keeps the rows, and what everybody in the room was told. */
class Room {
  now = START
  sockets = new Map<string, PresenceSocket>()
  rows = new Map<string, PresenceRow>()
  told = new Map<string, PresenceStatus>()
  lists: { at: number; users: string[] }[] = []
  nextAt: number | null = null

  step() {
    const step = this.look()
    this.nextAt = step.nextAt
    return step
  }

  /** As a hub does where something happened to one person. */
  stepFor(userId: string) {
    if (this.nextAt === null || !isOneEnough(this.nextAt, this.now)) return this.step()
    const step = this.look(userId)
    this.nextAt = Math.min(this.nextAt, step.nextAt ?? Infinity)
    return step
  }

  private look(of?: string) {
    const mine = (one: { user_id: string }) => of === undefined || one.user_id === of
    const rows = [...this.rows.values()].filter(mine)
    const sockets = [...this.sockets.values()].filter(mine)
    const step = stepPresence(rows, sockets, this.now, {
      heartbeatMs: HEARTBEAT_MS,
      lastSentAt: this.lists.at(-1)?.at ?? null,
    })
    for (const row of step.rows) this.rows.set(row.user_id, structuredClone(row))
    for (const userId of step.removed) this.rows.delete(userId)
    for (const entry of step.announce) this.told.set(entry.user_id, entry.status)
    if (step.announce.length > 0) {
      this.lists.push({ at: this.now, users: step.announce.map((entry) => entry.user_id) })
    }
    return step
  }

  open(id: string, userId: string, visible = true) {
    this.sockets.set(id, { user_id: userId, visible, lastSeen: this.now })
    return this.stepFor(userId)
  }

  close(id: string) {
    const socket = this.sockets.get(id)
    this.sockets.delete(id)
    return socket ? this.stepFor(socket.user_id) : this.step()
  }

  show(id: string, visible: boolean) {
    const socket = this.sockets.get(id)
    if (!socket) return this.step()
    this.sockets.set(id, { ...socket, visible, lastSeen: this.now })
    return this.stepFor(socket.user_id)
  }

  /** Time passes; alarms fire when they are due, and everybody but the silent goes on pinging. */
  pass(ms: number, silent: ReadonlySet<string> = new Set()) {
    const until = this.now + ms
    while (this.nextAt !== null && this.nextAt <= until) {
      this.now = Math.max(this.now, this.nextAt)
      this.ping(silent)
      this.step()
    }
    this.now = until
    this.ping(silent)
  }

  private ping(silent: ReadonlySet<string>) {
    for (const [id, socket] of this.sockets) {
      if (!silent.has(id)) this.sockets.set(id, { ...socket, lastSeen: this.now })
    }
  }
}

describe('who is in the room', () => {
  test('[TR1] a first join is announced at once, a second device is nothing new', () => {
    const room = new Room()
    expect(room.open('phone', 'ben').announce).toEqual([
      { user_id: 'ben', status: 'online', last_seen: '2026-11-23T09:00:00.000Z' },
    ])
    room.pass(5_000)
    expect(room.open('laptop', 'ben').announce).toEqual([])
    expect(room.close('phone').announce).toEqual([])
  })

  test('[TR1] away is all of a person’s sockets not visible', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.open('laptop', 'ben')
    room.pass(2_000)
    expect(room.show('phone', false).announce).toEqual([])
    expect(room.show('laptop', false).announce).toMatchObject([{ status: 'away' }])
    room.pass(2_000)
    expect(room.show('phone', true).announce).toMatchObject([{ status: 'online' }])
  })

  test('[TR1] a leave is announced after 15 s, with when the person was last seen', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.pass(60_000)
    expect(room.close('phone')).toMatchObject({ announce: [], nextAt: room.now + LEAVE_AFTER_MS })
    room.pass(LEAVE_AFTER_MS - 1)
    expect(room.told.get('ben')).toBe('online')
    room.pass(1)
    expect(room.told.get('ben')).toBe('offline')
    expect(welcomePresence([...room.rows.values()])).toEqual([
      { user_id: 'ben', status: 'offline', last_seen: '2026-11-23T09:01:00.000Z' },
    ])
    expect(room.nextAt).toBeNull()
  })

  test('[TR1] a reconnect within 15 s is not seen by anybody', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.pass(5_000)
    room.close('phone')
    room.pass(LEAVE_AFTER_MS - 1)
    room.open('phone again', 'ben')
    room.pass(60_000)
    expect(room.lists).toHaveLength(1)
    expect(room.rows.get('ben')).toMatchObject({ status: 'online', leaving_at: null })
  })

  test('[TR1] a hundred joins in one second are two lists, not a hundred frames', () => {
    const room = new Room()
    for (let index = 0; index < 100; index += 1) {
      room.open(`s${index}`, `user-${index}`)
      room.pass(9)
    }
    room.pass(1_000)
    expect(room.lists.map((list) => list.users.length)).toEqual([1, 99])
  })

  test('[TR1] who comes and goes between two lists was never there for the others', () => {
    const room = new Room()
    room.open('a', 'ana')
    room.open('b', 'ben')
    room.close('b')
    room.pass(30_000)
    expect([...room.told.keys()]).toEqual(['ana'])
    expect([...room.rows.keys()]).toEqual(['ana'])
  })
})

describe('silent sockets', () => {
  test.each([
    [74_999, false],
    [75_000, true],
  ])('[WS6] silent for %i ms of a 30 s heartbeat counts as gone: %s', (ms, gone) => {
    expect(isStale(START, START + ms, HEARTBEAT_MS)).toBe(gone)
  })

  test('[WS6] a socket that went silent is gone at the next wake, without a further wait', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.pass(80_000, new Set(['phone']))
    expect(room.step().announce).toEqual([
      { user_id: 'ben', status: 'offline', last_seen: '2026-11-23T09:00:00.000Z' },
    ])
  })

  test('[TR1] an alarm finds it within 5 minutes while somebody else watches', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.open('other', 'cleo')
    room.pass(SWEEP_EVERY_MS + ANNOUNCE_EVERY_MS, new Set(['phone']))
    expect(room.told.get('ben')).toBe('offline')
    expect(room.told.get('cleo')).toBe('online')
  })

  test('[ST6] alone in the room there is nothing to look for', () => {
    const room = new Room()
    room.open('phone', 'ben')
    room.open('laptop', 'ben')
    expect(room.nextAt).toBeNull()
  })
})

describe('odd times', () => {
  test('[AR8] a clock that goes back delays neither a list nor a leave for long', () => {
    const room = new Room()
    room.open('a', 'ana')
    room.close('a')
    room.now -= 3_600_000
    expect(room.open('b', 'ben').announce).toMatchObject([{ user_id: 'ben' }])
    room.pass(LEAVE_AFTER_MS + ANNOUNCE_EVERY_MS)
    expect(room.told.get('ana')).toBe('offline')
  })

  test('people who have not come for a month are forgotten', () => {
    const gone: PresenceRow = {
      user_id: 'x',
      status: 'offline',
      last_seen: START,
      leaving_at: null,
    }
    const at = (now: number) =>
      stepPresence([gone], [], now, { heartbeatMs: HEARTBEAT_MS, lastSentAt: null }).removed
    expect(at(START + FORGET_AFTER_MS - 1)).toEqual([])
    expect(at(START + FORGET_AFTER_MS)).toEqual(['x'])
  })

  test('[WS3] a welcome names at most 200, those who are here first', () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({
      user_id: `u${index}`,
      status: index < 250 ? ('offline' as const) : ('away' as const),
      last_seen: START + index,
      leaving_at: null,
    }))
    const welcome = welcomePresence([
      ...rows,
      { user_id: 'me', status: 'online', last_seen: START, leaving_at: null },
    ])
    expect(welcome).toHaveLength(200)
    expect(welcome.slice(0, 2).map((entry) => entry.user_id)).toEqual(['me', 'u299'])
  })
})

describe('any sequence of events', () => {
  const user = fc.constantFrom('ana', 'ben', 'cleo', 'dario')
  const event = fc.oneof(
    fc.record({ kind: fc.constant('open' as const), user, visible: fc.boolean() }),
    fc.record({ kind: fc.constant('close' as const), nth: fc.nat(20) }),
    fc.record({ kind: fc.constant('show' as const), nth: fc.nat(20), visible: fc.boolean() }),
    fc.record({ kind: fc.constant('silence' as const), nth: fc.nat(20) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(400_000) }),
  )

  /** What the room ought to believe, from the sockets alone. */
  function truth(room: Room) {
    const people = new Map<string, PresenceStatus>()
    for (const socket of room.sockets.values()) {
      if (isStale(socket.lastSeen, room.now, HEARTBEAT_MS)) continue
      if (socket.visible) people.set(socket.user_id, 'online')
      else if (!people.has(socket.user_id)) people.set(socket.user_id, 'away')
    }
    return people
  }

  test(
    '[TR1] once time has passed everybody was told the truth, in at most one list a second',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 60 }), (events) => {
          const room = new Room()
          const silent = new Set<string>()
          let opened = 0
          const nth = (index: number) => [...room.sockets.keys()][index % (room.sockets.size || 1)]
          for (const one of events) {
            if (one.kind === 'open') room.open(`s${(opened += 1)}`, one.user, one.visible)
            else if (one.kind === 'pass') room.pass(one.ms, silent)
            else {
              const id = nth(one.nth)
              if (id === undefined) continue
              if (one.kind === 'close') room.close(id)
              else if (one.kind === 'show') room.show(id, one.visible)
              else silent.add(id)
            }
            expect(room.nextAt ?? Infinity).toBeGreaterThan(room.now)
          }
          room.pass(SWEEP_EVERY_MS * 2, silent)
          // The next wake of a hub that nobody watched: what a joining person would cause.
          room.step()
          room.pass(LEAVE_AFTER_MS + 2 * ANNOUNCE_EVERY_MS, silent)

          const here = [...room.told].filter(([, status]) => status !== 'offline')
          expect(new Map(here)).toEqual(truth(room))
          for (const [userId, status] of room.told) {
            expect(room.rows.get(userId)).toMatchObject({ status, leaving_at: null })
          }
          const gaps = room.lists
            .slice(1)
            .map((list, index) => list.at - (room.lists[index]?.at ?? 0))
          expect(gaps.filter((gap) => gap < ANNOUNCE_EVERY_MS)).toEqual([])
        }),
        { numRuns: 300 },
      )
    },
  )
})
