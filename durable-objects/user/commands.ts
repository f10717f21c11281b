// [IN2][AR3] What a person asks for over REST: done in the own log, then answered by whether D1 has it.
import type { Hub } from '../hub/hub.ts'
import type { BulkCommand, CommandResult, MarkCommand } from '../rpc.ts'
import type { Done, Inbox } from './inbox.ts'
import type { Person } from './person.ts'

export interface CommandsDeps {
  hub: Hub
  person: Person
  inbox: Inbox
  /** Tells the person's devices, and sets the alarm for what D1 must get. */
  publishDone(done: Done): Promise<void>
}

export const nobody = {
  ok: false,
  code: 'not_found',
  detail: 'There is no such person.',
} as const

export class Commands {
  #deps: CommandsDeps

  constructor(deps: CommandsDeps) {
    this.#deps = deps
  }

  async mark(command: MarkCommand, waitMs: number): Promise<CommandResult> {
    if (!(await this.#deps.person.ready())) return nobody
    return this.#finish(await this.#deps.inbox.mark(command), waitMs)
  }

  async bulk(command: BulkCommand, waitMs: number): Promise<CommandResult> {
    if (!(await this.#deps.person.ready())) return nobody
    const done = await this.#deps.inbox.bulk(command)
    if (!done) return { ok: false, code: 'not_found', detail: 'You are not a member there.' }
    return this.#finish(done, waitMs)
  }

  async #finish(done: Done, waitMs: number): Promise<CommandResult> {
    const { hub, publishDone } = this.#deps
    await publishDone(done)
    // Also without a change: an earlier command of the same content may still be on its way to D1.
    const seq = done.entry?.seq ?? hub.log.lastHomeSeq
    await hub.archiver.waitFor(seq, waitMs)
    const archived = hub.hasArchived(seq)
    return { ok: true, changed: done.entry !== null, archived, unknown: done.unknown }
  }
}
