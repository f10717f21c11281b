import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Outbound, type OutEntry } from './outbound.ts'
import type { Conn } from './sockets.ts'

interface FakeConn {
  conn: Conn
  texts: string[]
  counted: number[]
}

/** Sockets that write down what they get, and a disk that is ready when the test says so. */
function room() {
  const open: FakeConn[] = []
  const disk: (() => void)[] = []
  const made: string[] = []
  const find = (conn: Conn) => open.find((one) => one.conn === conn)
  const outbound = new Outbound(
    {
      listening: () => open.map((one) => one.conn),
      sendText: (conn, text) => void find(conn)?.texts.push(text),
      countSent: (conn, seqs) => void find(conn)?.counted.push(...seqs),
    },
    () => new Promise((resolve) => disk.push(resolve)),
    (conn) => conn.about.role,
  )
  const join = (role: 'member' | 'admin' | 'display' = 'member'): FakeConn => {
    const about = { v: 1 as const, id: '', sub: 'ana', role, device: null, exp: 0 }
    const conn = {
      about: { ...about, connected: 0, heard: 0, visible: true, ack: 0 },
      unacked: [],
      bucket: null,
      badFrames: [],
      warnedOfExpiry: false,
    } as unknown as Conn
    const joined = { conn, texts: [], counted: [] }
    open.push(joined)
    return joined
  }
  const sync = async () => {
    for (const ready of disk.splice(0)) ready()
    await Promise.resolve()
    await Promise.resolve()
  }
  const entry = (seq: number, hiddenFrom: readonly string[] = []): OutEntry => ({
    seq,
    frameFor: (conn) => {
      if (hiddenFrom.includes(conn.about.role)) return null
      made.push(`${seq} for ${conn.about.role}`)
      return JSON.stringify({ seq })
    },
  })
  return { outbound, join, sync, entry, made, disk }
}

const seqsOf = ({ texts }: FakeConn): number[] =>
  texts.flatMap((text) => JSON.parse(text) as { seq: number }).map((frame) => frame.seq)

describe('the way out', () => {
  test('[ST2] nothing leaves before it is on disk', async () => {
    const { outbound, join, sync, entry } = room()
    const ana = join()
    outbound.push([entry(1)])
    expect(ana.texts).toEqual([])
    await sync()
    expect(ana.texts).toEqual(['{"seq":1}'])
  })

  test('[WS3] what commits while the disk is busy leaves as one text', async () => {
    const { outbound, join, sync, entry, disk } = room()
    const ana = join()
    for (const seq of [1, 2, 3]) outbound.push([entry(seq)])
    expect(disk).toHaveLength(1)
    await sync()
    expect(ana.texts).toEqual(['[{"seq":1},{"seq":2},{"seq":3}]'])
    outbound.push([entry(4)])
    await sync()
    expect(ana.texts[1]).toBe('{"seq":4}')
  })

  test('[ST3] a seq that the reader may not see is skipped', async () => {
    const { outbound, join, sync, entry } = room()
    const [member, admin] = [join('member'), join('admin')]
    outbound.push([entry(1), entry(2, ['member']), entry(3)])
    await sync()
    expect([seqsOf(member), seqsOf(admin)]).toEqual([
      [1, 3],
      [1, 2, 3],
    ])
    expect([member.counted, admin.counted]).toEqual([
      [1, 3],
      [1, 2, 3],
    ])
  })

  test('[WS12] a socket that may see none of it gets no text and is charged nothing', async () => {
    const { outbound, join, sync, entry } = room()
    const display = join('display')
    outbound.push([entry(1, ['display'])])
    await sync()
    expect([display.texts, display.counted]).toEqual([[], []])
  })

  test('[ST2] readers who see the same share one text', async () => {
    const { outbound, join, sync, entry, made } = room()
    const members = [join(), join(), join()]
    join('admin')
    outbound.push([entry(1), entry(2)])
    await sync()
    expect(made).toEqual(['1 for member', '2 for member', '1 for admin', '2 for admin'])
    expect(new Set(members.map((one) => one.texts[0])).size).toBe(1)
  })

  test('[ST6] nothing to send starts nothing', () => {
    const { outbound, disk } = room()
    outbound.push([])
    expect(disk).toEqual([])
  })

  test('[ST3] however joins and commits fall, each socket gets each seq once, in order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('join' as const), count: fc.nat(10) }),
      fc.record({ do: fc.constant('sync' as const), count: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { outbound, join, sync, entry } = room()
        const joined: { who: FakeConn; from: number }[] = []
        let head = 0
        for (const { do: what, count } of steps) {
          if (what === 'sync') await sync()
          else if (what === 'commit') {
            const entries = Array.from({ length: count }, (_, index) => entry(head + index + 1))
            head += count
            outbound.push(entries)
          } else {
            // As a hub accepts: what waits goes to the others first, then the newcomer gets what is in the log.
            outbound.flush()
            const from = Math.min(count, head)
            const who = join()
            for (let seq = from + 1; seq <= head; seq += 1) who.texts.push(JSON.stringify({ seq }))
            joined.push({ who, from })
          }
        }
        await sync()
        for (const { who, from } of joined) {
          expect(seqsOf(who)).toEqual(
            Array.from({ length: head - from }, (_, index) => from + index + 1),
          )
        }
      }),
    )
  })
})
