// One per shop: its stream, its sockets, its roster. A shell: it plugs sockets, alarm and calls into the rules.
import { DurableObject } from 'cloudflare:workers'
import { readLocationCopy } from '../db/hub-copies.ts'
import type { Connection } from '../protocol/api.ts'
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { HubEnv } from './env.ts'
import { appendSends, settleArchived } from './hub/append.ts'
import { Hub } from './hub/hub.ts'
import { lateEntry } from './hub/late-entry.ts'
import { fine, handleText, wrong, type Verdict } from './hub/incoming.ts'
import { publishEvent, setSubscription } from './hub/live-events.ts'
import type { Conn } from './hub/sockets.ts'
import { acceptSocket, readSocketRequest, refuseUpgrade } from './hub/upgrade.ts'
import { LocationDirectory } from './location/directory.ts'
import { Nudger } from './location/nudger.ts'
import { Readers } from './location/readers.ts'
import { Room } from './location/room.ts'
import type {
  EventResult,
  Head,
  LiveEvent,
  LocationHubRpc,
  PullPage,
  PullRequest,
  RetryResult,
  SendItem,
  SendResult,
} from './rpc.ts'
import { PresenceStore, RosterStore, WatcherStore } from './store/roster.ts'

export class LocationHub extends DurableObject<HubEnv> implements LocationHubRpc {
  #hub: Hub
  #roster: RosterStore
  #watchers: WatcherStore
  #directory: LocationDirectory
  #readers: Readers
  #nudger: Nudger
  #room: Room

  constructor(ctx: DurableObjectState, env: HubEnv) {
    super(ctx, env)
    this.#hub = new Hub(ctx, env, {
      readerKey: (conn, first) => this.#readers.key(conn, first),
      refreshDirectory: () => this.#directory.refresh(),
      lateOf: (entry) => lateEntry(entry, null),
    })
    this.#roster = new RosterStore(this.#hub.sql)
    this.#watchers = new WatcherStore(this.#hub.sql)
    this.#nudger = new Nudger(this.#hub, this.#watchers)
    this.#room = new Room(this.#hub, new PresenceStore(this.#hub.sql))
    this.#directory = new LocationDirectory(this.#hub, this.#roster, {
      read: () => this.#hub.readCopy(readLocationCopy),
      onLeft: (userId) => this.#removed(userId),
    })
    this.#readers = new Readers(this.#hub, this.#roster, () => this.#directory.timeZone)
  }

  override async fetch(request: Request): Promise<Response> {
    const asked = readSocketRequest(request)
    try {
      if (!(await this.#directory.ready())) {
        return refuseUpgrade(request, 'forbidden', 'You are not a member of this location.')
      }
    } catch {
      return refuseUpgrade(request, 'unavailable', 'This location cannot be opened right now.')
    }
    const role = this.#readers.roleOf(asked.identity)
    if (!role) return refuseUpgrade(request, 'forbidden', 'You are not a member of this location.')
    this.#sweep()
    const answer = acceptSocket(this.#hub, request, {
      asked,
      role,
      extra: { presence: this.#room.list() },
      frameFor: (entry, conn) => this.#readers.frameFor(entry, conn),
    })
    this.#room.stepFor(asked.identity.sub)
    await this.#arm()
    return answer
  }

  async send(
    items: SendItem[],
    caller: { managerId: string } | null,
    waitMs: number,
  ): Promise<SendResult[]> {
    if (!(await this.#directory.ready())) {
      const detail = 'There is no such location.'
      return items.map(() => ({ ok: false, code: 'unknown_recipient', detail, pointer: '/to' }))
    }
    if (caller && this.#roster.get(caller.managerId)?.role !== 'manager') {
      const detail = 'Only a manager of this location may send to it.'
      return items.map(() => ({ ok: false, code: 'forbidden', detail }))
    }
    const { results, entries } = appendSends(this.#hub, items)
    this.#sweep()
    this.#hub.outbound.push(entries.map((entry) => this.#readers.out(entry)))
    if (entries.length > 0) this.ctx.waitUntil(this.#nudger.run().then(() => this.#arm()))
    await this.#arm()
    const settled = await settleArchived(this.#hub, results, waitMs)
    this.#hub.trim(this.#nudger.told)
    return settled
  }

  async publish(event: LiveEvent, caller: { managerId: string } | null): Promise<EventResult> {
    if (!(await this.#directory.ready())) {
      const detail = 'There is no such location.'
      return { ok: false, code: 'unknown_recipient', detail, pointer: '/to' }
    }
    if (caller && this.#roster.get(caller.managerId)?.role !== 'manager') {
      const detail = 'Only a manager of this location may send to it.'
      return { ok: false, code: 'forbidden', detail }
    }
    this.#sweep()
    const sockets = publishEvent(this.#hub, event, (conn, managersOnly) =>
      this.#readers.mayHear(conn, managersOnly),
    )
    await this.#arm()
    return { ok: true, sockets }
  }

  async head(): Promise<Head | null> {
    return (await this.#directory.ready()) ? this.#hub.head : null
  }

  async vouch(managerId: string, memberId: string): Promise<boolean> {
    if (!(await this.#directory.ready())) return false
    return this.#roster.get(managerId)?.role === 'manager' && this.#roster.get(memberId) !== null
  }

  async pull(request: PullRequest): Promise<PullPage | null> {
    if (!(await this.#directory.ready())) return null
    const known = this.#roster.get(request.user_id)
    if (!known) return null
    const nobodyWatched = this.#watchers.all().length === 0
    this.#watchers.watch(request.user_id, request.number)
    if (request.opening) this.#watchers.setTold(request.user_id)
    // Whoever watches first has just been told by this very answer.
    if (nobodyWatched) this.#hub.meta.set('nudged', this.#hub.log.head)
    // Whether it may be seen is decided there anyway; who hears of a change last must not pass over what it is for.
    return this.#readers.page(request.membership ?? known, request)
  }

  async refreshDirectory(): Promise<void> {
    await this.#directory.refresh()
    this.#room.step()
    await this.#arm()
  }

  async connections(userId: string): Promise<Connection[]> {
    this.#sweep()
    await this.#arm()
    return this.#hub.sockets.describe(this.#hub.stream, userId)
  }

  retryParked(seq: number): Promise<RetryResult> {
    return this.#hub.retries.retry(seq).finally(() => this.#arm())
  }

  async wake(): Promise<void> {
    this.#hub.archiver.forgetWait()
    await this.alarm()
  }

  override async alarm(): Promise<void> {
    if (!this.#hub.hasBegun) return
    this.#hub.alarm.forget()
    try {
      this.#sweep()
      this.#room.step()
      await Promise.all([this.#hub.archive(), this.#nudger.retry()])
      this.#hub.trim(this.#nudger.told)
      this.#hub.forgetOld([])
    } finally {
      await this.#arm()
    }
  }

  override async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const conn = this.#hub.sockets.of(ws)
    if (!conn) return
    this.#sweep()
    await handleText(this.#hub, conn, data, {
      act: (from, frame) => this.#act(from, frame),
      roleOf: (identity) => this.#readers.roleOf(identity),
    })
    await this.#arm()
  }

  override async webSocketClose(ws: WebSocket, code: number, reason: string): Promise<void> {
    this.#hub.ended(ws, code, reason)
    this.#left(ws)
    await this.#arm()
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    this.#hub.stats.count('errors')
    this.#hub.stats.ended(ws)
    this.#left(ws)
    await this.#arm()
  }

  #act(conn: Conn, frame: ClientFrame): Verdict {
    // A display reads, and says no more than that it is there.
    if (
      conn.about.role !== 'display' &&
      (frame.type === 'subscribe' || frame.type === 'unsubscribe')
    ) {
      return setSubscription(this.#hub, conn, frame, this.#readers.mayHear(conn, true))
    }
    if (frame.type !== 'state') return wrong('bad_frame', `${frame.type} is for the own stream`)
    this.#hub.sockets.update(conn, { visible: frame.visible })
    this.#room.stepFor(conn.about.sub)
    return fine
  }

  #left(ws: WebSocket): void {
    const conn = this.#hub.sockets.of(ws)
    if (conn) this.#room.stepFor(conn.about.sub, ws)
    else this.#room.step(ws)
  }

  /** [AU8] Removed from the shop: open sockets end, nothing more is told. */
  #removed(userId: string): void {
    this.#watchers.remove(userId)
    for (const conn of this.#hub.sockets.open(userId)) {
      if (conn.about.role === 'member') this.#hub.sockets.bye(conn, 4503)
    }
  }

  /** Also the first thing of a life: the room's next look is forgotten by hibernation, the alarm must not be. */
  #sweep(): void {
    this.#hub.sockets.sweep(() => this.#room.step())
  }

  #arm(): Promise<void> {
    return this.#hub.arm([this.#nudger.nextAt(), this.#room.nextAt()])
  }
}
