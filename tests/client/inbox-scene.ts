// An inbox with everything around it in the test's hands: the connection's scene, and an API that waits for its answers.
import { ShopbellError } from '../../client/errors.ts'
import { createInbox } from '../../client/inbox.ts'
import type { Api, Inbox, InboxState } from '../../client/types.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { flush } from '../fakes/fake-clock.ts'
import { setScene, type Scene } from './scene.ts'
import { entry, list, said, sent } from './view-ride.ts'

export type Call = keyof Api

export interface Asked {
  call: Call
  args: unknown[]
  answer(value: unknown): Promise<void>
  fail(error?: ShopbellError): Promise<void>
}

/** An API whose every call waits until the test answers it. */
function createFakeApi(): { api: Api; asked: Asked[] } {
  const asked: Asked[] = []
  const api = new Proxy({} as Api, {
    get:
      (_api, call: Call) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          asked.push({
            call,
            args,
            answer: (value) => (resolve(value), flush()),
            fail: (error = new ShopbellError('unavailable')) => (reject(error), flush()),
          })
        }),
  })
  return { api, asked }
}

export interface Play extends Omit<Scene, 'asked'> {
  inbox: Inbox
  asked: Asked[]
  states: InboxState[]
  ids(): string[]
  last(): Asked
}

/** Nothing is started yet. */
export function set(): Play {
  const scene = setScene()
  const { api, asked } = createFakeApi()
  const inbox = createInbox({ connection: scene.connection, api, clock: scene.clock })
  const states: InboxState[] = []
  inbox.subscribe((state) => states.push(state))
  return {
    ...scene,
    inbox,
    asked,
    states,
    ids: () => inbox.getState().notifications.map(({ id }) => id),
    last() {
      const last = asked.at(-1)
      if (!last) throw new Error('nothing was asked')
      return last
    },
  }
}

/** On a socket ids are UUIDs; everything else is left out by the schema. */
export const NEW = '01935a00-0000-7000-8000-00000000000a'
export const arrives = (seq: number) => ({ ...sent('n9', { id: NEW }), seq }) as ServerFrame
export const says = (seq: number, ...mark: Parameters<typeof said>) =>
  ({ ...said(...mark), seq }) as ServerFrame

/** Live, with this list. */
export async function live(...answer: Parameters<typeof list>): Promise<Play> {
  const play = set()
  play.inbox.start()
  play.connection.start()
  await flush()
  play.server.last.welcome()
  await play.last().answer(list(...answer))
  return play
}

export const two = () => live([entry('n2'), entry('n1')], { shop: 2, own: 5, unread: 2, unseen: 2 })
