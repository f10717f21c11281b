// A device that runs the client of this project, so that what people see is judged, too.
import { createShopbell, type Hint, type Shopbell } from '../../client/index.ts'
import { userStream } from '../../protocol/ids.ts'
import type { DeviceEnding } from './history.ts'

export class AppDevice {
  readonly name: string
  readonly user: string
  readonly #app: Shopbell
  #listeners = new Set<(hint: Hint) => void>()

  constructor({ name, user, base }: { name: string; user: string; base: string }) {
    this.name = name
    this.user = user
    this.#app = createShopbell({
      base,
      device: name,
      signIn: (api) => api.signInDev(user),
      hints: {
        isOnline: () => true,
        isVisible: () => true,
        listen: (listener) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
    })
  }

  start(): void {
    this.#app.start()
  }

  stop(): void {
    this.#app.stop()
  }

  /** Somebody looks at it: it checks its socket. Each look begins its ladder anew, so it is not done all the time. */
  lookAt(): void {
    const { name } = this.#app.connection.getState()
    if (name === 'stopped' || name === 'waiting') this.#app.connection.restart()
    else for (const tell of this.#listeners) tell('focus')
  }

  get isSettled(): boolean {
    const { inbox, connection } = this.#app
    return connection.getState().name === 'live' && inbox.getState().status === 'ready'
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
}
