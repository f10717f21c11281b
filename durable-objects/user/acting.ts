// What a person's device may say on the own stream, besides what every socket may (spec, section 3).
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { Hub } from '../hub/hub.ts'
import { fine, wrong, type Verdict } from '../hub/incoming.ts'
import { setSubscription } from '../hub/live-events.ts'
import type { Conn } from '../hub/sockets.ts'
import type { MembershipStore } from '../store/memberships.ts'
import type { Done, Inbox } from './inbox.ts'

export interface ActingDeps {
  hub: Hub
  inbox: Inbox
  memberships: MembershipStore
  /** Tells the person's devices, and starts the way to D1. */
  publishDone(done: Done | null): Promise<void>
}

export class Acting {
  #deps: ActingDeps

  constructor(deps: ActingDeps) {
    this.#deps = deps
  }

  async act(conn: Conn, frame: ClientFrame): Promise<Verdict> {
    const { hub, inbox, publishDone } = this.#deps
    switch (frame.type) {
      case 'state':
        hub.sockets.update(conn, { visible: frame.visible })
        return fine
      case 'seen':
        await publishDone(await inbox.bulk({ op: 'seen', up_to: frame.up_to }))
        return fine
      case 'read': {
        const targets = frame.notification_ids.map((id) => ({ id }))
        const done = await inbox.mark({ op: 'read', targets })
        await publishDone(done)
        if (done.unknown.length === 0) return fine
        return wrong('not_found', `Not known here: ${done.unknown.join(', ')}`)
      }
      case 'subscribe':
      case 'unsubscribe':
        return setSubscription(hub, conn, frame, this.managesSomewhere(conn))
      default:
        return wrong('bad_frame', `${frame.type} is not for the own stream`)
    }
  }

  /** [NO7] An own stream is of no one shop: managing any of them is enough. */
  managesSomewhere(conn: Conn): boolean {
    if (conn.about.role === 'admin') return true
    return this.#deps.memberships.all().some((row) => row.role === 'manager')
  }
}
