// [ST7] Tells user hubs that watch this location that there is more. They take it themselves, by cursor,
// so a lost or doubled nudge is harmless; only a forgotten one would not be, hence the cursor, and a row for whom it could not
// reach, or not soon: one hub that hangs must not keep the others from the next entry.
import type { Hub } from '../hub/hub.ts'
import { userPeer } from '../hub/peers.ts'
import { logLine } from '../hub/log-line.ts'
import { RPC_TIMEOUT_MS, within } from '../timeouts.ts'
import { parseStream } from '../../protocol/ids.ts'
import { now } from '../clock.ts'
import type { Watcher, WatcherStore } from '../store/roster.ts'

const RETRY_MS = 2_000

/** So long the others wait for one; a hub that must first be woken answers sooner. */
const PATIENCE_MS = 300

/** Calls under way at once: a shop with hundreds of watchers must not open them all in one moment. */
const AT_ONCE = 50

/** A call on its way: an answer says that the watcher has heard of everything up to here. */
interface Nudge {
  upTo: number
  answer: Promise<'told' | 'failed'>
}

export class Nudger {
  #hub: Pick<Hub, 'stream' | 'env' | 'ctx' | 'meta' | 'log'>
  #watchers: WatcherStore
  #running: Promise<void> | null = null
  #retryAt: number | null = null
  /** Watchers with a row whose answer is still waited for. */
  #followed = new Set<string>()

  constructor(hub: Pick<Hub, 'stream' | 'env' | 'ctx' | 'meta' | 'log'>, watchers: WatcherStore) {
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
    const untold = this.#untold().filter((one) => !this.#followed.has(one.user_id))
    await this.#inGroups(untold, async (one, late) => {
      await Promise.race([this.#follow(one.user_id, this.#nudge(one)), late])
    })
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
      const upToDate = this.#watchers.all().filter((watcher) => watcher.untold === null)
      await this.#inGroups(upToDate, (one, late) => this.#tell(one, late))
      this.#hub.meta.set('nudged', Math.max(head, this.#nudged))
    }
  }

  #untold(): Watcher[] {
    return this.#watchers.all().filter((watcher) => watcher.untold !== null)
  }

  /** `late` resolves when a group has taken long enough. */
  async #inGroups(
    watchers: readonly Watcher[],
    work: (one: Watcher, late: Promise<'late'>) => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < watchers.length; from += AT_ONCE) {
      const late = Promise.withResolvers<'late'>()
      const timer = setTimeout(() => late.resolve('late'), PATIENCE_MS)
      const group = watchers.slice(from, from + AT_ONCE)
      await Promise.all(group.map((one) => work(one, late.promise)))
      clearTimeout(timer)
    }
  }

  /** Whoever does not answer soon has a row before the cursor moves on, and is told apart from the others. */
  async #tell(watcher: Watcher, late: Promise<'late'>): Promise<void> {
    const nudge = this.#nudge(watcher)
    const outcome = await Promise.race([nudge.answer, late])
    if (outcome === 'told') return
    this.#watchers.setUntold(watcher.user_id, this.#nudged)
    if (outcome === 'late') this.#hub.ctx.waitUntil(this.#follow(watcher.user_id, nudge))
  }

  /**
   * Waits for somebody with a row, and tells them of what came meanwhile. Only who has heard of everything loses the row:
   * a run that is under way has left them out.
   */
  async #follow(userId: string, first: Nudge): Promise<void> {
    this.#followed.add(userId)
    let nudge = first
    while ((await nudge.answer) === 'told') {
      if (nudge.upTo >= this.#hub.log.head) {
        this.#watchers.setTold(userId)
        break
      }
      const watcher = this.#watchers.get(userId)
      if (!watcher) break
      nudge = this.#nudge(watcher)
    }
    this.#followed.delete(userId)
  }

  #nudge(watcher: Watcher): Nudge {
    return { upTo: this.#hub.log.head, answer: this.#call(watcher) }
  }

  async #call({ user_id, number }: Watcher): Promise<'told' | 'failed'> {
    const { id } = parseStream(this.#hub.stream)
    try {
      const hub = userPeer(this.#hub.env, user_id)
      const answer = await within(RPC_TIMEOUT_MS, hub.nudge(id, number), 'a user hub')
      if (answer.nobody) this.#watchers.forget(user_id, number)
      return 'told'
    } catch (error) {
      logLine('nudge.failed', { stream: this.#hub.stream, user: user_id }, error)
      return 'failed'
    }
  }
}
