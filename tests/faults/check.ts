// The judge: reads what every client did and saw, and says which promises were broken. It knows nothing of how it ran.
import { checkSockets } from './check-sockets.ts'
import { acceptedSends, expectedInbox, homeStreamOf, type Expected } from './expected-inbox.ts'
import {
  ofKind,
  type Ending,
  type Held,
  type HistoryEvent,
  type Holding,
  type Violation,
} from './history.ts'

export const check = (events: readonly HistoryEvent[], ending: Ending): Violation[] => [
  ...checkKeys(events),
  ...checkSockets(events),
  ...checkEnding(events, ending),
]

/** [CO5] A key has one answer, and an answer one key. */
function checkKeys(events: readonly HistoryEvent[]): Violation[] {
  const found: Violation[] = []
  const first = new Map(acceptedSends(events).map((send) => [send.key, send]))
  const keys = new Map<string, string>()
  for (const { event } of ofKind(events, 'accepted')) {
    const { key, id, stream, seq } = event
    const send = first.get(key)
    if (!send) continue
    if (send.id !== id || send.stream !== stream || send.seq !== seq) {
      const text = `${key} is ${send.id} (${send.stream} ${send.seq}) and ${id} (${stream} ${seq})`
      found.push({ rule: 'CO5', text })
    }
    if (stream !== homeStreamOf(send.to)) {
      found.push({ rule: 'CO5', text: `${key} was written to ${stream}` })
    }
    const owner = keys.get(id) ?? key
    keys.set(id, owner)
    if (owner !== key) found.push({ rule: 'CO5', text: `${owner} and ${key} are both ${id}` })
  }
  return found
}

/** [ST5][AR5] What is held in the end, on devices and in D1. */
function checkEnding(events: readonly HistoryEvent[], ending: Ending): Violation[] {
  return ending.archives.flatMap((archive) => {
    const { user } = archive
    const expected = expectedInbox(events, user)
    const devices = ending.devices.filter((device) => device.user === user)
    const own = devices.filter(({ stream }) => stream.startsWith('user:'))
    const shops = devices.filter(({ stream }) => !stream.startsWith('user:'))
    return [
      ...checkHolding(`D1 for ${user}`, archive, expected),
      ...own.flatMap((device) => [
        ...checkHolding(device.device, device, expected),
        ...sameAs(device.device, device, archive),
      ]),
      ...shops.flatMap(({ device, stream, entries }) => [
        ...orderOf(device, entries),
        ...missingIn(
          device,
          entries,
          expected.filter((one) => one.stream === stream),
        ),
      ]),
    ]
  })
}

function checkHolding(name: string, { entries }: Holding, expected: Expected[]): Violation[] {
  const byId = new Map(expected.map((one) => [one.id, one]))
  const wrong = entries.flatMap(({ id, stream, seq, isRead }): Violation[] => {
    const one = byId.get(id)
    // A send that was refused or never answered may not exist; nobody else writes in these runs.
    if (!one) return [{ rule: 'ST5', text: `${name} holds ${id}, which nobody was promised` }]
    if (one.stream !== stream || one.seq !== seq) {
      return [{ rule: 'ST5', text: `${name} holds ${one.key} at ${stream} ${seq}` }]
    }
    if (one.listed === 'never') {
      return [{ rule: 'ST5', text: `${name} shows ${one.key} (${id}), which is not there to see` }]
    }
    if (one.isRead === null || one.isRead === isRead) return []
    return [{ rule: 'AR5', text: `${name}: ${one.key} is ${isRead ? '' : 'not '}read` }]
  })
  return [...orderOf(name, entries), ...missingIn(name, entries, expected), ...wrong]
}

function missingIn(name: string, entries: readonly Held[], expected: Expected[]): Violation[] {
  const held = new Set(entries.map(({ id }) => id))
  return expected.flatMap(({ listed, id, key, stream, seq }) => {
    if (listed !== 'must' || held.has(id)) return []
    return { rule: 'ST5', text: `${name} misses ${key} (${id}, ${stream} ${seq})` }
  })
}

function orderOf(name: string, entries: readonly Held[]): Violation[] {
  const found: Violation[] = []
  const ids = new Set<string>()
  const last = new Map<string, number>()
  for (const { id, stream, seq } of entries) {
    const before = last.get(stream) ?? 0
    if (ids.has(id)) found.push({ rule: 'ST5', text: `${name} holds ${id} twice` })
    else if (seq <= before) {
      found.push({ rule: 'ST5', text: `${name} holds ${stream} ${seq} after ${before}` })
    }
    ids.add(id)
    last.set(stream, Math.max(before, seq))
  }
  return found
}

/** [AR5] A device's list and count are those of D1, whatever came in which way. */
function sameAs(name: string, device: Holding, archive: Holding): Violation[] {
  const found: Violation[] = []
  const unreadIn = ({ entries }: Holding) => entries.filter(({ isRead }) => !isRead).length
  const textOf = ({ entries }: Holding) =>
    entries
      .map(({ id, isRead }) => `${id}${isRead ? ' read' : ''}`)
      .toSorted()
      .join()
  if (textOf(device) !== textOf(archive)) {
    const text = `${name} holds ${device.entries.length} (${unreadIn(device)} unread), D1 ${archive.entries.length} (${unreadIn(archive)})`
    found.push({ rule: 'AR5', text })
  }
  for (const [who, holding] of [[name, device] as const, ['D1', archive] as const]) {
    if (holding.unread !== null && holding.unread !== unreadIn(archive)) {
      const text = `${who} counts ${holding.unread} unread of ${unreadIn(archive)} for ${device.user}`
      found.push({ rule: 'AR5', text })
    }
  }
  return found
}
