// [WS3] Entries that wait together travel in one text: an array of frames, at most 64 KiB.
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'

const encoder = new TextEncoder()
export const bytesOf = (text: string): number => encoder.encode(text).length

/** An array's brackets, less the comma that its last frame does not need. */
const AROUND_BYTES = 1

/** Joins serialised frames, in order, into as few texts as fit. A single frame travels bare. */
export function joinFrames(frames: readonly string[]): string[] {
  if (frames.length <= 1) return [...frames]
  const texts: string[] = []
  let waiting: string[] = []
  let bytes = AROUND_BYTES
  const flush = () => {
    if (waiting.length === 1) texts.push(waiting[0] as string)
    else if (waiting.length > 1) texts.push(`[${waiting.join(',')}]`)
    waiting = []
    bytes = AROUND_BYTES
  }
  for (const frame of frames) {
    const size = bytesOf(frame) + 1
    if (waiting.length > 0 && bytes + size > MAX_FRAME_BYTES) flush()
    waiting.push(frame)
    bytes += size
  }
  flush()
  return texts
}
