// A browser with tabs: locks, channels and pages that go to sleep, in a test's hands. Whatever comes to a tab from outside
// waits while the tab is frozen, and is gone with one that crashed.
import type {
  Clock,
  LockOptions,
  SocketConstructor,
  SocketLike,
  TabSystem,
} from '../../client/types.ts'
import { createFakeWindow, type FakeWindow } from './scene.ts'
import type { FakeClock } from '../fakes/fake-clock.ts'

interface Request extends LockOptions {
  tab: FakeTab
}

/** As navigator.locks: one holder, the others wait in order, and a thief is served at once. */
class FakeLocks {
  holder: Request | null = null
  #waiting: Request[] = []

  request(request: Request): () => void {
    if (request.steal) {
      const robbed = this.holder
      this.#grant(request)
      robbed?.tab.later(() => robbed.lost())
    } else {
      this.#waiting.push(request)
      this.#next()
    }
    return () => this.#end(request)
  }

  forget(tab: FakeTab): void {
    this.#waiting = this.#waiting.filter((request) => request.tab !== tab)
    if (this.holder?.tab === tab) this.#end(this.holder)
  }

  #end(request: Request): void {
    this.#waiting = this.#waiting.filter((one) => one !== request)
    if (this.holder !== request) return
    this.holder = null
    this.#next()
  }

  #next(): void {
    const next = this.holder ? undefined : this.#waiting.shift()
    if (next) this.#grant(next)
  }

  #grant(request: Request): void {
    this.holder = request
    // A callback that was called off meanwhile is not called.
    request.tab.later(() => this.holder === request && request.granted())
  }
}

interface Listening {
  tab: FakeTab
  name: string
  hear(message: unknown): void
}

export class FakeBrowser {
  readonly clock: FakeClock
  readonly locks = new Map<string, FakeLocks>()
  readonly channels = new Set<Listening>()
  /** Everything that was posted. */
  readonly posted: unknown[] = []
  #made = 0

  constructor(clock: FakeClock) {
    this.clock = clock
  }

  tab(): FakeTab {
    return new FakeTab(this, `tab-${++this.#made}`)
  }

  lock(name: string): FakeLocks {
    const known = this.locks.get(name) ?? new FakeLocks()
    this.locks.set(name, known)
    return known
  }
}

export class FakeTab {
  readonly window: FakeWindow = createFakeWindow()
  readonly system: TabSystem
  readonly clock: Clock
  state: 'awake' | 'frozen' | 'gone' = 'awake'
  readonly #browser: FakeBrowser
  readonly #pages = new Set<(isHere: boolean) => void>()
  readonly #sockets = new Set<SocketLike>()
  #waiting: (() => void)[] = []

  constructor(browser: FakeBrowser, id: string) {
    this.#browser = browser
    this.clock = {
      now: () => browser.clock.now(),
      after: (ms, run) => browser.clock.after(ms, () => this.run(run)),
    }
    this.system = {
      id,
      lock: (name, options) => browser.lock(name).request({ ...options, tab: this }),
      channel: (name, hear) => {
        const mine: Listening = { tab: this, name, hear }
        browser.channels.add(mine)
        return {
          post: (message) => this.#post(mine, message),
          close: () => void browser.channels.delete(mine),
        }
      },
      onPage: (listener) => {
        this.#pages.add(listener)
        return () => this.#pages.delete(listener)
      },
    }
  }

  /** Something comes from outside. */
  run(task: () => void): void {
    if (this.state === 'awake') task()
    else if (this.state === 'frozen') this.#waiting.push(task)
  }

  later(task: () => void): void {
    queueMicrotask(() => this.run(task))
  }

  freeze(): void {
    if (this.state === 'awake') this.state = 'frozen'
  }

  thaw(): void {
    if (this.state !== 'frozen') return
    this.state = 'awake'
    for (const task of this.#waiting.splice(0)) task()
  }

  /** Into the back-forward cache, or out of it. */
  page(isHere: boolean): void {
    for (const listener of this.#pages) listener(isHere)
  }

  /** Without a word: the browser gives back what it held. */
  crash(): void {
    this.state = 'gone'
    for (const one of this.#browser.channels) {
      if (one.tab === this) this.#browser.channels.delete(one)
    }
    for (const socket of this.#sockets) socket.close()
    for (const locks of this.#browser.locks.values()) locks.forget(this)
  }

  /** Its sockets: what they say waits like everything else. */
  socketsOf(Socket: SocketConstructor): SocketConstructor {
    const run = (task: () => void) => this.run(task)
    const made = (socket: SocketLike) => {
      this.#sockets.add(socket)
      // What it had begun before it crashed.
      if (this.state === 'gone') socket.close()
    }
    return class {
      readonly #socket: SocketLike
      constructor(url: string, protocols: string[]) {
        this.#socket = new Socket(url, protocols)
        made(this.#socket)
      }
      send(text: string): void {
        this.#socket.send(text)
      }
      close(code?: number): void {
        this.#socket.close(code)
      }
      addEventListener(type: string, listener: (event: never) => void): void {
        const add = this.#socket.addEventListener.bind(this.#socket) as (
          type: string,
          listener: (event: never) => void,
        ) => void
        add(type, (event) => run(() => listener(event)))
      }
    }
  }

  #post(from: Listening, message: unknown): void {
    if (!this.#browser.channels.has(from)) return
    this.#browser.posted.push(message)
    const copy = structuredClone(message)
    for (const other of this.#browser.channels) {
      if (other === from || other.name !== from.name) continue
      other.tab.later(() => this.#browser.channels.has(other) && other.hear(copy))
    }
  }
}
