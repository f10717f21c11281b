// Texts of a socket into frames, once; behind this everything is what the schemas say.
import * as v from 'valibot'
import { PONG } from '../protocol/limits.ts'
import { ServerFrame } from '../protocol/server-frames.ts'

export type Heard = { kind: 'pong' } | { kind: 'frames'; frames: ServerFrame[] }

/** [WS3][CO3] One frame or an array of them. What this build does not know, or cannot read, is left out. */
export function readText(data: unknown): Heard {
  if (data === PONG) return { kind: 'pong' }
  const value = typeof data === 'string' ? parseJson(data) : undefined
  const items: unknown[] = Array.isArray(value) ? value : [value]
  const frames = items.flatMap((item) => {
    const parsed = v.safeParse(ServerFrame, item)
    return parsed.success ? [parsed.output] : []
  })
  return { kind: 'frames', frames }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
