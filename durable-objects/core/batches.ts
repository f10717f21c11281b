// [WS3] Entries that wait together travel in one text: an array of frames, at most 64 KiB.
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'

const encoder = new TextEncoder()
const bytesOf = (text: string): number => encoder.encode(text).length

/** Joins serialised frames, in order, into as few texts as fit. A single frame travels bare. */
export function joinFrames(frames: readonly string[]): string[] {
  const texts: string[] = []
  let waiting: string[] = []
  let bytes = 2
  const flush = () => {
    if (waiting.length === 1) texts.push(waiting[0] as string)
    else if (waiting.length > 1) texts.push(`[${waiting.join(',')}]`)
    waiting = []
    bytes = 2
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
