// What Linux says of processes: their children, their CPU time, their memory.
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessUse {
  cpuSeconds: number
  /** Resident memory without what is shared with others. */
  privateBytes: number
}

/** USER_HZ: what /proc counts in on every Linux. */
const TICKS_PER_SECOND = 100

/** Processes of this name below `pid`. */
export function descendantsOf(pid: number, name: string): number[] {
  const parents = new Map<number, { parent: number; name: string }>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = statOf(Number(entry))
    if (stat) parents.set(Number(entry), { parent: Number(stat.fields[1]), name: stat.name })
  }
  const isBelow = (one: number): boolean => {
    const parent = parents.get(one)?.parent
    return parent === pid || (parent !== undefined && parent > 1 && isBelow(parent))
  }
  return [...parents]
    .filter(([one, about]) => about.name === name && isBelow(one))
    .map(([one]) => one)
}

/** The sum over processes; those that are gone count nothing. */
export function useOf(pids: readonly number[]): ProcessUse {
  let ticks = 0
  let privateBytes = 0
  for (const pid of pids) {
    const { fields = [] } = statOf(pid) ?? {}
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
    privateBytes += privateBytesOf(pid)
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, privateBytes }
}

/** `fields` begin with the state, after the name in parentheses, which may hold spaces. */
function statOf(pid: number): { name: string; fields: string[] } | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  const close = stat.lastIndexOf(')')
  return {
    name: stat.slice(stat.indexOf('(') + 1, close),
    fields: stat.slice(close + 2).split(' '),
  }
}

function privateBytesOf(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`) ?? ''
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)]
  return kilobytes.reduce((sum, [, kb]) => sum + Number(kb) * 1024, 0)
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Gone meanwhile.
    return null
  }
}
