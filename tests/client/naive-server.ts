// The oracle of the fold: one person's inbox on a server that works everything out from scratch, each time, from the
// logs. A log per stream, a copy of all in the own stream (ST7), and an archive that lags behind each (AR5).
import type { Counts, CountAnswer, InboxAnswer } from '../../protocol/api.ts'
import type { Category } from '../../protocol/notification-types.ts'
import type { Notification } from '../../protocol/notification.ts'
import type {
  LoggedFrame,
  ServerFrame,
  StateChange,
  WelcomeFrame,
} from '../../protocol/server-frames.ts'
import { WELCOME } from '../fakes/fake-socket.ts'
import { apply, BLANK, NO_FACTS, stateOf, type Facts } from './naive-facts.ts'

export const OWN = 'user:ben'
export const EPOCH = '01935a00-0000-7000-8000-000000000001'
export const LOCATIONS = ['downtown', 'harbour'] as const
export type LocationName = (typeof LOCATIONS)[number]

/** Few, so that lists have pages. */
const PAGE = 4

export interface NaiveMark {
  notification_ids?: string[]
  up_to?: Record<string, number>
  category?: Category
  state: StateChange
}

interface Logged {
  stream: string
  seq: number
  at: number
  what: { n: Notification } | { mark: NaiveMark }
}

export interface SendWish {
  to: LocationName | 'ben'
  category: Category
  key: string | null
  roles: 'staff' | null
  livesMs: number | null
  requiresAck: boolean
  hasActions: boolean
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

export class NaiveServer {
  now = Date.parse(WELCOME.server_time)
  /** The seq at which each membership began. */
  readonly members = new Map<LocationName, number>([
    ['downtown', 0],
    ['harbour', 0],
  ])
  readonly homes: Record<string, Logged[]> = {
    'location:downtown': [],
    'location:harbour': [],
    [OWN]: [],
  }
  /** The own stream: its seq is the index plus one. */
  readonly own: Logged[] = []
  readonly archived: Record<string, number> = {
    'location:downtown': 0,
    'location:harbour': 0,
    [OWN]: 0,
  }
  floor = 0
  #pulled: Record<string, number> = { 'location:downtown': 0, 'location:harbour': 0 }
  #sent = 0
  /** Frames of entries as they are written to the own stream, for the socket that is open. */
  onFrame: (frame: ServerFrame) => void = () => {}

  // --- what happens

  send(wish: SendWish): void {
    const stream = wish.to === 'ben' ? OWN : `location:${wish.to}`
    const to: Record<string, unknown> =
      wish.to === 'ben' ? { user_id: 'ben' } : { location_id: wish.to }
    if (wish.roles && wish.to !== 'ben') to['roles'] = [wish.roles]
    const seq = this.#nextSeq(stream)
    this.now += 1
    this.#sent += 1
    this.#write(stream, seq, {
      n: {
        ...BLANK,
        id: `id-${String(this.#sent).padStart(4, '0')}`,
        category: wish.category,
        to,
        sent_at: new Date(this.now).toISOString(),
        expires_at: wish.livesMs === null ? null : iso(this.now + wish.livesMs),
        collapse_key: wish.key,
        replaces: this.#holderOf(stream, wish.key, to),
        requires_ack: wish.requiresAck,
        actions: wish.hasActions ? [{ id: 'yes', label: 'Yes' }] : [],
        stream,
        seq,
      },
    })
  }

  /** A change that the home stream itself says: cancelled, or somebody else acted. */
  announce(id: string, state: 'cancelled' | 'acted'): void {
    const home = this.#find(id)
    if (!home || home.stream === OWN) return
    this.now += 1
    this.#write(home.stream, this.#nextSeq(home.stream), {
      mark: { notification_ids: [id], state },
    })
  }

  /** What the person does, on whatever device. False: it changed nothing, and there is no frame. */
  mark(mark: NaiveMark): boolean {
    for (const location of LOCATIONS) this.pull(location)
    const before = JSON.stringify([...this.#facts(this.heads())])
    const clamped = mark.up_to && {
      up_to: Object.fromEntries(
        Object.entries(mark.up_to).map(([stream, seq]) => [
          stream,
          Math.min(seq, this.heads()[stream] ?? 0),
        ]),
      ),
    }
    this.now += 1
    const seq = this.own.length + 1
    const entry: Logged = {
      stream: OWN,
      seq,
      at: this.now,
      what: { mark: { ...mark, ...clamped } },
    }
    this.homes[OWN]?.push(entry)
    if (JSON.stringify([...this.#facts(this.heads())]) === before) {
      this.homes[OWN]?.pop()
      return false
    }
    this.#copy(entry)
    return true
  }

  /** [IN2] What the person may not see (any more) is not there for a mark: 404. */
  knows({ notification_ids = [] }: NaiveMark): boolean {
    const visible = new Set(this.#visible(this.heads()).map(({ id }) => id))
    return notification_ids.every((id) => visible.has(id))
  }

  /** [ST7] The user hub takes what it lacks of a location. */
  pull(location: LocationName): void {
    const stream = `location:${location}`
    const from = this.members.get(location)
    const all = this.homes[stream] ?? []
    if (from === undefined) return
    for (const entry of all.slice(Math.max(from, this.#pulled[stream] ?? 0))) this.#copy(entry)
    this.#pulled[stream] = all.length
  }

  /** Is there something of a location that the own stream does not have yet? */
  lacks(location: LocationName): boolean {
    const stream = `location:${location}`
    const all = this.homes[stream]?.length ?? 0
    return this.members.has(location) && all > (this.#pulled[stream] ?? 0)
  }

  /** D1 gets up to `count` more entries of a stream. */
  archive(stream: string, count: number): void {
    const waiting = (this.homes[stream] ?? []).filter(
      ({ seq }) => seq > (this.archived[stream] ?? 0),
    )
    const last = waiting.slice(0, count).at(-1)
    if (last) this.archived[stream] = last.seq
  }

  leave(location: LocationName): void {
    if (!this.members.delete(location)) return
    this.#membershipsChanged(location, null)
  }

  join(location: LocationName): void {
    if (this.members.has(location)) return
    this.members.set(location, this.heads()[`location:${location}`] ?? 0)
    this.#membershipsChanged(location, 'staff')
  }

  // --- what it says

  /** [WS4] The frames of an opening: the welcome, and what was missed if that is known. */
  open(since: number | null): ServerFrame[] {
    for (const location of LOCATIONS) this.pull(location)
    const recovered = since !== null && since >= this.floor
    const heads = Object.fromEntries(
      this.#streams().map((stream) => [
        stream,
        {
          epoch: EPOCH,
          seq: stream === OWN ? (this.heads()[OWN] ?? 0) : (this.#pulled[stream] ?? 0),
        },
      ]),
    )
    const welcome: WelcomeFrame = {
      ...WELCOME,
      stream: OWN,
      epoch: EPOCH,
      seq: this.own.length,
      recovered,
      memberships: Object.fromEntries([...this.members.keys()].map((name) => [name, 'staff'])),
      heads,
    }
    const facts = this.#facts(this.heads())
    const missed = recovered ? this.own.slice(since) : []
    const shown = missed.filter(
      ({ stream, what }) =>
        this.#streams().includes(stream) &&
        // What is over is skipped, except where it replaced an entry that the client may hold.
        !(
          'n' in what &&
          what.n.replaces === null &&
          (facts.get(what.n.id)?.gone || this.#isExpired(what.n))
        ),
    )
    return [welcome, ...shown.map((entry) => this.#frameOf(entry))]
  }

  heads(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.homes).map(([stream, log]) => [stream, log.at(-1)?.seq ?? 0]),
    )
  }

  list(after: string | null): InboxAnswer {
    const all = this.inbox(this.archived)
    const rest = after === null ? all : all.filter(({ sent_at }) => sent_at < after)
    const data = rest.slice(0, PAGE)
    const has_more = rest.length > data.length
    const { as_of, epochs, ...counts } = this.count()
    const last = data.at(-1)?.sent_at ?? null
    return {
      data,
      page: { before: null, after: has_more ? last : null, has_more },
      counts,
      as_of,
      epochs,
    }
  }

  count(): CountAnswer {
    const streams = this.#streams()
    const cursor = (stream: string) => this.archived[stream] ?? 0
    return {
      ...this.counts(this.archived),
      as_of: Object.fromEntries(streams.map((stream) => [stream, cursor(stream)])),
      epochs: Object.fromEntries(
        streams.map((stream) => [stream, cursor(stream) > 0 ? EPOCH : null]),
      ),
    }
  }

  /** The list as somebody sees it who has everything up to there. */
  inbox(upTo: Record<string, number>): Notification[] {
    const facts = this.#facts(upTo)
    return this.#visible(upTo)
      .filter((n) => !facts.get(n.id)?.archived)
      .map((n) => ({ ...n, state: stateOf(facts.get(n.id) ?? NO_FACTS) }))
      .toSorted((a, b) => (a.sent_at < b.sent_at ? 1 : -1))
  }

  counts(upTo: Record<string, number>): Counts {
    const all = this.inbox(upTo)
    const asks = (n: Notification) =>
      (n.requires_ack && !n.state?.acknowledged_at) || (n.actions.length > 0 && !n.state?.outcome)
    const counted = all.filter((n) => !n.state?.is_read || !n.state.seen_at || asks(n))
    const ends = counted.flatMap(({ expires_at }) => expires_at ?? []).toSorted()
    return {
      unread: all.filter((n) => !n.state?.is_read).length,
      unseen: all.filter((n) => !n.state?.seen_at).length,
      action_required: all.filter(asks).length,
      until: ends[0] ?? null,
    }
  }

  // --- below

  #streams(): string[] {
    return [OWN, ...[...this.members.keys()].map((name) => `location:${name}`)]
  }

  #nextSeq(stream: string): number {
    return stream === OWN ? this.own.length + 1 : (this.homes[stream]?.length ?? 0) + 1
  }

  #write(stream: string, seq: number, what: Logged['what']): void {
    const entry: Logged = { stream, seq, at: this.now, what }
    this.homes[stream]?.push(entry)
    if (stream === OWN) this.#copy(entry)
  }

  #copy(entry: Logged): void {
    this.own.push(entry)
    this.onFrame(this.#frameOf(entry))
  }

  #frameOf(entry: Logged): LoggedFrame {
    const { stream, seq, what, at } = entry
    const place = { stream, seq }
    const ownSeq = this.own.indexOf(entry) + 1
    if ('n' in what) {
      const state = stateOf(this.#facts(this.heads()).get(what.n.id) ?? NO_FACTS)
      return { type: 'notification', seq: ownSeq, data: { ...what.n, state } }
    }
    const outcome = { action: 'yes', user_id: 'cleo', at: new Date(at).toISOString() }
    return {
      type: 'notification_state',
      seq: ownSeq,
      data: {
        ...what.mark,
        at: new Date(at).toISOString(),
        ...place,
        ...(what.mark.state === 'acted' && { outcome }),
      },
    }
  }

  #membershipsChanged(location: LocationName, role: 'staff' | null): void {
    this.#pulled[`location:${location}`] = this.heads()[`location:${location}`] ?? 0
    // An entry that nobody is shown, so that a resume from before it is none; an empty stream stays empty.
    if (this.own.length > 0) this.own.push(NOTHING)
    this.floor = this.own.length
    this.onFrame({ type: 'membership', data: { location_id: location, role } })
  }

  #find(id: string): Logged | undefined {
    return Object.values(this.homes)
      .flat()
      .find(({ what }) => 'n' in what && what.n.id === id)
  }

  #holderOf(stream: string, key: string | null, to: Notification['to']): string | null {
    if (key === null) return null
    const same = (this.homes[stream] ?? []).flatMap(({ what }) =>
      'n' in what && what.n.collapse_key === key && isSame(what.n.to, to) ? [what.n.id] : [],
    )
    return same.at(-1) ?? null
  }

  #isExpired({ expires_at }: Notification): boolean {
    return expires_at !== null && Date.parse(expires_at) <= this.now
  }

  #visible(upTo: Record<string, number>): Notification[] {
    const facts = this.#facts(upTo)
    return this.#streams().flatMap((stream) => {
      const name = LOCATIONS.find((one) => `location:${one}` === stream)
      const from = name === undefined ? 0 : (this.members.get(name) ?? 0)
      return (this.homes[stream] ?? []).flatMap(({ seq, what }) =>
        'n' in what &&
        seq > from &&
        seq <= (upTo[stream] ?? 0) &&
        !facts.get(what.n.id)?.gone &&
        !this.#isExpired(what.n)
          ? [what.n]
          : [],
      )
    })
  }

  /** Every entry's facts from every mark and announcement up to there, in order. */
  #facts(upTo: Record<string, number>): Map<string, Facts> {
    const within = (stream: string) =>
      (this.homes[stream] ?? []).filter(({ seq }) => seq <= (upTo[stream] ?? 0))
    const known = Object.keys(this.homes).flatMap(within)
    const all = known.flatMap(({ what }) => ('n' in what ? [what.n] : []))
    const facts = new Map(all.map(({ id }) => [id, { ...NO_FACTS }]))
    for (const { replaces } of all) {
      const replaced = replaces === null ? undefined : facts.get(replaces)
      if (replaced) replaced.gone = true
    }
    for (const { what } of known) {
      if (!('mark' in what)) continue
      const { mark } = what
      for (const n of all) {
        const isNamed = mark.notification_ids
          ? mark.notification_ids.includes(n.id)
          : n.seq <= (mark.up_to?.[n.stream] ?? 0) &&
            (mark.category === undefined || mark.category === n.category)
        const fact = facts.get(n.id)
        if (isNamed && fact) apply(fact, mark.state)
      }
    }
    return facts
  }
}

const NOTHING: Logged = { stream: 'nobody', seq: 0, at: 0, what: { mark: { state: 'read' } } }

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
