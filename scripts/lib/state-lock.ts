// One server at a time on a state directory: two would write the same SQLite files. The lock names
// its owner by process id and start time, because ids are reused, in containers at once.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlainFailure } from './fail.ts'

interface Owner {
  pid: number
  started: string
}

export interface StateLock {
  /** Whether an owner that died without letting go was replaced. */
  tookOver: boolean
  release(): void
}

export function lockState(stateDir: string): StateLock {
  const file = join(stateDir, 'shopbell.lock')
  const mine: Owner = { pid: process.pid, started: startOf(process.pid) }
  const tookOver = !tryWrite(file, mine)
  if (tookOver) {
    const owner = readOwner(file)
    if (owner !== null && isAlive(owner)) {
      throw new PlainFailure(
        `${stateDir} is in use by another Shopbell (process ${owner.pid}); stop it or set STATE_DIR.`,
      )
    }
    rmSync(file, { force: true })
    if (!tryWrite(file, mine)) {
      throw new PlainFailure(`${stateDir} was just taken by another Shopbell; set STATE_DIR.`)
    }
  }
  const release = () => {
    if (readOwner(file)?.pid === process.pid) rmSync(file, { force: true })
  }
  process.once('exit', release)
  return { tookOver, release }
}

function tryWrite(file: string, owner: Owner): boolean {
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readOwner(file: string): Owner | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isOwner(value) ? value : null
  } catch {
    // Gone, or cut short by a crash: nobody holds it.
    return null
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false
  return 'pid' in value && typeof value.pid === 'number' && 'started' in value
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === started
}

/**
 * Ticks since boot at which a process began; empty where the system has no /proc. A zombie has no
 * start: it holds nothing any more, but keeps its id until somebody collects it.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
