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

/** Of a server's own worker. The runtime does what it is asked for when the worker next runs, so it is made to run. */
export async function openInspector(server: Server): Promise<Inspector> {
  const { kind, origin, inspectorPort } = server
  const [worker, path] = kind === 'floor' ? ['floor', '/ready'] : ['shopbell', '/healthz']
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json`)
  const targets = (await response.json()) as Target[]
  const target = targets.find(({ id }) => id.endsWith(`:user:${worker}`))
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
      while (waiting.has(id)) await (await fetch(`${origin}${path}`)).text()
      return answer.promise
    },
    close: () => ws.close(),
  }
}
