// A connection that tabs share, from outside: at first nobody knows whose it is, so a connection of its own asks for a
// token as it always does, and before its socket is opened the tab goes over to the others of that person.
import type { ServerFrame } from '../protocol/server-frames.ts'
import { createConnection, type ConnectionOptions } from './connection.ts'
import { createListeners } from './listeners.ts'
import type { createTabGroup, TabGroup } from './tab-group.ts'
import { browserTabs } from './tab-system.ts'
import { subjectOf } from './token-subject.ts'
import type { Connection, ConnectionState, GetToken, TabSystem } from './types.ts'

/**
 * One connection for all tabs of a person in this browser. A socket of this tab's own where there are no others to know of,
 * where it cannot be read whose token it is, and with `false`.
 */
export function createSharedConnection(
  options: ConnectionOptions,
  system: TabSystem | false | null = browserTabs(),
): Connection {
  if (!system) return createConnection(options)
  const shell = new SharedShell(options, system)
  return {
    getState: () => shell.state,
    subscribe: (listener) => shell.states.add(listener),
    onFrames: (listener) => shell.frames.add(listener),
    send: (frame) => shell.current.send(frame),
    serverNow: () => shell.current.serverNow(),
    start: () => shell.start(),
    stop: () => shell.current.stop(),
    restart: () => shell.restart(),
  }
}

class SharedShell {
  readonly states = createListeners<ConnectionState>()
  readonly frames = createListeners<ServerFrame[]>()
  state: ConnectionState = { name: 'idle' }
  current: Connection

  readonly #options: ConnectionOptions
  readonly #system: TabSystem
  readonly #own: Connection
  #group: TabGroup | null = null
  #coming: Promise<typeof createTabGroup | null> | null = null
  #isAlone = false
  /** The server refused this tab's last token. */
  #isRefused = false

  constructor(options: ConnectionOptions, system: TabSystem) {
    this.#options = options
    this.#system = system
    this.#own = createConnection({ ...options, getToken: this.#getToken })
    this.#follow(this.#own)
    this.current = this.#own
  }

  start(): void {
    if (this.state.name === 'idle') this.#begin()
  }

  restart(): void {
    const group = this.#group
    if (this.current !== group || !group.isOut()) return this.current.restart()
    this.#isRefused = this.state.name === 'stopped'
    this.#begin()
    group.stop()
  }

  /** From a new token on. */
  #begin(): void {
    this.#coming ??= import('./tab-group.ts').then(
      ({ createTabGroup }) => createTabGroup,
      () => null,
    )
    this.#own.restart()
    this.#switch(this.#own)
  }

  readonly #getToken: GetToken = async ({ refresh = false } = {}) => {
    const access = await this.#options.getToken({ refresh: refresh || this.#isRefused })
    this.#isRefused = false
    const subject = subjectOf(access.token)
    // A build that is not on the server any more does not bring it: then each tab has its own socket.
    const make = await this.#coming
    const isOpening = this.current === this.#own && this.state.name === 'connecting'
    if (make && subject !== null && isOpening && !this.#isAlone) this.#join(make, subject)
    return access
  }

  /** The own connection ends before its socket is opened; where the browser refuses, it goes on. */
  #join(make: typeof createTabGroup, subject: string): void {
    if (this.#group?.subject !== subject) {
      this.#group = make({
        connection: this.#options,
        system: this.#system,
        subject,
        onRefused: () => this.#goAlone(),
      })
      this.#follow(this.#group)
    }
    try {
      this.#group.start()
    } catch {
      return this.#goAlone()
    }
    this.#switch(this.#group)
    this.#own.stop()
  }

  #goAlone(): void {
    this.#isAlone = true
    this.#begin()
    this.#group?.stop()
  }

  /** `to` has begun already, so that nobody is told of an end in between. */
  #switch(to: Connection): void {
    this.current = to
    this.#told(to)
  }

  #follow(connection: Connection): void {
    connection.subscribe(() => this.#told(connection))
    connection.onFrames((frames) => {
      if (connection === this.current) this.frames.tell(frames)
    })
  }

  #told(by: Connection): void {
    const state = by.getState()
    if (by !== this.current || JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    this.states.tell(state)
  }
}
