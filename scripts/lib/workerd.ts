// Workers on workerd without the development proxy: what `npm run serve` and the bench both stand on.

import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { dieTogether } from './die-together.ts'

type V4Options = Parameters<typeof convertV4MiniflareOptions>[0]
export type WorkerOptions = Extract<V4Options, { workers: unknown }>['workers'][number]

export interface WorkerdOptions {
  port: number
  stateDir: string
  worker: WorkerOptions
  /** Where the runtime's inspector listens; without it there is none. */
  inspectorPort?: number
}

export interface Workerd {
  miniflare: Miniflare
  stop(): Promise<void>
}

/** Ends this process when the runtime ends by itself, and the runtime when this process is gone. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  // Miniflare does not say which processes it starts; Node does.
  const children: ChildProcess[] = []
  const onSpawn = (message: unknown) => {
    children.push((message as { process: ChildProcess }).process)
  }
  subscribe('child_process', onSpawn)
  const miniflare = new Miniflare(miniflareOptions(options))
  await miniflare.ready
  unsubscribe('child_process', onSpawn)
  const releases = children.map(({ pid }) => (pid === undefined ? () => {} : dieTogether(pid)))
  const onDeath = () => {
    console.error('workerd has stopped.')
    process.exit(1)
  }
  for (const child of children) child.once('exit', onDeath)
  return {
    miniflare,
    async stop() {
      for (const child of children) child.off('exit', onDeath)
      await miniflare.dispose()
      for (const release of releases) release()
    },
  }
}

function miniflareOptions({ port, stateDir, worker, inspectorPort }: WorkerdOptions) {
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    cf: false,
    logRequests: false,
    ...(inspectorPort !== undefined && { inspectorPort }),
    // What the worker says; standard output is for the one line that tells that it is ready.
    handleStructuredLogs: ({ message }) => console.error(message),
    // Where `wrangler d1 migrations apply --persist-to` and `wrangler dev` keep the same things.
    resourcePersistencePath: join(stateDir, 'v3'),
    workers: [worker],
  })
}
