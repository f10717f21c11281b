// A day of a shop with thirty people, as things that happen so and so often. Each is really done, to a shop that sleeps, and
// metered; how often it happens is the model.
import type { Load } from '../load/load.ts'
import { assertAccepted } from '../sides.ts'
import type { Shop } from '../shop.ts'

export const PEOPLE = 30
const PERSONAL_EACH = 10
const LOCATION_ENTRIES = 20
/** Hours that a phone is connected. */
const HOURS = 8
const HEARTBEAT_S = 30
/** How often a phone loses its connection, and how often the app is looked at. */
const RECONNECTS_EACH = 6
const LOOKS_EACH = 6
/** A token lives 15 minutes and is renewed one before. */
const RENEWALS_EACH = Math.ceil((HOURS * 60) / 14)

export const HEARTBEATS = PEOPLE * ((HOURS * 3_600) / HEARTBEAT_S)
export const ENTRIES = PEOPLE * PERSONAL_EACH + LOCATION_ENTRIES

export interface Scene {
  shop: Shop
  load: Load
  location: string
  people: readonly string[]
  /** Makes keys unlike those before. */
  turn: number
}

export interface Happening {
  what: string
  aDay: number
  /** Done before the shop goes to sleep. */
  prepare?(scene: Scene): Promise<void>
  /** Does it; answers how many of it that were. */
  play(scene: Scene): Promise<number>
}

async function sendToEach({ shop, load, people, turn }: Scene): Promise<number> {
  const asks = await Promise.all(people.map((user_id) => shop.send({ user_id })))
  // One after the other: at once they would wait for each other in the one thread that we have here, and be billed for it.
  const plan = { asks, count: asks.length, inFlight: 1 }
  assertAccepted(await load.do('ask', { ...plan, keys: `cost-${turn}` }), asks.length)
  return asks.length
}

/** One request of each person, with their own tokens. */
async function askAs(
  { shop, load, people }: Scene,
  method: string,
  pathOf: (id: string) => string,
  body?: object,
): Promise<number> {
  const asks = await Promise.all(
    people.map(async (id) => ({
      method,
      url: `${shop.origin}/api/v1${pathOf(id)}`,
      headers: { Authorization: `Bearer ${tokens.get(id) ?? ''}` },
      ...(body && { body: JSON.stringify(body) }),
    })),
  )
  const { statuses } = await load.do('ask', { asks, count: asks.length, inFlight: 1 })
  const fine = (statuses['200'] ?? 0) + (statuses['202'] ?? 0)
  if (fine !== asks.length) throw new Error(`${method}: ${JSON.stringify(statuses)}`)
  return asks.length
}

const tokens = new Map<string, string>()
const newest = new Map<string, string>()

/** Tokens are got while nobody counts: what a renewal costs is counted once, as itself. */
async function signIn({ shop, people }: Scene): Promise<void> {
  for (const id of people) tokens.set(id, await shop.personToken(id))
}

/** Something unread for each, and its id. */
async function tellEach(scene: Scene): Promise<void> {
  await signIn(scene)
  await sendToEach(scene)
  for (const id of scene.people) {
    const response = await fetch(`${scene.shop.origin}/api/v1/notifications?limit=1`, {
      headers: { Authorization: `Bearer ${tokens.get(id) ?? ''}` },
    })
    const { data } = (await response.json()) as { data: { id: string }[] }
    newest.set(id, data[0]?.id ?? '')
  }
}

const cookies = new Map<string, string>()

/** One of each phone. The first seq is one that everybody has. */
export const acks = (people: number) =>
  Array.from({ length: people }, () => ({ type: 'ack', seq: 1 }))

export const HAPPENINGS: readonly Happening[] = [
  { what: 'a personal entry is sent', aDay: PEOPLE * PERSONAL_EACH, play: sendToEach },
  {
    what: 'a location entry is sent, and 30 phones are told',
    aDay: LOCATION_ENTRIES,
    async play({ shop, load, location, turn }) {
      const asks = [await shop.send({ location_id: location })]
      const plan = { asks, count: 1, inFlight: 1, keys: `cost-${turn}` }
      assertAccepted(await load.do('ask', plan), 1)
      return 1
    },
  },
  {
    what: 'a phone acknowledges',
    aDay: PEOPLE * (PERSONAL_EACH + LOCATION_ENTRIES),
    async play({ load, people }) {
      await load.do('say', { frames: acks(people.length) })
      return people.length
    },
  },
  {
    what: 'an entry is marked read',
    aDay: PEOPLE * PERSONAL_EACH,
    prepare: tellEach,
    play: (scene) => askAs(scene, 'PUT', (id) => `/notifications/${newest.get(id)}/read`),
  },
  {
    what: 'everything is marked read',
    aDay: PEOPLE * 2,
    prepare: tellEach,
    play: (scene) => askAs(scene, 'POST', () => '/notifications/read-all', {}),
  },
  {
    what: 'the inbox is looked at: seen, on the socket',
    aDay: PEOPLE * LOOKS_EACH,
    prepare: tellEach,
    async play({ load, people }) {
      // Above the head counts as the head.
      const frames = people.map((id) => ({ type: 'seen', up_to: { [`user:${id}`]: 1_000_000 } }))
      await load.do('say', { frames })
      return people.length
    },
  },
  {
    what: 'the first page is read',
    aDay: PEOPLE * LOOKS_EACH,
    prepare: signIn,
    play: (scene) => askAs(scene, 'GET', () => '/notifications?limit=20'),
  },
  {
    what: 'a phone loses its connection and comes back',
    aDay: PEOPLE * RECONNECTS_EACH,
    async play({ load, people }) {
      await load.do('drop')
      await load.do('resume', { each: 0, timeoutMs: 30_000 })
      return people.length
    },
  },
  {
    what: 'a token is renewed, and the socket told',
    aDay: PEOPLE * RENEWALS_EACH,
    async prepare({ shop, people }) {
      for (const id of people) cookies.set(id, await shop.signIn(id))
    },
    async play({ shop, load, people }) {
      const renewed = await Promise.all(people.map((id) => shop.renew(cookies.get(id) ?? '')))
      await load.do('say', { frames: renewed.map((token) => ({ type: 'auth', token })) })
      return people.length
    },
  },
]
