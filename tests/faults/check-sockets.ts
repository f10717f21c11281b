// [ST3][ST7] What came on sockets: in order, once, and nothing missing that another device of the same person was given.
import { expectedInbox, unsteadyStreams, type Expected } from './expected-inbox.ts'
import { ofKind, type EventOf, type HistoryEvent, type Seen, type Violation } from './history.ts'

type Welcome = EventOf<'welcome'>

interface Heard {
  /** Of the welcome. */
  at: number
  welcome: Welcome
  frames: Seen[]
}

export function checkSockets(events: readonly HistoryEvent[]): Violation[] {
  const heard = ofKind(events, 'welcome').map(({ at, event }) => ({
    at,
    welcome: event,
    frames: [] as Seen[],
  }))
  const bySocket = new Map(heard.map((one) => [one.welcome.socket, one]))
  for (const { event } of ofKind(events, 'frame')) bySocket.get(event.socket)?.frames.push(event)
  return [
    ...heard.flatMap(orderOn),
    ...epochsOf(heard),
    ...placesOf(heard),
    ...gapsOf(heard, events),
  ]
}

const nameOf = ({ device, socket, stream }: Welcome) => `${device}, socket ${socket}, ${stream}`

/** [ST3] Rising, so none twice; a replay starts above what was asked for. */
function orderOn({ welcome, frames }: Heard): Violation[] {
  const found: Violation[] = []
  let last = welcome.recovered ? (welcome.since ?? 0) : welcome.head
  const homes = new Map<string, number>()
  for (const { seq, home } of frames) {
    if (seq <= last) {
      found.push({ rule: 'ST3', text: `${nameOf(welcome)}: seq ${seq} came after ${last}` })
    }
    const lastHome = homes.get(home.stream) ?? 0
    if (home.seq <= lastHome) {
      const text = `${nameOf(welcome)}: ${home.stream} ${home.seq} came after ${lastHome}`
      found.push({ rule: 'ST3', text })
    }
    last = Math.max(last, seq)
    homes.set(home.stream, Math.max(lastHome, home.seq))
  }
  return found
}

/** [ST1] No storage is lost in these runs, so no epoch ever ends. */
function epochsOf(heard: readonly Heard[]): Violation[] {
  const epochs = new Map<string, string>()
  return heard.flatMap(({ welcome }) => {
    const known = epochs.get(welcome.stream) ?? welcome.epoch
    epochs.set(welcome.stream, known)
    if (known === welcome.epoch) return []
    return { rule: 'ST1', text: `${welcome.stream} began a new epoch` }
  })
}

/** [ST1] A seq is one thing for everybody. [ST7] An entry lies in a stream once. */
function placesOf(heard: readonly Heard[]): Violation[] {
  const found: Violation[] = []
  const things = new Map<string, string>()
  const places = new Map<string, number>()
  for (const { welcome, frames } of heard) {
    for (const { seq, id, home } of frames) {
      const place = `${welcome.stream} ${seq}`
      const thing = `${id ?? 'a change'} from ${home.stream} ${home.seq}`
      const known = things.get(place) ?? thing
      things.set(place, known)
      if (known !== thing)
        found.push({ rule: 'ST1', text: `${place} is both ${known} and ${thing}` })
      if (id === null) continue
      const first = places.get(`${welcome.stream} ${id}`) ?? seq
      places.set(`${welcome.stream} ${id}`, first)
      if (first !== seq) {
        found.push({ rule: 'ST7', text: `${welcome.stream} has ${id} at ${first} and ${seq}` })
      }
    }
  }
  return found
}

/** Sockets of one device that went on where the one before them ended. */
function chainsOf(heard: readonly Heard[]): Heard[][] {
  const chains: Heard[][] = []
  const open = new Map<string, Heard[]>()
  for (const one of heard) {
    const { device, recovered } = one.welcome
    const chain = open.get(device)
    if (recovered && chain) chain.push(one)
    else {
      const begun = [one]
      open.set(device, begun)
      chains.push(begun)
    }
  }
  return chains
}

/**
 * [ST7][WS4] Whatever one device was given between two places of a stream, every device of that person was given that
 * went from below to above it. Entries that are replaced or put away, and those of a location that the person left or
 * joined, may have been skipped by a resume.
 */
function gapsOf(heard: readonly Heard[], events: readonly HistoryEvent[]): Violation[] {
  const users = new Set(heard.map(({ welcome }) => welcome.user))
  return [...users].flatMap((user) => {
    const own = heard.filter(({ welcome }) => welcome.user === user)
    const unsteady = unsteadyStreams(events, user)
    const lasting = expectedInbox(events, user).filter(
      ({ listed, stream }) => listed === 'must' && !unsteady.has(stream),
    )
    const sure = new Set(lasting.map(({ id }) => id))
    const given = new Map<string, Map<number, Seen>>()
    for (const { welcome, frames } of own) {
      const stream = given.get(welcome.stream) ?? new Map<number, Seen>()
      given.set(welcome.stream, stream)
      for (const frame of frames) stream.set(frame.seq, frame)
    }
    return chainsOf(own).flatMap((chain) => [
      ...gapsIn(chain, given, sure),
      ...holesIn(chain, lasting),
    ])
  })
}

function gapsIn(
  chain: readonly Heard[],
  given: ReadonlyMap<string, ReadonlyMap<number, Seen>>,
  sure: ReadonlySet<string>,
): Violation[] {
  const [first] = chain
  if (!first) return []
  const { welcome } = first
  const got = new Set(chain.flatMap(({ frames }) => frames.map(({ seq }) => seq)))
  const from = welcome.recovered ? (welcome.since ?? 0) : welcome.head
  const to = Math.max(from, ...got)
  return [...(given.get(welcome.stream) ?? [])].flatMap(([seq, { id }]) => {
    if (seq <= from || seq >= to || got.has(seq)) return []
    if (id !== null && !sure.has(id)) return []
    return { rule: 'ST7', text: `${nameOf(welcome)}: ${seq} (${id ?? 'a change'}) never came` }
  })
}

/** [ST7] An own stream has everything of a location: what was sent after a device had come, and before what it was given. */
function holesIn(chain: readonly Heard[], lasting: readonly Expected[]): Violation[] {
  const [first] = chain
  if (!first || !first.welcome.stream.startsWith('user:')) return []
  const got = new Set<string>()
  const furthest = new Map<string, number>()
  for (const { home } of chain.flatMap(({ frames }) => frames)) {
    got.add(`${home.stream} ${home.seq}`)
    furthest.set(home.stream, Math.max(furthest.get(home.stream) ?? 0, home.seq))
  }
  return lasting.flatMap(({ sentAt, stream, seq, key }) => {
    const isDue = sentAt > first.at && seq < (furthest.get(stream) ?? 0)
    if (!isDue || got.has(`${stream} ${seq}`)) return []
    return { rule: 'ST7', text: `${nameOf(first.welcome)} has no ${key} of ${stream} ${seq}` }
  })
}
