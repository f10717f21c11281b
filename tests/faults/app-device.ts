// A window that runs the client of this project, so that what people see is judged, too. It hides, shows, goes offline,
// is reloaded, and marks through the client whatever the network is like.
import { createShopbell, type Hint, type Inbox, type Shopbell } from '../../client/index.ts'
import { userStream } from '../../protocol/ids.ts'
import type { Browser } from './browser.ts'
import type { DeviceEnding, MarkOp } from './history.ts'
import type { WindowAct } from './schedule.ts'

export interface AppDeviceOptions {
  name: string
  user: string
  base: string
  random: () => number
  browser: Browser
}

/** What a person did in the window. */
export interface AppMark {
  /** Null: everything. */
  id: string | null
  shown: string[]
  /** Did it hold? False also where a reload left nobody to hear of it. */
  done: Promise<boolean>
}

export class AppDevice {
  readonly name: string
  readonly user: string
  readonly #options: AppDeviceOptions
  #listeners = new Set<(hint: Hint) => void>()
  #isVisible = true
  #isOnline = true
  #app: Shopbell
  #reload = Promise.withResolvers<false>()

  constructor(options: AppDeviceOptions) {
    this.#options = options
    this.name = options.name
    this.user = options.user
    this.#app = this.#open()
  }

  #open(): Shopbell {
    const { name, user, base, random, browser } = this.#options
    const app = createShopbell({
      base,
      device: name,
      random,
      share: browser.tab(),
      outbox: async () => browser.disk,
      signIn: (api) => api.signInDev(user),
      hints: {
        isOnline: () => this.#isOnline,
        isVisible: () => this.#isVisible,
        listen: (listener) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
    })
    app.start()
    return app
  }

  act(act: WindowAct): void {
    if (act === 'reload') {
      this.#app.stop()
      this.#reload.resolve(false)
      this.#reload = Promise.withResolvers<false>()
      this.#app = this.#open()
    } else if (act === 'hide' || act === 'show') {
      this.#isVisible = act === 'show'
      this.#tell(act === 'show' ? 'visible' : 'hidden')
    } else {
      if (act !== 'focus') this.#isOnline = act === 'online'
      this.#tell(act)
    }
  }

  stop(): void {
    this.#app.stop()
  }

  /** Null: it shows nothing. `which`: 0 up to 999, of what it shows. */
  mark(op: MarkOp, which: number): AppMark | null {
    const { inbox } = this.#app
    const shown = inbox.getState().notifications.map(({ id }) => id)
    const made = (id: string | null, done: Promise<boolean>): AppMark => {
      return { id, shown, done: Promise.race([this.#done(inbox, done), this.#reload.promise]) }
    }
    if (op === 'read_all') return made(null, inbox.markAllRead())
    const id = shown[Math.floor((which / 1_000) * shown.length)]
    if (id === undefined) return null
    return made(id, this.#markOne(op, id))
  }

  /** [TR6] A verb is also content with being kept: it is done when nothing waits any more. */
  async #done(inbox: Inbox, isHeld: Promise<boolean>): Promise<boolean> {
    if (!(await isHeld)) return false
    return new Promise((resolve) => {
      const look = () => inbox.getState().unsent.count === 0 && resolve(true)
      inbox.subscribe(look)
      look()
    })
  }

  #markOne(op: Exclude<MarkOp, 'read_all'>, id: string): Promise<boolean> {
    const { inbox } = this.#app
    if (op === 'read') return inbox.markRead(id)
    if (op === 'unread') return inbox.markUnread(id)
    return op === 'archived' ? inbox.archive(id) : inbox.remove(id)
  }

  /** Somebody looks at it: it checks its socket. Each look begins its ladder anew, so it is not done all the time. */
  lookAt(): void {
    this.#isVisible = true
    this.#isOnline = true
    const { name } = this.#app.connection.getState()
    if (name === 'stopped' || name === 'waiting') this.#app.connection.restart()
    else for (const hint of ['online', 'visible', 'focus'] as const) this.#tell(hint)
  }

  get isSettled(): boolean {
    const { inbox, connection } = this.#app
    const { status, unsent } = inbox.getState()
    return connection.getState().name === 'live' && status === 'ready' && unsent.count === 0
  }

  /** Scrolls to the end of the list first. */
  async ending(): Promise<DeviceEnding> {
    const { inbox } = this.#app
    while (inbox.getState().hasMore && (await inbox.loadMore()));
    const { notifications, counts } = inbox.getState()
    const entries = notifications.toReversed().map(({ id, stream, seq, state }) => {
      return { id, stream, seq, isRead: state.is_read }
    })
    const { name, user } = this
    return { device: name, user, stream: userStream(user), entries, unread: counts.unread }
  }

  #tell(hint: Hint): void {
    for (const tell of this.#listeners) tell(hint)
  }
}
