// One per person: the own stream, its sockets, what the person did with entries. A shell: it plugs sockets,
// alarm and calls into the rules.
import { DurableObject } from 'cloudflare:workers'
import { readUserCopy } from '../db/hub-copies.ts'
import type { Connection } from '../protocol/api.ts'
import type { PushDevice, PushTestAnswer } from '../protocol/push.ts'
import type { HubEnv } from './env.ts'
import { appendSends, settleArchived } from './hub/append.ts'
import { Hub } from './hub/hub.ts'
import { lateEntry } from './hub/late-entry.ts'
import { handleText } from './hub/incoming.ts'
import { publishEvent } from './hub/live-events.ts'
import { acceptSocket, readSocketRequest, refuseUpgrade } from './hub/upgrade.ts'
import type {
  BulkCommand,
  CommandResult,
  EventResult,
  Identity,
  LiveEvent,
  MarkCommand,
  RetryResult,
  SendItem,
  SendResult,
  UserHubRpc,
} from './rpc.ts'
import type { LogEntry } from './store/log.ts'
import { MarkStore } from './store/marks.ts'
import { MembershipStore } from './store/memberships.ts'
import { Acting } from './user/acting.ts'
import { Commands, nobody } from './user/commands.ts'
import { Inbox, type Done } from './user/inbox.ts'
import { OwnFrames } from './user/own-frames.ts'
import { Person, type MembershipChange } from './user/person.ts'
import { Pulls } from './user/pulls.ts'
import { Pushes } from './user/pushes.ts'

export class UserHub extends DurableObject<HubEnv> implements UserHubRpc {
  #hub: Hub
  #memberships: MembershipStore
  #marks: MarkStore
  #person: Person
  #pulls: Pulls
  #commands: Commands
  #frames: OwnFrames
  #acting: Acting
  #pushes: Pushes

  constructor(ctx: DurableObjectState, env: HubEnv) {
    super(ctx, env)
    this.#hub = new Hub(ctx, env, {
      readerKey: () => 'the person',
      refreshDirectory: () => this.#person.refresh(),
      lateOf: (entry) => lateEntry(entry, this.#marks),
    })
    this.#memberships = new MembershipStore(this.#hub)
    this.#marks = new MarkStore(this.#hub.sql)
    this.#pulls = new Pulls(this.#hub, this.#memberships, {
      hasDevices: () => this.#pushes.hasDevices,
      onCopied: (entries) => this.#publish(entries),
      onBehind: () => ctx.waitUntil(this.#arm()),
      onGap: () => this.#hub.sockets.closeAll(4001),
    })
    this.#person = new Person(this.#hub, this.#memberships, {
      read: () => this.#hub.readCopy(readUserCopy),
      take: (copy) => this.#pushes.take(copy.push),
      onChange: (changes) => this.#membershipsChanged(changes),
    })
    const parts = {
      hub: this.#hub,
      memberships: this.#memberships,
      marks: this.#marks,
      person: this.#person,
    }
    this.#frames = new OwnFrames(parts)
    const inbox = new Inbox({ ...parts, frames: this.#frames, pulls: this.#pulls })
    const publishDone = (done: Done | null) => this.#publishDone(done)
    this.#acting = new Acting({ ...parts, inbox, publishDone })
    this.#commands = new Commands({ ...parts, inbox, publishDone })
    this.#pushes = new Pushes({
      ...parts,
      frames: this.#frames,
      watch: () => this.#pulls.watch(this.#hub.sockets.open().length === 0),
      onSettled: () => ctx.waitUntil(this.#arm()),
    })
  }

  override async fetch(request: Request): Promise<Response> {
    const asked = readSocketRequest(request)
    const role = this.#person.roleOf(asked.identity)
    try {
      if (!role || !(await this.#person.ready())) {
        return refuseUpgrade(request, 'forbidden', 'This stream is not yours.')
      }
    } catch {
      return refuseUpgrade(request, 'unavailable', 'Your stream cannot be opened right now.')
    }
    this.#hub.sockets.sweep()
    await this.#pulls.watch()
    const answer = acceptSocket(this.#hub, request, {
      asked,
      role,
      extra: this.#frames.inWelcome(),
      frameFor: (entry) => this.#frames.frameFor(entry),
    })
    await this.#arm()
    return answer
  }

  async send(items: SendItem[], waitMs: number): Promise<SendResult[]> {
    if (!(await this.#person.ready())) {
      const detail = 'There is no such person.'
      return items.map(() => ({ ok: false, code: 'unknown_recipient', detail, pointer: '/to' }))
    }
    const { results, entries } = appendSends(this.#hub, items, (item) =>
      this.#person.refusalOf(item),
    )
    this.#publish(entries)
    await this.#arm()
    return settleArchived(this.#hub, results, waitMs)
  }

  async publish(event: LiveEvent): Promise<EventResult> {
    if (!(await this.#person.ready()))
      return { ...nobody, code: 'unknown_recipient', pointer: '/to' }
    this.#hub.sockets.sweep()
    const sockets = publishEvent(
      this.#hub,
      event,
      (conn, managersOnly) => !managersOnly || this.#acting.managesSomewhere(conn),
    )
    await this.#arm()
    return { ok: true, sockets }
  }

  mark(command: MarkCommand, waitMs: number): Promise<CommandResult> {
    return this.#commands.mark(command, waitMs)
  }

  bulk(command: BulkCommand, waitMs: number): Promise<CommandResult> {
    return this.#commands.bulk(command, waitMs)
  }

  async nudge(locationId: string, number: number): Promise<{ nobody: boolean }> {
    this.#hub.sockets.sweep()
    if (!this.#pulls.isAnybodyHere) return this.#pulls.leave(number)
    const answered = await this.#pulls.from(locationId)
    await this.#arm()
    if (!answered) throw new Error('the location did not answer the pull')
    return { nobody: false }
  }

  async refreshDirectory(): Promise<void> {
    this.#hub.sockets.sweep()
    await this.#person.refresh()
    this.#pushes.kick()
    await this.#arm()
  }

  visit(identity: Identity, locationId: string): Promise<boolean> {
    return this.#person.visit(identity, locationId)
  }

  async connections(): Promise<Connection[]> {
    this.#hub.sockets.sweep()
    return this.#hub.sockets.describe(this.#hub.stream)
  }

  retryParked(seq: number): Promise<RetryResult> {
    return this.#hub.retries.retry(seq).finally(() => this.#arm())
  }

  async pushDevices(): Promise<PushDevice[]> {
    return (await this.#person.ready()) ? this.#pushes.devices() : []
  }

  async testPush(device: string | null): Promise<PushTestAnswer['results'] | null> {
    return (await this.#person.ready()) ? this.#pushes.test(device) : null
  }

  async wake(): Promise<void> {
    this.#hub.archiver.forgetWait()
    await this.alarm()
  }

  override async alarm(): Promise<void> {
    if (!this.#hub.hasBegun) return
    this.#hub.alarm.forget()
    try {
      this.#hub.sockets.sweep()
      this.#pushes.kick()
      await Promise.all([this.#hub.archive(), this.#pulls.retry()])
      this.#pulls.trim()
      this.#hub.forgetOld([this.#marks, this.#pushes])
    } finally {
      await this.#arm()
    }
  }

  override async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const conn = this.#hub.sockets.of(ws)
    if (!conn) return
    this.#hub.sockets.sweep()
    await handleText(this.#hub, conn, data, {
      act: (from, frame) => this.#acting.act(from, frame),
      roleOf: (identity) => this.#person.roleOf(identity),
    })
    this.#pushes.heard(conn)
    await this.#arm()
  }

  override async webSocketClose(ws: WebSocket, code: number, reason: string): Promise<void> {
    this.#hub.ended(ws, code, reason)
  }

  /** Arms here and now: what else the same text asks for may take a while, and the process may die over it. */
  #publishDone(done: Done | null): Promise<void> {
    if (done?.entry) {
      this.#publish([done.entry])
      void this.#hub.archiver.kick()
    }
    return this.#arm()
  }

  #publish(entries: readonly LogEntry[]): void {
    this.#hub.sockets.sweep()
    this.#hub.outbound.push(entries.map((entry) => this.#frames.out(entry)))
    this.#pushes.kick()
    this.#pulls.trim()
  }

  /** What a new location has comes by a pull. */
  #membershipsChanged(changes: MembershipChange[]): void {
    this.#frames.tellMemberships(changes)
    if (this.#pulls.isAnybodyHere) this.ctx.waitUntil(this.#pulls.all())
  }

  #arm(): Promise<void> {
    return this.#hub.arm([this.#pulls.nextAt(), this.#pushes.nextAt()])
  }
}
