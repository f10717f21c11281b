// A client's view against the naive server, over a wire that delays, loses and repeats what it may. Whatever happens, a
// view that says it is ready shows exactly what the server would.
import type { Change } from '../../client/core/entry.ts'
import { statusOf, upToShown, viewDeadline, viewStep } from '../../client/core/view-step.ts'
import { INITIAL_VIEW, type View, type ViewEffect, type ViewEvent } from '../../client/core/view.ts'
import type { InboxAnswer, CommandAnswer } from '../../protocol/api.ts'
import type { Category } from '../../protocol/notification-types.ts'
import type { ServerFrame, StateChange } from '../../protocol/server-frames.ts'
import { LOCATIONS, NaiveServer, type NaiveMark } from './naive-server.ts'

/** A request on its way. `serve` is the moment at which the server looks; the answer travels on. */
interface Request {
  serve: (server: NaiveServer) => ViewEvent
  fail: ViewEvent
  answer: ViewEvent | null
  /** A command that the server has not done yet: what the view shows is ahead of it. */
  isCommand: boolean
}

/** Changes what reaches the view: how a test breaks the fold from outside. */
export type Corrupt = (event: ViewEvent, view: View) => ViewEvent | null

const CATEGORIES: Category[] = ['team', 'training', 'custom']

export class FoldPlay {
  readonly server = new NaiveServer()
  view: View = INITIAL_VIEW
  readonly #corrupt: Corrupt
  #wire: ServerFrame[] = []
  #isOpen = false
  #cursor: number | null = null
  #requests: Request[] = []
  #keys = 0

  constructor(corrupt: Corrupt = (event) => event) {
    this.#corrupt = corrupt
    this.server.onFrame = (frame) => {
      if (this.#isOpen) this.#wire.push(frame)
    }
  }

  // --- the world

  send(bits: number): void {
    const places = [...this.server.members.keys(), 'ben'] as const
    this.server.send({
      to: places[bits % places.length] ?? 'ben',
      category: pick(CATEGORIES, bits >> 2),
      key: (bits >> 4) % 3 === 0 ? `key-${(bits >> 6) % 2}` : null,
      roles: (bits >> 7) % 3 === 0 ? 'staff' : null,
      livesMs: (bits >> 9) % 4 === 0 ? 5_000 + (bits % 60_000) : null,
      requiresAck: (bits >> 11) % 4 === 0,
      hasActions: (bits >> 13) % 4 === 0,
    })
  }

  announce(bits: number): void {
    const id = this.#someId(bits)
    if (id) this.server.announce(id, bits % 2 === 0 ? 'cancelled' : 'acted')
  }

  /** The person's other phone. */
  markElsewhere(bits: number): void {
    const mark = this.#mark(bits)
    if (mark) this.server.mark(mark)
  }

  archive(bits: number): void {
    const streams = Object.keys(this.server.archived)
    this.server.archive(pick(streams, bits), 1 + (bits >> 3))
  }

  pull = (bits: number): void => this.server.pull(pick(LOCATIONS, bits))
  move(bits: number): void {
    if (bits % 2 === 0) this.server.leave(pick(LOCATIONS, bits >> 1))
    else this.server.join(pick(LOCATIONS, bits >> 1))
  }

  pass(bits: number): void {
    this.server.now += bits % 20_000
    this.#tell({ type: 'tick' })
  }

  // --- the wire

  connect(bits: number): void {
    if (this.#isOpen) return
    this.#tell({ type: 'poll', isOn: false })
    const since = bits % 4 === 0 ? null : this.#cursor
    this.#wire = this.server.open(since)
    this.#isOpen = true
  }

  drop(): void {
    this.#isOpen = false
    this.#wire = []
  }

  /** Sockets do not get through any more, and HTTP does. */
  block(): void {
    this.drop()
    this.#tell({ type: 'begin' })
    this.#tell({ type: 'poll', isOn: true })
  }

  hear(bits: number): void {
    const frames = this.#wire.splice(0, 1 + (bits % 6))
    if (frames.length === 0) return
    for (const frame of frames) {
      if (frame.type === 'welcome' && !frame.recovered) this.#cursor = frame.seq
      else if (frame.type !== 'welcome' && 'seq' in frame) this.#cursor = frame.seq
    }
    this.#tell({ type: 'frames', frames })
  }

  /** The server does or answers the next thing; the answer is not here yet. */
  serve(bits: number): void {
    const request = pick(this.#requests, bits)
    if (request && !request.answer) request.answer = request.serve(this.server)
  }

  answer(bits: number): void {
    const served = this.#requests.filter(({ answer }) => answer)
    const request = pick(served, bits)
    if (!request?.answer) return
    this.#requests = this.#requests.filter((one) => one !== request)
    this.#tell(request.answer)
  }

  /** No answer comes, whether the server did it or not. */
  fail(bits: number): void {
    const request = pick(this.#requests, bits)
    if (!request) return
    this.#requests = this.#requests.filter((one) => one !== request)
    this.#tell(request.fail)
  }

  /** Nothing is on its way any more; the archive lags as before. */
  calm(): void {
    this.connect(1)
    for (const location of LOCATIONS) this.server.pull(location)
    for (let i = 0; i < 5; i++) {
      while (this.#wire.length > 0) this.hear(5)
      for (let at = 0; at < this.#requests.length; at++) this.serve(at)
      while (this.#requests.some(({ answer }) => answer)) this.answer(0)
    }
  }

  // --- the person

  markHere(bits: number): void {
    const mark = this.#mark(bits)
    if (!mark || !this.view.base) return
    const key = `tap ${++this.#keys}`
    const target = mark.up_to
      ? { ...mark, up_to: upToShown(this.view) }
      : { notification_ids: mark.notification_ids ?? [] }
    const made: Change = { state: mark.state, at: new Date(this.server.now).toISOString() }
    const command = { ...mark, ...(mark.up_to && { up_to: upToShown(this.view) }) }
    this.#requests.push({
      serve: (server) =>
        server.knows(command)
          ? { type: 'marked', key, answer: doCommand(server, command, bits) }
          : { type: 'mark_failed', key, isUnknown: true },
      fail: { type: 'mark_failed', key, isUnknown: false },
      answer: null,
      isCommand: true,
    })
    this.#tell({ type: 'mark', key, target, made })
  }

  loadMore = (): void => this.#tell({ type: 'load_more' })
  refresh = (): void => this.#tell({ type: 'refresh' })

  // --- the check

  /** What the view shows and what the server would, once the view knows all that was said; else null. */
  compare(): { shown: unknown; true: unknown } | null {
    const isBusy = this.#requests.some(({ isCommand }) => isCommand) || this.view.marks.length > 0
    const isBehind = LOCATIONS.some((name) => this.server.lacks(name))
    if (!this.#isOpen || this.#wire.length > 0 || isBusy || isBehind) return null
    if (statusOf(this.view, this.server.now) !== 'ready') return null
    return this.#both()
  }

  /** Everything arrives, everything is archived, nothing fails any more. */
  settle(): void {
    for (let i = 0; i < 300 && !this.#isSettled(); i++) {
      for (const stream of Object.keys(this.server.archived)) this.server.archive(stream, 1_000)
      this.calm()
      const due = viewDeadline(this.view, this.server.now)
      if (due !== null && !this.#isSettled()) {
        this.server.now = Math.max(due, this.server.now)
        this.#tell({ type: 'tick' })
      }
    }
  }

  /** No socket opens; everything is archived, and time passes until the next look has been answered. */
  settleBlocked(): { shown: unknown; true: unknown } {
    this.block()
    for (const location of LOCATIONS) this.server.pull(location)
    for (const stream of Object.keys(this.server.archived)) this.server.archive(stream, 1_000)
    const end = this.server.now + 60_000
    while (this.server.now < end || this.#requests.length > 0) {
      for (let at = 0; at < this.#requests.length; at++) this.serve(at)
      // What this window did is archived with the hub's next batch.
      for (const stream of Object.keys(this.server.archived)) this.server.archive(stream, 1_000)
      while (this.#requests.some(({ answer }) => answer)) this.answer(0)
      if (this.#requests.length > 0) continue
      this.server.now = Math.min(viewDeadline(this.view, this.server.now) ?? end, end)
      this.#tell({ type: 'tick' })
    }
    return this.#both()
  }

  #isSettled(): boolean {
    return this.#requests.length === 0 && this.#wire.length === 0 && this.compare() !== null
  }

  #both() {
    const now = this.server.now
    const facts = (all: readonly { id: string; state: object | null }[]) =>
      all.map(({ id, state }) => `${id} ${told(state)}`)
    const { entries, counts } = this.view.shown
    const all = this.server.inbox(this.server.heads())
    // With more pages to come the list is the top of the true one.
    const top = this.view.base?.hasMore ? all.slice(0, entries.length) : all
    const { until: _, ...trueCounts } = this.server.counts(this.server.heads())
    return {
      shown: { list: facts(entries), counts, now },
      true: { list: facts(top), counts: trueCounts, now },
    }
  }

  #tell(event: ViewEvent): void {
    const corrupted = this.#corrupt(event, this.view)
    if (!corrupted) return
    const { view, effects } = viewStep(this.view, corrupted, this.server.now)
    this.view = view
    for (const effect of effects) this.#requests.push(requestOf(effect))
  }

  #someId(bits: number): string | undefined {
    const all = this.server.inbox(this.server.heads())
    return all[bits % Math.max(1, all.length)]?.id
  }

  #mark(bits: number): NaiveMark | null {
    const single: StateChange[] = [
      'read',
      'unread',
      'unread',
      'seen',
      'archived',
      'acknowledged',
      'deleted',
      'unarchived',
    ]
    if (bits % 3 > 0) {
      const id = this.#someId(bits >> 5)
      return id === undefined ? null : { notification_ids: [id], state: pick(single, bits >> 2) }
    }
    const bulk: StateChange[] = ['read', 'seen', 'deleted']
    const heads = this.server.heads()
    const up_to = Object.fromEntries(
      Object.entries(heads).map(([stream, seq]) => [stream, seq - ((bits >> 8) % 3)]),
    )
    const category = (bits >> 4) % 3 === 0 ? { category: pick(CATEGORIES, bits >> 6) } : {}
    return { up_to, ...category, state: pick(bulk, bits >> 2) }
  }
}

const pick = <T>(all: readonly T[], bits: number): T => all[bits % Math.max(1, all.length)] as T

function told(state: object | null): string {
  const { is_read, seen_at, acknowledged_at, outcome } = state as Record<string, unknown>
  return [is_read, seen_at, acknowledged_at, outcome].map((one) => (one ? 1 : 0)).join('')
}

function requestOf(effect: ViewEffect): Request {
  const base = { answer: null, isCommand: false }
  if (effect.kind === 'page') {
    const { after } = effect
    return {
      ...base,
      serve: (server) => ({ type: 'page', after, answer: server.list(after) }),
      fail: { type: 'page_failed' },
    }
  }
  const serve = (server: NaiveServer): ViewEvent =>
    effect.what === 'list'
      ? { type: 'list', answer: server.list(null) satisfies InboxAnswer }
      : { type: 'count', answer: server.count() }
  return { ...base, serve, fail: { type: 'ask_failed', retryAfterMs: null } }
}

/** [AR3] With counts where the archive was quick, without where it was not. */
function doCommand(server: NaiveServer, mark: NaiveMark, bits: number): CommandAnswer {
  server.mark(mark)
  if ((bits >> 9) % 2 === 0) return { archived: false }
  server.archive('user:ben', 1_000)
  const { as_of, epochs, ...counts } = server.count()
  return { archived: true, counts, as_of, epochs }
}
