// [ST5] After any mix of lost sockets, killed processes, evictions and outages of the archive, a client holds everything
// that was answered with success and that it may see: nothing missing, nothing twice, in order. Here the mix is random.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import type { InboxAnswer } from '../../protocol/api.ts'
import type { Send } from '../../protocol/notification.ts'
import { endMembership } from '../../worker/directory.ts'
import { must } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, locationHub, userHub } from './helpers/hubs.ts'
import { trySend } from './helpers/sends.ts'
import { addLocation, join, openShop, type Person } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'

afterEach(async () => {
  await setFaults()
  vi.restoreAllMocks()
})

/** Numbers that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const listAll = async (token: string): Promise<InboxAnswer[]> => {
  const pages: InboxAnswer[] = []
  let after: string | null = null
  do {
    const query: string = after === null ? '' : `&after=${encodeURIComponent(after)}`
    const page = await must<InboxAnswer>(`GET /api/v1/notifications?limit=100${query}`, { token })
    pages.push(page)
    ;({ after } = page.page)
    if (!page.page.has_more) break
  } while (after !== null)
  return pages
}

/** A client as the specification asks for one: it resumes where it can, and takes a snapshot where it must (AR5). */
class Client {
  readonly #token: string
  #socket: TestSocket | null = null
  /** Ids it holds, apart from those of the socket that is open. */
  #held = new Set<string>()
  #asOf: Record<string, number> = {}
  #epoch: string | null = null
  #since = 0
  #needsSnapshot = true
  /** What it knows of the person's memberships (NO8); frames of the open socket that it has taken in. */
  #memberships = ''
  #membershipFrames = 0

  constructor(token: string) {
    this.#token = token
  }

  get held(): string[] {
    return [...new Set([...this.#held, ...this.#live()])].toSorted()
  }

  async open(): Promise<void> {
    this.lose()
    const resume = this.#epoch === null ? {} : { epoch: this.#epoch, since: this.#since }
    this.#socket = await openSocket({ token: this.#token, ...resume })
    const { welcome } = this.#socket
    if (!welcome.recovered) {
      this.#needsSnapshot = true
      this.#since = welcome.seq
    }
    this.#epoch = welcome.epoch
    this.#membershipFrames = 0
    const memberships = JSON.stringify(welcome.memberships)
    if (memberships !== this.#memberships) this.#needsSnapshot = true
    this.#memberships = memberships
  }

  /** The socket is gone, by its own will or not; what came on it is held. */
  lose(): void {
    const socket = this.#socket
    if (!socket) return
    const seqs = this.#check(socket)
    this.#hearMemberships(socket)
    this.#held = new Set(this.held)
    this.#since = Math.max(this.#since, ...seqs)
    this.#socket = null
    socket.close()
  }

  /** Asks for a snapshot where one is needed; it holds only if it is whole. */
  async settle(): Promise<boolean> {
    const socket = this.#socket
    if (!socket) return false
    this.#check(socket)
    this.#hearMemberships(socket)
    if (!this.#needsSnapshot) return true
    const pages = await listAll(this.#token)
    // Of more pages than one the first was read first.
    const asOf = pages[0]?.as_of ?? {}
    const epochs = pages[0]?.epochs ?? {}
    const heads = Object.entries(socket.welcome.heads ?? {})
    const isWhole = heads.every(
      ([stream, head]) => epochs[stream] === head.epoch && (asOf[stream] ?? 0) >= head.seq,
    )
    if (!isWhole || this.#hearMemberships(socket)) return false
    this.#held = new Set(pages.flatMap((page) => page.data.map((one) => one.id)))
    this.#asOf = asOf
    this.#needsSnapshot = false
    return true
  }

  /** Did the person join or leave a shop since the last look? */
  #hearMemberships(socket: TestSocket): boolean {
    const frames = socket.of('membership')
    const isNew = frames.length > this.#membershipFrames
    this.#membershipFrames = frames.length
    if (isNew) this.#needsSnapshot = true
    return isNew
  }

  /** New is what lies above the snapshot, in a stream that it knows (AR5). */
  #live(): string[] {
    const frames = this.#socket?.of('notification') ?? []
    return frames.flatMap(({ data }) =>
      data.seq > (this.#asOf[data.stream] ?? Infinity) ? data.id : [],
    )
  }

  /** [ST3] In order, none twice. */
  #check(socket: TestSocket): number[] {
    const frames = socket.of('notification')
    const seqs = frames.map((frame) => frame.seq)
    const isOrdered = seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0))
    if (!isOrdered) throw new Error(`seqs out of order: ${seqs.join(' ')}`)
    const ids = frames.map(({ data }) => data.id)
    if (new Set(ids).size < ids.length) throw new Error(`an id came twice: ${ids.join(' ')}`)
    return seqs
  }
}

class World {
  readonly #random: () => number
  readonly #person: Person
  readonly #manager: Person
  readonly #here: string
  readonly #second: string
  readonly #client: Client
  /** Answered with success, and for this person. */
  #due = new Map<string, string>()
  #isInSecond = false
  #isDown = false

  constructor(
    seed: number,
    place: { person: Person; manager: Person; here: string; second: string },
  ) {
    this.#random = randomOf(seed)
    this.#person = place.person
    this.#manager = place.manager
    this.#here = place.here
    this.#second = place.second
    this.#client = new Client(place.person.token)
  }

  async step(): Promise<void> {
    const chance = this.#random()
    if (chance < 0.36) return this.#send(1)
    if (chance < 0.44) return this.#send(12)
    if (chance < 0.56) return this.#client.open()
    if (chance < 0.64) return this.#refresh()
    if (chance < 0.68) return this.#client.lose()
    if (chance < 0.82) return this.#evict()
    if (chance < 0.88) return this.#switchD1()
    if (chance < 0.91) return this.#die()
    if (chance < 0.96) return this.#move()
    await runDurableObjectAlarm(this.#pick(this.#hubs()) as DurableObjectStub)
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    await setFaults()
    // Back-off may have grown to a minute; that a hub comes by itself is shown elsewhere.
    await Promise.all(this.#hubs().map((hub) => hub.wake()))
    await this.#client.open()
  }

  /** What the client holds, what the archive has, and what of all that was promised it has not. */
  async compare(): Promise<{ held: string[]; archived: string[]; missing: string[] }> {
    if (!(await this.#client.settle())) throw new Error('the client has no whole snapshot yet')
    const pages = await listAll(this.#person.token)
    const archived = pages.flatMap((page) => page.data.map((one) => one.id)).toSorted()
    const missing = [...this.#due.keys()].filter((id) => !archived.includes(id))
    return { held: this.#client.held, archived, missing }
  }

  #pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T
  }

  #hubs() {
    return [userHub(this.#person.id), locationHub(this.#here), locationHub(this.#second)]
  }

  async #send(count: number): Promise<void> {
    const recipients: Send['to'][] = [
      { user_id: this.#person.id },
      { user_id: this.#person.id },
      { location_id: this.#here },
      { location_id: this.#here, roles: ['staff'] },
      { location_id: this.#here, roles: ['manager'] },
      { location_id: this.#second },
    ]
    await Promise.all(
      Array.from({ length: count }, async () => {
        const to = this.#pick(recipients)
        const isDue =
          to.location_id === this.#second ? this.#isInSecond : to.roles?.[0] !== 'manager'
        const { status, body } = await trySend(to)
        if (status < 300 && isDue) this.#due.set(body.id, body.stream)
      }),
    )
  }

  /** A snapshot, if the client needs one and D1 can give it. */
  async #refresh(): Promise<void> {
    if (!this.#isDown) await this.#client.settle()
  }

  async #evict(): Promise<void> {
    const hub = this.#pick(this.#hubs())
    const how = this.#pick(EVICTIONS)
    // One that nobody has called since it died is not there to be evicted.
    await hub.connections(this.#person.id)
    await evict(hub, how)
    if (how === 'close' && hub.name?.startsWith('user:')) this.#client.lose()
  }

  async #switchD1(): Promise<void> {
    this.#isDown = !this.#isDown
    await setFaults({ d1: this.#isDown ? { down: true } : { delay_ms: this.#pick([0, 0, 150]) } })
  }

  /** Every process dies while sends are on their way. */
  async #die(): Promise<void> {
    const sends = this.#send(6)
    await trySend({ user_id: this.#manager.id })
    await abortAllDurableObjects()
    await sends
    this.#client.lose()
  }

  async #move(): Promise<void> {
    if (this.#isDown) return
    if (this.#isInSecond) {
      await endMembership(env, this.#second, this.#person.id)
      for (const [id, stream] of this.#due) {
        if (stream === `location:${this.#second}`) this.#due.delete(id)
      }
    } else await join(this.#second, this.#person, 'staff')
    this.#isInSecond = !this.#isInSecond
  }
}

test.each([1, 2, 3, 4, 133])(
  '[ST5][ST7] nothing is lost, doubled or out of order (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { location: here, staff, manager } = await openShop()
    const world = new World(seed, { person: staff, manager, here, second: await addLocation() })
    for (let steps = 0; steps < 60; steps += 1) await world.step()
    await world.heal()
    await vi.waitFor(
      async () => {
        const { held, archived, missing } = await world.compare()
        expect(missing).toEqual([])
        expect(held).toEqual(archived)
        expect(new Set(archived).size).toBe(archived.length)
      },
      { timeout: 20_000, interval: 200 },
    )
  },
)
