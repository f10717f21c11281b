import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { HubReport } from '../../db/hub-stats.ts'
import { fakeSql } from '../../tests/fakes/sql.ts'
import { openMeta } from '../store/meta.ts'
import type { Conn } from './sockets.ts'
import { Stats, type Tally } from './stats.ts'

const START = 1_000_000
const INTERVAL_MS = 60_000

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A hub reduced to what counts: sockets that may carry a tally, and a D1 that takes reports. */
function world() {
  const sql = fakeSql()
  const clock = { now: START }
  const log = { last: 0, archived: 0, parked: 0 }
  const conns: Conn[] = []
  const written: HubReport[] = []
  const d1 = { down: false, hold: null as Promise<void> | null }
  const meta = openMeta(sql)
  const wake = () =>
    new Stats({
      hub: () => 'user:ana',
      sockets: {
        open: () => conns.filter((conn) => conn.ws.readyState === 1),
        of: (ws) => conns.find((conn) => conn.ws === ws) ?? null,
        update: (conn, change) => void (conn.about = { ...conn.about, ...change }),
      },
      meta,
      waitingAfter: (seq) => ({
        count: Math.max(0, log.last - seq),
        oldestAt: log.last > seq ? START : null,
      }),
      archived: () => log.archived,
      parked: () => log.parked,
      lastSeq: () => log.last,
      settled: async () => {},
      write: async (report) => {
        await d1.hold
        if (d1.down) throw new Error('D1 is down')
        written.push(report)
      },
      onLanded: () => {},
      intervalMs: INTERVAL_MS,
      now: () => clock.now,
    })
  const open = () => {
    const about: Partial<Conn['about']> & { tally?: Tally } = { connected: clock.now }
    const conn = { ws: { readyState: 1 }, about } as unknown as Conn
    conns.push(conn)
    return conn
  }
  const close = (stats: Stats, conn: Conn) => {
    Object.assign(conn.ws, { readyState: 3 })
    stats.ended(conn.ws)
  }
  const batch = async (stats: Stats, upTo = log.last, fails = false) => {
    let sent: HubReport | null = null
    await stats
      .with(upTo, async (report) => {
        sent = report
        if (fails) throw new Error('D1 is down')
      })
      .catch(() => {})
    return sent as HubReport | null
  }
  return { clock, log, conns, written, d1, meta, wake, open, close, batch }
}

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))

describe('[OP1] with a batch', () => {
  test('what was counted goes once, and again after an interval', async () => {
    const { wake, open, batch, clock } = world()
    const stats = wake()
    open()
    stats.count('sent', 3)
    expect(await batch(stats)).toMatchObject({ sockets: 1, counts: { sent: 3, received: 0 } })
    stats.count('sent', 2)
    clock.now += INTERVAL_MS - 1
    expect(await batch(stats)).toBeNull()
    clock.now += 1
    expect(await batch(stats)).toMatchObject({
      since: START,
      at: START + INTERVAL_MS,
      counts: { sent: 2 },
    })
  })

  test('a hub with nothing to tell tells nothing', async () => {
    const { wake, batch } = world()
    expect(await batch(wake())).toBeNull()
  })

  test('what a failed batch held goes with a later one', async () => {
    const { wake, open, batch } = world()
    const stats = wake()
    open()
    stats.count('errors')
    expect(await batch(stats, 0, true)).not.toBeNull()
    expect(await batch(stats)).toMatchObject({ counts: { errors: 1 } })
  })

  test('what is counted while a report is on its way is not lost with it', async () => {
    const { wake, open, clock } = world()
    const stats = wake()
    open()
    stats.count('sent')
    await stats.with(0, async () => stats.count('sent', 4))
    clock.now += INTERVAL_MS
    let second: HubReport | null = null
    await stats.with(0, async (report) => void (second = report))
    expect(second).toMatchObject({ counts: { sent: 4 } })
  })

  test('a backlog that was told is taken back with the batch that ends it', async () => {
    const { wake, log, batch } = world()
    const stats = wake()
    log.last = 300
    expect(await batch(stats, 100)).toMatchObject({ backlog: 200, backlog_since: START })
    expect(await batch(stats, 200)).toBeNull()
    expect(await batch(stats, 300)).toMatchObject({ backlog: 0, backlog_since: null })
  })

  test('an entry that D1 refused is told at once', async () => {
    const { wake, log, batch, open } = world()
    const stats = wake()
    open()
    await batch(stats)
    log.parked = 1
    expect(await batch(stats)).toMatchObject({ parked: 1 })
    expect(await batch(stats)).toBeNull()
  })
})

describe('[OP1] without a batch', () => {
  test('that D1 took a parked entry after all is told, once', async () => {
    const { wake, log, batch, written } = world()
    const stats = wake()
    log.parked = 1
    await batch(stats)
    log.parked = 0
    stats.settle()
    stats.settle()
    await settled()
    expect(written.map((report) => report.parked)).toEqual([0])
  })

  test('the first socket and the end of the last are told, those between are not', async () => {
    const { wake, open, close, written } = world()
    const stats = wake()
    const first = open()
    stats.settle()
    await settled()
    const second = open()
    stats.settle()
    close(stats, first)
    await settled()
    expect(written.map(({ sockets }) => sockets)).toEqual([1])
    close(stats, second)
    await settled()
    expect(written.map(({ sockets }) => sockets)).toEqual([1, 0])
    expect(written[1]?.counts).toMatchObject({ ended_0: 2 })
  })

  test('after a restart the first socket is no news: D1 thinks somebody is here', async () => {
    const { wake, open, conns, written } = world()
    open()
    wake().settle()
    await settled()
    conns.length = 0
    open()
    wake().settle()
    await settled()
    expect(written).toHaveLength(1)
  })

  test('the end of the last while the first is being told is told after it', async () => {
    const { wake, open, close, written, d1 } = world()
    const stats = wake()
    const held = Promise.withResolvers<void>()
    d1.hold = held.promise
    const conn = open()
    stats.settle()
    close(stats, conn)
    held.resolve()
    await settled()
    expect(written.map(({ sockets }) => sockets)).toEqual([1, 0])
  })

  test('while D1 is away nothing is lost, and nobody is told of it', async () => {
    const { wake, open, close, written, d1 } = world()
    const stats = wake()
    d1.down = true
    const conn = open()
    stats.count('opened')
    stats.settle()
    await settled()
    d1.down = false
    const other = open()
    stats.settle()
    await settled()
    expect(written).toMatchObject([{ sockets: 2, counts: { opened: 1 } }])
    close(stats, conn)
    close(stats, other)
  })
})

describe('[WS13] asleep', () => {
  test('an open socket carries what was counted, and when it was last told', async () => {
    const { wake, open, batch, clock } = world()
    const before = wake()
    open()
    open()
    await batch(before)
    before.count('received', 7)
    await settled()
    const after = wake()
    after.count('received')
    expect(await batch(after)).toBeNull()
    clock.now += INTERVAL_MS
    expect(await batch(after)).toMatchObject({ since: START, counts: { received: 8 } })
  })

  test('the socket whose end wakes the hub may be the one', async () => {
    const { wake, open, close, written, clock } = world()
    const before = wake()
    const conn = open()
    before.settle()
    before.count('sent', 5)
    await settled()
    clock.now += 30_000
    close(wake(), conn)
    await settled()
    expect(written.at(-1)).toMatchObject({
      sockets: 0,
      counts: { sent: 5, ended_2: 1, ended_s: 30 },
    })
  })

  test('what one carried is carried on by another, once', async () => {
    const { wake, open, close, batch, clock } = world()
    const before = wake()
    const first = open()
    open()
    await batch(before)
    before.count('sent', 5)
    await settled()
    close(before, first)
    await settled()
    clock.now += INTERVAL_MS
    expect(await batch(wake())).toMatchObject({ sockets: 1, counts: { sent: 5 } })
  })
})
