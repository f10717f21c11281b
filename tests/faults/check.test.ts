// The judge must be able to say no: a good history passes, and each way of spoiling it is named.
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import { type Address, type Ending, type HistoryEvent, type Held, type Seen } from './history.ts'

const SHOP = 'location:shop'
const OWN = 'user:ben'

interface Told {
  events: HistoryEvent[]
  ending: Ending
}

const id = (seq: number) => `id-${seq}`
const held = (seq: number, isRead = false): Held => ({ id: id(seq), stream: SHOP, seq, isRead })

const frame = (socket: number, seq: number, home: number): Seen => ({
  kind: 'frame',
  socket,
  seq,
  id: id(home),
  home: { stream: SHOP, seq: home },
})

function welcome(socket: number, device: string, head: number, since: number | null): HistoryEvent {
  const recovered = since !== null
  return {
    kind: 'welcome',
    socket,
    device,
    user: 'ben',
    stream: OWN,
    epoch: 'e',
    head,
    since,
    recovered,
  }
}

function sent(seq: number, to: Address = { location_id: 'shop' }): HistoryEvent[] {
  const key = `k${seq}`
  return [
    { kind: 'send', key, to, collapseKey: null },
    { kind: 'accepted', key, id: id(seq), stream: SHOP, seq },
  ]
}

/** Ben's phone loses its socket after two of four, his desk keeps its own; then he reads the first. */
function goodRun(): Told {
  const entries = [held(1, true), held(2), held(3), held(4)]
  const holding = { user: 'ben', entries, unread: 3 }
  return {
    events: [
      { kind: 'changing', change: 1, user: 'ben', location: 'shop', role: 'staff' },
      { kind: 'changed', change: 1 },
      welcome(1, 'phone', 0, null),
      welcome(2, 'desk', 0, null),
      ...[1, 2].flatMap((seq) => [...sent(seq), frame(1, seq, seq), frame(2, seq, seq)]),
      ...[3, 4].flatMap((seq) => [...sent(seq), frame(2, seq, seq)]),
      welcome(3, 'phone', 4, 2),
      frame(3, 3, 3),
      frame(3, 4, 4),
      { kind: 'marking', mark: 1, user: 'ben', op: 'read', id: id(1) },
      { kind: 'marked', mark: 1, outcome: 'done' },
      { kind: 'frame', socket: 2, seq: 5, id: null, home: { stream: OWN, seq: 5 } },
      { kind: 'frame', socket: 3, seq: 5, id: null, home: { stream: OWN, seq: 5 } },
    ],
    ending: {
      devices: [
        { device: 'phone', stream: OWN, ...structuredClone(holding) },
        { device: 'desk', stream: OWN, ...structuredClone(holding) },
      ],
      archives: [structuredClone(holding)],
    },
  }
}

const rulesOf = ({ events, ending }: Told) => [
  ...new Set(check(events, ending).map(({ rule }) => rule)),
]

function spoiled(spoil: (told: Told) => void): string[] {
  const told = goodRun()
  spoil(told)
  return rulesOf(told)
}

const isFrame = (socket: number, seq: number) => (event: HistoryEvent) =>
  event.kind === 'frame' && event.socket === socket && event.seq === seq

function cut(told: Told, socket: number, seq: number): HistoryEvent[] {
  return told.events.splice(told.events.findIndex(isFrame(socket, seq)), 1)
}

const phone = ({ ending }: Told) => ending.devices[0]!

test('a run in which everything held passes', () => {
  expect(check(goodRun().events, goodRun().ending)).toEqual([])
})

describe('[ST3]', () => {
  test('a frame that came twice', () => {
    expect(spoiled(({ events }) => events.push(frame(3, 4, 4)))).toEqual(['ST3'])
  })

  test('two frames that changed places', () => {
    expect(
      spoiled((told) => {
        const at = told.events.findIndex(isFrame(3, 3))
        told.events.splice(at, 0, ...cut(told, 3, 4))
      }),
    ).toEqual(['ST3'])
  })

  test('a replay that begins below what was asked for', () => {
    expect(
      spoiled(({ events }) => events.splice(events.findIndex(isFrame(3, 3)), 0, frame(3, 2, 2))),
    ).toEqual(['ST3'])
  })
})

describe('[ST5]', () => {
  test('an entry that D1 lost', () => {
    expect(spoiled(({ ending }) => ending.archives[0]!.entries.pop())).toContain('ST5')
  })

  test('an entry that everybody lost, but its sender was told it is safe', () => {
    expect(
      spoiled((told) => {
        told.events = told.events.filter(
          (event) => event.kind !== 'frame' || event.home.seq !== 4 || event.id === null,
        )
        for (const { entries } of told.ending.devices) entries.pop()
        const [archive] = told.ending.archives
        archive!.entries.pop()
        for (const one of [...told.ending.devices, archive!]) one.unread = 2
      }),
    ).toEqual(['ST5'])
  })

  test('an entry that a device lost', () => {
    expect(spoiled((told) => phone(told).entries.splice(1, 1))).toContain('ST5')
  })

  test('an entry that a device shows twice', () => {
    expect(spoiled((told) => phone(told).entries.push(held(4)))).toContain('ST5')
  })

  test('entries that a device shows in another order', () => {
    expect(spoiled((told) => (phone(told).entries = phone(told).entries.toReversed()))).toEqual([
      'ST5',
    ])
  })

  test('an entry that nobody sent', () => {
    expect(spoiled((told) => phone(told).entries.push(held(9)))).toContain('ST5')
  })

  test('an entry that is for others', () => {
    const told = goodRun()
    for (const event of told.events) {
      if (event.kind === 'send' && event.key === 'k4') event.to.roles = ['manager']
    }
    expect(rulesOf(told)).toEqual(['ST5'])
  })

  test('an entry that was deleted and is shown', () => {
    const marks: HistoryEvent[] = [
      { kind: 'marking', mark: 2, user: 'ben', op: 'deleted', id: id(2) },
      { kind: 'marked', mark: 2, outcome: 'done' },
    ]
    expect(spoiled(({ events }) => events.push(...marks))).toEqual(['ST5'])
  })

  test('an older entry of the same key that is shown beside the newer one', () => {
    const told = goodRun()
    for (const event of told.events) {
      if (event.kind === 'send' && ['k2', 'k4'].includes(event.key)) event.collapseKey = 'c'
    }
    expect(rulesOf(told)).toEqual(['ST5'])
  })

  test('what was sent while somebody joined may be there or not, and is the same everywhere', () => {
    const told = goodRun()
    const late = told.events.findIndex(isFrame(2, 1))
    const [changed] = told.events.splice(1, 1)
    told.events.splice(late, 0, changed!)
    expect(check(told.events, told.ending)).toEqual([])
    for (const one of [...told.ending.devices, ...told.ending.archives]) one.entries.shift()
    expect(check(told.events, told.ending)).toEqual([])
    told.ending.archives[0]!.entries.unshift(held(1, true))
    expect(rulesOf(told)).toEqual(['AR5'])
  })
})

describe('[ST7]', () => {
  test('an entry that one device was given and another was not', () => {
    expect(spoiled((told) => cut(told, 3, 3))).toEqual(['ST7'])
  })

  test('a mark that one device was given and another was not', () => {
    expect(
      spoiled((told) => {
        cut(told, 3, 5)
        told.events.push(...sent(5), frame(3, 6, 5), frame(2, 6, 5))
        for (const one of [...told.ending.devices, ...told.ending.archives]) {
          one.entries.push(held(5))
          one.unread = 4
        }
      }),
    ).toEqual(['ST7'])
  })

  test('an entry that was never copied to the own stream', () => {
    expect(
      spoiled((told) => {
        for (const socket of [2, 3]) cut(told, socket, 3)
      }),
    ).toEqual(['ST7'])
  })

  test('an entry that was copied twice', () => {
    expect(
      spoiled(({ events }) => {
        events.push({ ...frame(3, 6, 9), id: id(4) }, { ...frame(2, 6, 9), id: id(4) })
      }),
    ).toEqual(['ST7'])
  })
})

test('[ST1] a seq that is two things', () => {
  expect(
    spoiled((told) => {
      const [one] = cut(told, 3, 4)
      told.events.splice(-2, 0, { ...(one as Seen), id: 'other' })
    }),
  ).toEqual(['ST1'])
})

describe('[CO5]', () => {
  test('a key that got a second id', () => {
    const again: HistoryEvent = { kind: 'accepted', key: 'k2', id: 'id-x', stream: SHOP, seq: 9 }
    expect(spoiled(({ events }) => events.push(again))).toEqual(['CO5'])
  })

  test('an id that two keys got', () => {
    const other: HistoryEvent[] = [
      { kind: 'send', key: 'kx', to: { location_id: 'shop' }, collapseKey: null },
      { kind: 'accepted', key: 'kx', id: id(2), stream: SHOP, seq: 2 },
    ]
    expect(spoiled(({ events }) => events.push(...other))).toEqual(['CO5'])
  })
})

describe('[AR5]', () => {
  test('a wrong count on a device', () => {
    expect(spoiled((told) => (phone(told).unread = 4))).toEqual(['AR5'])
  })

  test('a wrong count in D1', () => {
    expect(spoiled(({ ending }) => (ending.archives[0]!.unread = 2))).toEqual(['AR5'])
  })

  test('of two marks that were under way at once either may be the last one', () => {
    const told = goodRun()
    const end = told.events.findIndex((event) => event.kind === 'marked')
    const unread: HistoryEvent = { kind: 'marking', mark: 2, user: 'ben', op: 'unread', id: id(1) }
    told.events.splice(end, 0, unread, { kind: 'marked', mark: 2, outcome: 'done' })
    expect(check(told.events, told.ending)).toEqual([])
    for (const one of [...told.ending.devices, ...told.ending.archives]) {
      one.entries[0] = held(1)
      one.unread = 4
    }
    expect(check(told.events, told.ending)).toEqual([])
  })

  test('an answered mark that is not there', () => {
    expect(
      spoiled(({ ending }) => {
        for (const one of [...ending.devices, ...ending.archives]) {
          one.entries[0] = held(1)
          one.unread = 4
        }
      }),
    ).toEqual(['AR5'])
  })
})
