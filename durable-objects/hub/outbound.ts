// [ST2][ST3] From the log to the sockets. What commits while the disk is busy leaves as one text per socket:
// a timer would cost a lone send 1.6 ms, waiting for the disk costs nothing that the output gate does not.
import { joinFrames } from '../core/batches.ts'
import type { Conn, Sockets } from './sockets.ts'

export interface OutEntry {
  seq: number
  /** The serialised frame for this socket; null: it may not see it. Cached by the caller per kind of reader. */
  frameFor(conn: Conn): string | null
}

/** Names sockets that see exactly the same of every entry from `first` on. */
export type ReaderKey = (conn: Conn, first: number) => string

/** What it needs of the sockets. */
export type Listeners = Pick<Sockets, 'listening' | 'sendText' | 'countSent'>

interface Texts {
  texts: string[]
  seqs: number[]
}

export class Outbound {
  #sockets: Listeners
  #synced: () => Promise<void>
  #readerKey: ReaderKey
  #waiting: OutEntry[] = []
  #pumping = false
  #pumped: Promise<void> = Promise.resolve()

  /**
   * `synced` resolves once what was written is on disk. Whom `readerKey` names alike, their texts are joined once.
   */
  constructor(sockets: Listeners, synced: () => Promise<void>, readerKey: ReaderKey) {
    this.#sockets = sockets
    this.#synced = synced
    this.#readerKey = readerKey
  }

  /** Call after the transaction that wrote the entries, in seq order. */
  push(entries: readonly OutEntry[]): void {
    if (entries.length === 0) return
    this.#waiting.push(...entries)
    if (this.#pumping) return
    this.#pumping = true
    this.#pumped = this.#pump()
  }

  /** Resolves when what waits now has been sent. */
  settled(): Promise<void> {
    return this.#pumped
  }

  async #pump(): Promise<void> {
    await this.#synced()
    this.#pumping = false
    this.flush()
  }

  /**
   * Sends what waits, now. Also called before a socket is accepted: an entry that waited would otherwise
   * reach it twice, in the replay and live.
   */
  flush(): void {
    const entries = this.#waiting
    const [first] = entries
    if (first === undefined) return
    this.#waiting = []
    const byReader = new Map<string, Texts>()
    for (const conn of this.#sockets.listening()) {
      const key = this.#readerKey(conn, first.seq)
      let made = byReader.get(key)
      if (!made) {
        made = textsFor(entries, conn)
        byReader.set(key, made)
      }
      for (const text of made.texts) this.#sockets.sendText(conn, text)
      if (made.seqs.length > 0) this.#sockets.countSent(conn, made.seqs)
    }
  }
}

function textsFor(entries: readonly OutEntry[], conn: Conn): Texts {
  const frames: string[] = []
  const seqs: number[] = []
  for (const entry of entries) {
    const frame = entry.frameFor(conn)
    if (frame === null) continue
    frames.push(frame)
    seqs.push(entry.seq)
  }
  return { texts: joinFrames(frames), seqs }
}
