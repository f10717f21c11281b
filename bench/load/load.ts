// The near side of a load process: load and server do not share an event loop, and neither does the one who compares them.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { inRoot } from '../../scripts/lib/paths.ts'
import type { Order, Report } from './child.ts'
import type { Operations } from './operations.ts'

type Given<Name extends keyof Operations> = Parameters<Operations[Name]>
type Result<Name extends keyof Operations> = Awaited<ReturnType<Operations[Name]>>

export interface Load {
  do<Name extends keyof Operations>(name: Name, ...given: Given<Name>): Promise<Result<Name>>
  stop(): Promise<void>
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export function startLoad(): Load {
  const child = fork(inRoot('bench', 'load', 'child.ts'))
  const waiting = new Map<number, Waiting>()
  let last = 0
  child.on('message', ({ id, result, error }: Report) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(result)
    else one?.reject(new Error(error))
  })
  child.on('exit', () => {
    for (const one of waiting.values()) one.reject(new Error('a load process ended'))
  })
  return {
    do<Name extends keyof Operations>(name: Name, ...[given]: Given<Name>) {
      const order: Order = { id: ++last, name, ...(given && { given }) }
      return new Promise<Result<Name>>((resolve, reject) => {
        waiting.set(order.id, { resolve: (result) => resolve(result as Result<Name>), reject })
        child.send(order)
      })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
