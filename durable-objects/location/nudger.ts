// [ST7] Tells user hubs that watch this location that there is more. They take it themselves, by cursor,
// so a lost or doubled nudge is harmless; only a forgotten one would not be, hence the cursor and the failed rows.
import type { Hub } from '../hub/hub.ts'
import { userPeer } from '../hub/peers.ts'
import { logLine } from '../hub/log-line.ts'
import { RPC_TIMEOUT_MS, within } from '../hub/timeouts.ts'
import { parseStream } from '../../protocol/ids.ts'
import { now } from '../clock.ts'
import type { Watcher, WatcherStore } from '../store/roster.ts'

const RETRY_MS = 2_000

/** Calls under way at once: a shop with hundreds of watchers must not open them all in one moment. */
const AT_ONCE = 50

export class Nudger {
  #hub: Hub
  #watchers: WatcherStore
  #running: Promise<void> | null = null
  #retryAt: number | null = null

  constructor(hub: Hub, watchers: WatcherStore) {
    this.#hub = hub
    this.#watchers = watchers
  }

  /** Nobody watching is nobody to tell: then everything counts as told (ST4). */
  get told(): number {
    return this.#watchers.all().length === 0 ? this.#hub.log.head : this.#hub.meta.get('nudged')
  }

  nextAt(): number | null {
    if (this.#retryAt !== null) return this.#retryAt
    return this.told < this.#hub.log.head || this.#failed().length > 0 ? now() + RETRY_MS : null
  }

  /** Tells everybody up to the head; runs once at a time and never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<void> {
    this.#retryAt = null
    while (this.told < this.#hub.log.head) {
      const head = this.#hub.log.head
      await this.#nudgeAll(this.#watchers.all())
      this.#hub.meta.set('nudged', head)
    }
    await this.#nudgeAll(this.#failed())
    if (this.#failed().length > 0) this.#retryAt = now() + RETRY_MS
  }

  #failed(): Watcher[] {
    return this.#watchers.all().filter((watcher) => watcher.failed === 1)
  }

  async #nudgeAll(watchers: Watcher[]): Promise<void> {
    for (let from = 0; from < watchers.length; from += AT_ONCE) {
      await Promise.all(watchers.slice(from, from + AT_ONCE).map((one) => this.#nudge(one)))
    }
  }

  async #nudge({ user_id, number }: Watcher): Promise<void> {
    const { id } = parseStream(this.#hub.stream)
    try {
      const hub = userPeer(this.#hub.env, user_id)
      const answer = await within(RPC_TIMEOUT_MS, 'a user hub', hub.nudge(id, number))
      if (answer.nobody) this.#watchers.forget(user_id, number)
      else this.#watchers.setFailed(user_id, false)
    } catch (error) {
      logLine('nudge.failed', { stream: this.#hub.stream, user: user_id }, error)
      this.#watchers.setFailed(user_id, true)
    }
  }
}
