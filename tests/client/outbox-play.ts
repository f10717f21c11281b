// Two tabs of one person's browser, a naive server, and everything that can come between them: no network, answers that
// are lost, tabs that die at any step, a server that refuses.
import { ShopbellError } from '../../client/errors.ts'
import { stateOf } from '../../client/core/operation.ts'
import type { InboxEntry, Operation } from '../../client/types.ts'
import { createFakeClock, flush } from '../fakes/fake-clock.ts'
import { LOCATIONS, NaiveServer, type NaiveMark } from './naive-server.ts'
import { Tab, type Request } from './outbox-tab.ts'
import { SharedDisk } from './shared-disk.ts'

const TABS = 2
const REFUSAL = new ShopbellError('forbidden', { requestId: 'r' })
const LOST = new ShopbellError('network')

export class OutboxPlay {
  readonly server = new NaiveServer()
  readonly disk = new SharedDisk()
  readonly clock = createFakeClock(this.server.now)
  readonly tabs: (Tab | null)[] = Array.from({ length: TABS }, () => null)
  /** What the server looked at, in order: done or refused. */
  readonly heard: NaiveMark[] = []
  /** Commands that the server looked at and whose answers never came. */
  lost = 0
  /** Tabs that died: perhaps between an answer and the removal of what it answers. */
  deaths = 0
  #requests: Request[] = []
  #isOnline = true
  #isRefusing = false

  constructor() {
    this.server.onFrame = (frame) => {
      for (const tab of this.tabs) if (tab?.isOpen) tab.wire.push(frame)
    }
  }

  // --- the world

  send(bits: number): void {
    this.server.send({
      to: (['downtown', 'harbour', 'ben'] as const)[bits % 3] ?? 'ben',
      category: 'team',
      key: null,
      roles: null,
      livesMs: null,
      requiresAck: bits % 4 === 0,
      hasActions: false,
    })
  }

  archive(bits: number): void {
    this.server.archive(pick(Object.keys(this.server.archived), bits), 1 + (bits >> 3))
  }

  pull = (bits: number): void => this.server.pull(pick(LOCATIONS, bits))

  markElsewhere(bits: number): void {
    const entry = pick(this.server.inbox(this.server.heads()), bits >> 3)
    const state = pick(['read', 'unread', 'archived', 'deleted'] as const, bits)
    if (entry) this.server.mark({ notification_ids: [entry.id], state })
  }

  async pass(bits: number): Promise<void> {
    const ms = bits % 8_000
    this.server.now += ms
    await this.clock.advance(ms)
  }

  // --- the network

  /** A real drop: sockets are gone, and so is every request. */
  goOffline(bits: number): void {
    this.#isOnline = false
    for (const tab of this.#alive()) {
      tab.isOpen = false
      tab.wire.length = 0
      tab.become(false)
    }
    while (this.#requests.length > 0) this.#lose(this.#requests[0], bits)
  }

  goOnline(): void {
    this.#isOnline = true
  }

  connect(bits: number): void {
    const tab = pick(this.#alive(), bits)
    if (!tab || tab.isOpen || !this.#isOnline) return
    tab.wire.push(...this.server.open(tab.cursor))
    tab.isOpen = true
  }

  hear = (bits: number): void => pick(this.#alive(), bits)?.hear(1 + ((bits >> 2) % 6))

  serve(bits: number): void {
    const request = pick(this.#requests, bits)
    if (request) this.#serve(request)
  }

  answer(bits: number): void {
    const request = pick(
      this.#requests.filter(({ answer }) => answer),
      bits,
    )
    if (!request?.answer) return
    this.#drop(request)
    request.settle(request.answer.value)
  }

  lose(bits: number): void {
    this.#lose(pick(this.#requests, bits >> 1), bits)
  }

  refuse = (): void => void (this.#isRefusing = true)

  // --- the person and their tabs

  open(bits: number): void {
    const at = bits % TABS
    if (this.tabs[at]) return
    this.tabs[at] = new Tab(this.disk, this.clock, this.server, (request) => {
      this.#requests.push(request)
      if (!this.#isOnline) this.#lose(request, 0)
    })
  }

  close(bits: number): void {
    const at = bits % TABS
    const tab = this.tabs[at]
    if (!tab) return
    this.tabs[at] = null
    this.deaths += 1
    tab.isAlive = false
    tab.store.die()
    tab.inbox.stop()
    for (const request of this.#requests.filter((one) => one.tab === tab))
      this.#lose(request, bits >> 1)
  }

  /** Between any two steps of its disk. */
  closeSoon(bits: number): void {
    const at = bits % TABS
    const when = (bits >> 1) % 2 === 0 ? 'before' : 'after'
    this.tabs[at]?.store.dieIn((bits >> 2) % 5, when, () => this.close(bits))
  }

  tap(bits: number): void {
    const tab = pick(this.#alive(), bits)
    if (!tab) return
    const { notifications } = tab.inbox.getState()
    if (notifications.length === 0) return
    const { id } = pick(notifications, bits >> 6)
    void this.#verb(tab, id, bits >> 2)
  }

  #verb({ inbox }: Tab, id: string, bits: number): Promise<boolean> {
    switch (bits % 16) {
      case 0:
        return inbox.markAllRead()
      case 1:
        return inbox.clear()
      case 2:
      case 3:
        return inbox.acknowledge(id)
      case 4:
      case 5:
        return inbox.archive(id)
      case 6:
        return inbox.remove(id)
      case 7:
        return inbox.unarchive(id)
      case 8:
      case 9:
      case 10:
        return inbox.markUnread(id)
      default:
        return inbox.markRead(id)
    }
  }

  // --- the end

  /** The network is back, nothing fails any more, and both tabs are there. */
  async settle(): Promise<void> {
    await this.#calm()
    // A mark that changed nothing is waited for; then the list tells.
    await this.pass(7_999)
    await this.pass(7_999)
    await this.#calm()
  }

  async #calm(): Promise<void> {
    this.goOnline()
    this.#isRefusing = false
    for (let round = 0; round < 400 && !this.isSettled; round++) {
      for (let at = 0; at < TABS; at++) this.open(at)
      for (let at = 0; at < TABS; at++) this.connect(at)
      for (const stream of Object.keys(this.server.archived)) this.server.archive(stream, 1_000)
      for (const location of LOCATIONS) this.server.pull(location)
      for (const tab of this.#alive()) tab.hear(1_000)
      for (const request of this.#requests) this.#serve(request)
      for (const request of this.#requests.slice()) {
        this.#drop(request)
        request.settle(request.answer?.value)
      }
      await flush()
      if (round % 4 === 3) await this.pass(2_000)
    }
  }

  get isSettled(): boolean {
    const tabs = this.#alive()
    const isQuiet = tabs.every(
      (tab) =>
        tab.isOpen &&
        tab.wire.length === 0 &&
        tab.inbox.getState().status === 'ready' &&
        tab.inbox.getState().unsent.count === 0,
    )
    const isBehind = LOCATIONS.some((name) => this.server.lacks(name))
    return tabs.length === TABS && isQuiet && !isBehind && this.#requests.length === 0
  }

  /** The entries of a tab, and those of the server as far down as the tab has loaded. */
  compare(at: number): { shown: string[]; true: string[] } {
    const { notifications = [], hasMore } = this.tabs[at]?.inbox.getState() ?? {}
    const all = this.server.inbox(this.server.heads())
    return {
      shown: notifications.map(told),
      true: (hasMore ? all.slice(0, notifications.length) : all).map(told),
    }
  }

  countsOf(at: number) {
    const { until: _, ...counts } = this.server.counts(this.server.heads())
    return { shown: this.tabs[at]?.inbox.getState().counts, true: counts }
  }

  /** Of the newest operation on the disk: does a tab that has a list show what it does? */
  async showsWhatWaits(): Promise<string | null> {
    const rows = await this.disk.rows.all('ben')
    const last = rows.at(-1)
    if (!last || !('id' in last.wish)) return null
    const state = stateOf(last.wish)
    for (const tab of this.#alive()) {
      const { notifications, unsent } = tab.inbox.getState()
      // What was answered waits for nothing but its removal; of what a dying tab wrote last, nobody has heard.
      if (unsent.count !== rows.length) continue
      const entry = notifications.find(({ id }) => 'id' in last.wish && id === last.wish.id)
      if (entry && !SHOWS[state]?.(entry)) return `${state} does not show`
    }
    return null
  }

  #alive(): Tab[] {
    return this.tabs.flatMap((tab) => tab ?? [])
  }

  #serve(request: Request): void {
    if (request.answer) return
    if (!request.command) request.answer = { value: request.ask(this.server) }
    else {
      this.heard.push(request.command)
      request.answer = { value: this.#isRefusing ? REFUSAL : request.ask(this.server) }
      this.#isRefusing = false
    }
  }

  /** No answer comes, whether the server looked at it or not. */
  #lose(request: Request | undefined, bits: number): void {
    if (!request) return
    if (this.#isOnline && bits % 2 === 1) this.#serve(request)
    if (request.answer && request.command) this.lost += 1
    this.#drop(request)
    if (request.tab.isAlive) request.settle(LOST)
  }

  #drop(request: Request): void {
    this.#requests = this.#requests.filter((one) => one !== request)
  }
}

const SHOWS: Record<string, (entry: InboxEntry) => boolean> = {
  read: ({ state }) => state.is_read,
  unread: ({ state }) => !state.is_read,
  acknowledged: ({ state }) => state.acknowledged_at !== null,
  unarchived: () => true,
  archived: () => false,
  deleted: () => false,
}

/** What the server must have looked at for an operation. */
export function commandOf({ wish }: Operation): NaiveMark {
  const state = stateOf(wish)
  if ('id' in wish) return { notification_ids: [wish.id], state }
  return { up_to: wish.body.up_to ?? {}, state }
}

/** [TR6] Each in order, again only directly after itself; answers how many were heard again, or null. */
export function repeatsOf(
  heard: readonly NaiveMark[],
  wanted: readonly NaiveMark[],
): number | null {
  const same = (a: NaiveMark | undefined, b: NaiveMark | undefined) =>
    JSON.stringify(a) === JSON.stringify(b)
  // Where the reading may stand after each: twins are told apart by no one.
  let places = new Set([-1])
  for (const one of heard) {
    const next = [...places].flatMap((place) => [place, place + 1])
    places = new Set(next.filter((place) => place >= 0 && same(wanted[place], one)))
  }
  return places.has(wanted.length - 1) ? heard.length - wanted.length : null
}

const pick = <T>(all: readonly T[], bits: number): T => all[bits % Math.max(1, all.length)] as T

function told({ id, state }: { id: string; state: object | null }): string {
  const { is_read, seen_at, acknowledged_at } = state as Record<string, unknown>
  return `${id} ${[is_read, seen_at, acknowledged_at].map((one) => (one ? 1 : 0)).join('')}`
}
