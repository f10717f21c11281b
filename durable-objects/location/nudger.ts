// [ST7] Tells user hubs that watch this location that there is more. They take it themselves, by cursor,
// so a lost or doubled nudge is harmless; only a forgotten one would not be, hence the cursor, and a row for whom it could not reach.
import type { Hub } from '../hub/hub.ts'
import { userPeer } from '../hub/peers.ts'
import { logLine } from '../hub/log-line.ts'
import { RPC_TIMEOUT_MS, within } from '../timeouts.ts'
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

  /** [ST4] Up to here everybody who watches was told; nobody watching is nobody to tell. */
  get told(): number {
    const watchers = this.#watchers.all()
    if (watchers.length === 0) return this.#hub.log.head
    return Math.min(this.#nudged, ...watchers.flatMap((watcher) => watcher.untold ?? []))
  }

  nextAt(): number | null {
    if (this.#isBehind) return now() + RETRY_MS
    return this.#untold().length > 0 ? (this.#retryAt ?? now() + RETRY_MS) : null
  }

  /** Tells everybody of what is new; runs once at a time and never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** For the alarm: what a crash cut off, and whoever could not be told. */
  async retry(): Promise<void> {
    await this.run()
    await this.#nudgeAll(this.#untold())
    this.#retryAt = now() + RETRY_MS
  }

  get #nudged(): number {
    return this.#hub.meta.get('nudged')
  }

  get #isBehind(): boolean {
    return this.#watchers.all().length > 0 && this.#nudged < this.#hub.log.head
  }

  // Nothing is awaited after the last look: who writes later finds no run, and starts one.
  async #run(): Promise<void> {
    while (this.#isBehind) {
      const { head } = this.#hub.log
      await this.#nudgeAll(this.#watchers.all())
      this.#hub.meta.set('nudged', Math.max(head, this.#nudged))
    }
  }

  #untold(): Watcher[] {
    return this.#watchers.all().filter((watcher) => watcher.untold !== null)
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
      const answer = await within(RPC_TIMEOUT_MS, hub.nudge(id, number), 'a user hub')
      if (answer.nobody) this.#watchers.forget(user_id, number)
      else this.#watchers.setTold(user_id)
    } catch (error) {
      logLine('nudge.failed', { stream: this.#hub.stream, user: user_id }, error)
      this.#watchers.setUntold(user_id, this.#nudged)
    }
  }
}
