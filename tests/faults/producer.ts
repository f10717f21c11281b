// Those who send: each send has a key, and is repeated until somebody answers.
import type { Address } from './history.ts'
import type { Recorder } from './recorder.ts'
import { untilAnswered, type Line, type TokenSource } from './rest.ts'

export interface Outgoing {
  to: Address
  collapseKey: string | null
}

interface AcceptedBody {
  id: string
  stream: string
  seq: number
}

interface Item extends AcceptedBody {
  status: number
}

export class Producer {
  readonly #line: Line
  readonly #token: TokenSource
  readonly #recorder: Recorder

  constructor(line: Line, token: TokenSource, recorder: Recorder) {
    this.#line = line
    this.#token = token
    this.#recorder = recorder
  }

  /** `copies` of one request at once; all must be one entry. */
  async send(outgoing: Outgoing, copies = 1): Promise<void> {
    const key = this.#begin(outgoing)
    const request = {
      method: 'POST',
      path: '/api/v1/notifications',
      body: bodyOf(key, outgoing),
      headers: { 'Idempotency-Key': key },
    }
    await Promise.all(
      Array.from({ length: copies }, async () => {
        const { status, body } = await untilAnswered(this.#line, this.#token, request)
        this.#end(key, status, body as AcceptedBody)
      }),
    )
  }

  /** Repeated whole while an item is refused for now: the others must stay what they are. */
  async sendBatch(sends: readonly Outgoing[]): Promise<void> {
    const keys = sends.map((outgoing) => this.#begin(outgoing))
    const notifications = sends.map((outgoing, index) => {
      const key = keys[index] ?? ''
      return { ...bodyOf(key, outgoing), idempotency_key: key }
    })
    const request = {
      method: 'POST',
      path: '/api/v1/notifications/batch',
      body: { notifications },
    }
    for (let isDone = false; !isDone;) {
      const { status, body } = await untilAnswered(this.#line, this.#token, request)
      if (status !== 207) throw new Error(`a batch was answered with ${status}`)
      const { results } = body as { results: Item[] }
      isDone = results.every((item) => item.status !== 429 && item.status < 500)
      for (const [index, item] of results.entries()) {
        const key = keys[index]
        if (key !== undefined && item.status < 500) this.#end(key, item.status, item)
      }
    }
  }

  #begin({ to, collapseKey }: Outgoing): string {
    const key = `key-${this.#recorder.nextNumber()}`
    this.#recorder.add({ kind: 'send', key, to, collapseKey })
    return key
  }

  #end(key: string, status: number, { id, stream, seq }: AcceptedBody): void {
    if (status === 201 || status === 202) {
      this.#recorder.add({ kind: 'accepted', key, id, stream, seq })
    } else {
      this.#recorder.add({ kind: 'refused', key, status })
    }
  }
}

const bodyOf = (key: string, { to, collapseKey }: Outgoing) => ({
  to,
  type: 'custom',
  title: key,
  ...(collapseKey !== null && { collapse_key: collapseKey }),
})
