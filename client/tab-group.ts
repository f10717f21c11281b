// The shell of a tab among others: performs with a lock, a channel and, while it leads, a connection what the machine in
// core/ decides. Loaded only when there is a token, whose subject says with whom it may share.
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { ServerFrame } from '../protocol/server-frames.ts'
import { createConnection, type ConnectionOptions } from './connection.ts'
import { assertNever } from './core/assert-never.ts'
import { takes, tabsDeadline, tabsStep } from './core/tabs-step.ts'
import {
  firstTabs,
  isLookedAt,
  stateShown,
  TABS_VERSION,
  type Tabs,
  type TabsEffect,
  type TabsEvent,
  type TabsMessage,
} from './core/tabs.ts'
import { ShopbellError } from './errors.ts'
import { createListeners } from './listeners.ts'
import { browserHints, systemClock } from './system.ts'
import { subjectOf } from './token-subject.ts'
import { createDeadline, inTurn } from './turns.ts'
import type {
  Clock,
  Connection,
  ConnectionState,
  GetToken,
  Hint,
  Hints,
  Millis,
  TabChannel,
  TabSystem,
} from './types.ts'

export interface TabGroupOptions {
  connection: ConnectionOptions
  system: TabSystem
  /** Whose tabs they are. */
  subject: string
  /** The browser has no locks for this page: it has to go alone. */
  onRefused: () => void
}

export interface TabGroup extends Connection {
  readonly subject: string
  /** The server refused this tab, and the others go on without it. */
  isOut(): boolean
}

/** The one connection of all tabs of a person, seen from one of them. `start` joins the others. */
export function createTabGroup(options: TabGroupOptions): TabGroup {
  const shell = new TabShell(options)
  return {
    subject: options.subject,
    isOut: () => shell.isOut,
    getState: () => shell.state,
    subscribe: (listener) => shell.states.add(listener),
    onFrames: (listener) => shell.frames.add(listener),
    send: (frame) => shell.send(frame),
    serverNow: () => shell.serverNow(),
    start: () => shell.start(),
    stop: () => shell.stop(),
    restart: () => shell.dispatch({ type: 'restart' }),
  }
}

/** Nobody shares with another person, another server, another stream or another build's language. */
const nameOf = ({ connection: { url, location }, subject }: TabGroupOptions) =>
  JSON.stringify(['shopbell', TABS_VERSION, url, subject, location ?? null])

class TabShell {
  readonly states = createListeners<ConnectionState>()
  readonly frames = createListeners<ServerFrame[]>()
  /** Of the connection that this tab leads with. */
  readonly hints = createListeners<Hint>()
  state: ConnectionState = { name: 'idle' }
  readonly dispatch = inTurn<TabsEvent>(
    (event) => this.#step(event),
    () => this.#arm(tabsDeadline(this.#tabs)),
  )

  readonly #options: TabGroupOptions
  readonly #name: string
  readonly #clock: Clock
  readonly #random: () => number
  readonly #hints: Hints
  readonly #arm: (at: Millis | null) => void
  #tabs: Tabs
  #channel: TabChannel | null = null
  #unlock: (() => void) | null = null
  #inner: Connection | null = null
  #unlisten: (() => void)[] = []

  constructor(options: TabGroupOptions) {
    const { connection, system } = options
    this.#options = options
    this.#name = nameOf(options)
    this.#clock = connection.clock ?? systemClock()
    this.#random = connection.random ?? Math.random
    this.#hints = connection.hints ?? browserHints()
    this.#tabs = firstTabs(system.id, connection.device)
    this.#arm = createDeadline(this.#clock, () => this.dispatch({ type: 'tick' }))
  }

  get isOut(): boolean {
    return this.#tabs.role.name === 'out'
  }

  serverNow(): Millis {
    return this.#clock.now() + this.#tabs.ahead
  }

  start(): void {
    if (this.#unlisten.length === 0) {
      this.#unlisten = [
        this.#hints.listen((hint) => this.dispatch({ type: 'hint', hint })),
        // A page that is put away must not keep the lock, nor a socket.
        this.#options.system.onPage((isHere) => (isHere ? this.#join() : this.#leave())),
      ]
    }
    this.#join()
  }

  stop(): void {
    for (const end of this.#unlisten.splice(0)) end()
    this.#leave()
  }

  send(frame: ClientFrame): boolean {
    const isTaken = takes(this.#tabs, frame)
    this.dispatch({ type: 'send', frame })
    return isTaken
  }

  #join(): void {
    this.dispatch({ type: 'start', visible: this.#hints.isVisible() })
  }

  #leave(): void {
    this.dispatch({ type: 'stop' })
  }

  #step(event: TabsEvent): void {
    const { tabs, effects } = tabsStep(this.#tabs, event, {
      now: this.#clock.now(),
      roll: this.#random(),
    })
    this.#tabs = tabs
    for (const effect of effects) this.#perform(effect)
    const state = stateShown(tabs)
    if (JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    this.states.tell(state)
  }

  #perform(effect: TabsEffect): void {
    switch (effect.kind) {
      case 'meet':
        this.#channel ??= this.#meet()
        break
      case 'part':
        this.#channel?.close()
        this.#channel = null
        break
      case 'lock':
        this.#lock(effect.steal)
        break
      case 'unlock':
        this.#unlock?.()
        this.#unlock = null
        break
      case 'post':
        this.#channel?.post(effect.message)
        break
      case 'deliver':
        this.frames.tell(effect.frames)
        break
      case 'open':
        this.#open(effect)
        break
      case 'close':
        this.#close()
        break
      case 'send':
        this.#inner?.send(effect.frame)
        break
      case 'hint':
        this.hints.tell(effect.hint)
        break
      case 'restart':
        this.#inner?.restart()
        break
      default:
        assertNever(effect)
    }
  }

  /** Only tabs of the same origin, and of a build that speaks the same, have this channel. */
  #meet(): TabChannel {
    return this.#options.system.channel(this.#name, (message) =>
      this.dispatch({ type: 'message', message: message as TabsMessage }),
    )
  }

  #lock(steal: boolean): void {
    this.#unlock?.()
    const ifCurrent = (run: () => void) => () => {
      if (this.#unlock === unlock) run()
    }
    const unlock = this.#options.system.lock(this.#name, {
      steal,
      granted: ifCurrent(() => this.dispatch({ type: 'granted' })),
      lost: ifCurrent(() => this.dispatch({ type: 'robbed' })),
      refused: ifCurrent(() => this.#options.onRefused()),
    })
    this.#unlock = unlock
  }

  #open({ device, cursor }: Extract<TabsEffect, { kind: 'open' }>): void {
    this.#close()
    const { isOnline } = this.#hints
    const inner = createConnection({
      ...this.#options.connection,
      device,
      cursor,
      getToken: this.#getToken,
      hints: {
        isOnline,
        isVisible: () => isLookedAt(this.#tabs),
        listen: (listener) => this.hints.add(listener),
      },
    })
    this.#inner = inner
    const ifCurrent = (event: (ahead: Millis) => TabsEvent) => {
      if (this.#inner === inner) this.dispatch(event(inner.serverNow() - this.#clock.now()))
    }
    inner.onFrames((frames) => ifCurrent((ahead) => ({ type: 'inner_frames', frames, ahead })))
    inner.subscribe((state) => ifCurrent((ahead) => ({ type: 'inner_state', state, ahead })))
    inner.start()
  }

  #close(): void {
    const inner = this.#inner
    this.#inner = null
    inner?.stop()
  }

  /** What comes over the socket of somebody else must not reach these tabs. */
  readonly #getToken: GetToken = async (request) => {
    const access = await this.#options.connection.getToken(request)
    if (subjectOf(access.token) === this.#options.subject) return access
    throw new ShopbellError('unauthorized', { detail: 'the token is of somebody else' })
  }
}
