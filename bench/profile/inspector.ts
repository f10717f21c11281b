// The little of the inspector's protocol that a profile needs.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Server } from '../servers/server.ts'

export interface Inspector {
  call(method: string, params?: object): Promise<unknown>
  close(): void
}

interface Target {
  id: string
  webSocketDebuggerUrl: string
}

interface Answer {
  id?: number
  result?: unknown
  error?: { message: string }
}

/** Workers of the runtime's own that a request of ours passes: the way in, the assets' router, D1. */
const ON_THE_WAY = ['core:entry', 'd1:db:entry', 'd1:db']

/** The server's own worker first. */
export function workersOf({ kind }: Server): string[] {
  const name = kind === 'floor' ? 'floor' : 'shopbell'
  return [`core:user:${name}`, `assets:router:${name}`, ...ON_THE_WAY]
}

/** The runtime does what it is asked for when the worker next runs, so it is made to run. */
async function touch({ kind, origin }: Server): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ user_id: 'ben' })
  const answer =
    kind === 'floor'
      ? await fetch(`${origin}/api/ready`)
      : await fetch(`${origin}/api/v1/auth/dev`, { method: 'POST', headers, body })
  await answer.text()
}

export async function openInspector(
  server: Server,
  [worker = ''] = workersOf(server),
): Promise<Inspector> {
  const response = await fetch(`http://127.0.0.1:${server.inspectorPort}/json`)
  const targets = (await response.json()) as Target[]
  const target = targets.find(({ id }) => id === worker)
  if (!target) throw new Error(`the inspector knows only ${targets.map(({ id }) => id).join(', ')}`)
  const ws = new WebSocket(target.webSocketDebuggerUrl)
  await once(ws, 'open')
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  ws.on('message', (data: Buffer) => {
    const { id, result, error } = JSON.parse(data.toString()) as Answer
    const one = id === undefined ? undefined : waiting.get(id)
    if (id !== undefined) waiting.delete(id)
    if (error) one?.reject(new Error(error.message))
    else one?.resolve(result)
  })
  return {
    async call(method, params = {}) {
      const answer = Promise.withResolvers<unknown>()
      waiting.set(++last, answer)
      ws.send(JSON.stringify({ id: last, method, params }))
      const id = last
      while (waiting.has(id)) await touch(server)
      return answer.promise
    },
    close: () => ws.close(),
  }
}
