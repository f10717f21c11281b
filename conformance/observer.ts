// Sees every answer and every frame of a run, whichever check asked, and holds them against what is promised of all.
import type { Documents } from './documents.ts'
import { shown } from './outcome.ts'
import { asObject, type Answer, type Frame, isObject, UTC_MS, UUID_V7 } from './wire.ts'

interface Watch {
  rule: string
  says: string
  seen: number
  faults: string[]
}

/** Objects whose keys are ids or somebody else's words. */
const FOREIGN_KEYS = new Set(['data', 'as_of', 'epochs', 'memberships', 'heads', 'up_to', 'to'])
const TIMES = /(_at|^server_time|^last_seen|^at|^until)$/
const SNAKE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/
/** What a stack, a database or a token looks like. */
const SPILLED =
  /\n\s+at |\.ts:\d|\bSELECT\b|\bINSERT\b|\bD1_ERROR\b|SQLITE|eyJ[\w-]{8,}\.[\w-]{8,}\./

export class Observer {
  readonly #watches: Watch[] = []
  readonly documents: Documents
  readonly #names = this.#watch('CO1', 'field names are snake_case in every answer and frame')
  readonly #times = this.#watch('CO1', 'every time is ISO 8601 UTC with milliseconds')
  readonly #ids = this.#watch('CO2', 'every id that the server made is a UUIDv7')
  readonly #json = this.#watch('CO1', 'every answer of the API is JSON')
  readonly #problems = this.#watch('CO3', 'every failure is problem+json with all its fields')
  readonly #spills = this.#watch('CO3', 'no failure carries a stack, SQL or a token')
  readonly #answers = this.#watch('CO7', 'every answer is as /openapi.json describes it')
  readonly #frames = this.#watch('CO7', 'every frame is as /asyncapi.json describes it')
  readonly #byes = this.#watch('WS8', 'every bye has a known code, and says whether to come back')
  readonly #kinds = this.#watch('WS9', 'every error on a socket has code, message and temporary')

  constructor(documents: Documents) {
    this.documents = documents
  }

  get watches(): readonly Watch[] {
    return this.#watches
  }

  /** `path` is with its query; a promise of all answers is one of the API's alone. */
  sawAnswer(method: string, path: string, answer: Answer): void {
    const { status, type, text, json, headers } = answer
    const what = `${method} ${path.split('?')[0]} → ${status}`
    this.#note(this.#answers, what, this.documents.faultsOfAnswer(method, path, answer))
    if (status >= 400) this.#sawProblem(what, answer)
    if (!path.startsWith('/api/v1')) return
    const isJson = status === 204 || status === 304 || status === 308 || json !== undefined
    this.#note(this.#json, what, isJson && /json|^$/.test(type) ? [] : [`${type} ${shown(text)}`])
    // What others sent comes back as they wrote it, and documents are no data.
    if (/openapi|asyncapi/.test(path)) return
    this.#sawFields(what, json)
    const requestId = headers.get('x-request-id')
    if (requestId !== null) {
      this.#note(this.#ids, what, UUID_V7.test(requestId) ? [] : [`X-Request-Id ${requestId}`])
    }
  }

  sawFrame(frame: Frame): void {
    this.#note(this.#frames, frame.type, this.documents.faultsOfFrame(frame))
    this.#sawFields(`frame ${frame.type}`, frame)
    if (frame.type === 'bye') {
      const { code, reason, retry } = frame
      const isKnown = typeof code === 'number' && code >= 4000 && code < 5000
      const fits = isKnown && typeof reason === 'string' && retry === code < 4500
      this.#note(this.#byes, 'bye', fits ? [] : [shown(frame)])
    }
    if (frame.type === 'error') {
      const { code, message, temporary } = frame
      const fits =
        typeof code === 'string' && typeof message === 'string' && typeof temporary === 'boolean'
      this.#note(this.#kinds, 'error', fits ? [] : [shown(frame)])
    }
  }

  #watch(rule: string, says: string): Watch {
    const watch = { rule, says, seen: 0, faults: [] }
    this.#watches.push(watch)
    return watch
  }

  #note(watch: Watch, what: string, faults: readonly string[]): void {
    watch.seen += 1
    for (const fault of faults) {
      const text = `${what}: ${fault}`
      if (!watch.faults.includes(text)) watch.faults.push(text)
    }
  }

  #sawProblem(what: string, { status, type, text, json, headers }: Answer): void {
    const body = asObject(json)
    const wrong = ['type', 'title', 'detail', 'code', 'request_id'].filter(
      (field) => typeof body[field] !== 'string',
    )
    if (body['status'] !== status) wrong.push('status')
    if (type !== 'application/problem+json') wrong.push('Content-Type')
    if (body['request_id'] !== headers.get('x-request-id')) wrong.push('X-Request-Id')
    const faults = wrong.length === 0 ? [] : [`${wrong.join(', ')} in ${shown(text)}`]
    this.#note(this.#problems, what, faults)
    this.#note(this.#spills, what, SPILLED.test(text) ? [shown(text)] : [])
  }

  #sawFields(what: string, value: unknown): void {
    if (Array.isArray(value)) return value.forEach((one) => this.#sawFields(what, one))
    if (!isObject(value)) return
    for (const [key, one] of Object.entries(value)) {
      this.#note(this.#names, what, SNAKE.test(key) ? [] : [key])
      if (TIMES.test(key) && typeof one === 'string') {
        this.#note(this.#times, what, UTC_MS.test(one) ? [] : [`${key} ${one}`])
      }
      const isMade = ['request_id', 'connection_id', 'epoch'].includes(key)
      if (isMade && typeof one === 'string') {
        this.#note(this.#ids, what, UUID_V7.test(one) ? [] : [`${key} ${one}`])
      }
      if (!FOREIGN_KEYS.has(key) || (key === 'data' && Array.isArray(one))) {
        this.#sawFields(what, one)
      } else if (key === 'data' && what.startsWith('frame notification')) {
        this.#sawFields('entry', one)
      }
    }
  }
}
