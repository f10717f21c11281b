// Where a profile says that time went: each function's own, without what it called. Pure.

interface Frame {
  functionName: string
  url: string
  lineNumber: number
  columnNumber: number
}

export interface CpuProfile {
  nodes: { id: number; callFrame: Frame }[]
  samples?: number[]
  timeDeltas?: number[]
}

export interface SelfTime {
  name: string
  line: number
  column: number
  ms: number
}

/** What the thread does while it is not in our worker cannot be sampled; it must not fall to whoever was seen last. */
export const ELSEWHERE: Frame = {
  functionName: '(elsewhere)',
  url: '',
  lineNumber: -1,
  columnNumber: -1,
}

/** The functions with most time of their own first. A gap of more than `gapMs` between samples is time elsewhere. */
export function selfTimes(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  gapMs: number,
): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const sums = new Map<string, SelfTime>()
  for (const [index, id] of samples.entries()) {
    const ms = (timeDeltas[index] ?? 0) / 1_000
    const frame = ms > gapMs ? ELSEWHERE : frames.get(id)
    if (!frame) continue
    const { functionName, lineNumber, columnNumber } = frame
    const key = `${functionName} ${frame.url}:${lineNumber}:${columnNumber}`
    const sum = sums.get(key) ?? {
      name: functionName || '(anonymous)',
      line: lineNumber + 1,
      column: columnNumber + 1,
      ms: 0,
    }
    sum.ms += ms
    sums.set(key, sum)
  }
  return [...sums.values()].toSorted((a, b) => b.ms - a.ms)
}
