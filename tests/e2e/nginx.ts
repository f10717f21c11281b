// A Debian nginx in front of a server, with the location block of docs/OPERATIONS.md.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canInstall, install, onPath } from '../../scripts/lib/debian.ts'
import { inRoot } from '../../scripts/lib/paths.ts'
import { freePort } from './server.ts'

/** Not on everybody's PATH. */
const DEBIAN_PLACE = '/usr/sbin/nginx'

/** The nginx of this machine, else a fresh Debian package; a sentence where neither can be had. */
export function findOrInstallNginx(): { path: string } | { missing: string } {
  const find = () =>
    onPath('nginx', process.env) ?? (existsSync(DEBIAN_PLACE) ? DEBIAN_PLACE : undefined)
  const found = find()
  if (found !== undefined) return { path: found }
  if (!canInstall(process.env)) {
    return { missing: 'there is no nginx, and only root can install it (apt-get install nginx)' }
  }
  try {
    install(process.env, 'nginx-light')
  } catch (error) {
    return { missing: `there is no nginx: ${error instanceof Error ? error.message : ''}` }
  }
  const path = find()
  return path === undefined ? { missing: 'the package has no nginx in it' } : { path }
}

/** The block that OPERATIONS tells people to write. */
export function documentedBlock(): string {
  const block = /```nginx\n([\s\S]+?)```/.exec(
    readFileSync(inRoot('docs', 'OPERATIONS.md'), 'utf8'),
  )
  if (block?.[1] === undefined) throw new Error('docs/OPERATIONS.md has no nginx block')
  return block[1]
}

/** A block with something else in it; what it does not hold is a mistake. */
export function changed(block: string, from: RegExp, to: string): string {
  if (!from.test(block)) throw new Error(`the nginx block has no ${from}`)
  return block.replace(from, to)
}

export interface Proxy {
  /** `ws://...` */
  origin: string
  stop(): Promise<void>
}

/** Starts nginx with one server that has only this block. */
export async function startNginx(path: string, block: string): Promise<Proxy> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'shopbell-nginx-'))
  mkdirSync(join(folder, 'temp'))
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, block))
  // The early log path silences a complaint about one that only root may write.
  const errors = join(folder, 'error.log')
  const child = spawn(path, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', errors], {
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const said = () => (existsSync(errors) ? readFileSync(errors, 'utf8') : '')
  const isListening = untilListening(port)
  await Promise.race([
    isListening,
    ended.then(() => {
      throw new Error(`nginx ended:\n${said()}`)
    }),
  ])
  return {
    origin: `ws://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (port: number, block: string) => `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events {}
http {
  access_log off;
  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;
  server {
    listen 127.0.0.1:${port};
${block}
  }
}
`

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('nginx does not listen')
}
