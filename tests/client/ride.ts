// The connection's machine, taken through events by a test: no shell, no socket, time as a number.
import type { Hint } from '../../client/types.ts'
import { connectionState, deadline, step } from '../../client/core/connection.ts'
import {
  INITIAL,
  type ConnectionEvent,
  type Effect,
  type Machine,
} from '../../client/core/machine.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { WELCOME } from '../fakes/fake-socket.ts'

export const HOUR = 3_600_000

/** A machine that is taken through events; `roll` is 0, so that delays are the shortest of their ladder. */
export class Ride {
  machine: Machine = INITIAL
  effects: Effect[] = []
  now = 0

  do(event: ConnectionEvent, roll = 0): this {
    const next = step(this.machine, event, { now: this.now, roll })
    this.machine = next.machine
    this.effects = next.effects
    return this
  }

  at(now: number): this {
    this.now = now
    return this
  }

  /** Goes to the next deadline and ticks. */
  tick(): this {
    const due = deadline(this.machine)
    if (due === null) throw new Error(`nothing is due in ${this.machine.phase.name}`)
    return this.at(due).do({ type: 'tick' })
  }

  get state() {
    return connectionState(this.machine)
  }

  get name() {
    return this.machine.phase.name
  }

  get did() {
    return this.effects.map(({ kind }) => kind)
  }
}

export const frames = (...all: ServerFrame[]): ConnectionEvent => ({ type: 'frames', frames: all })
export const welcome = (more: object = {}) => frames({ ...WELCOME, ...more })
export const closed = (code: number): ConnectionEvent => ({ type: 'closed', code })
export const hint = (name: Hint): ConnectionEvent => ({
  type: 'hint',
  hint: name,
})
export const bye = (code: number, more: object = {}): ServerFrame => ({
  type: 'bye',
  code,
  reason: 'x',
  retry: code < 4500,
  ...more,
})
export const entry = (seq: number) =>
  ({ type: 'notification', seq, data: {} }) as unknown as ServerFrame

export const START: ConnectionEvent = { type: 'start', visible: true, online: true }
export const OPENED: ConnectionEvent = { type: 'opened', tokenEndsAt: HOUR }

export const started = () => new Ride().do(START)
export const live = (more: object = {}) => started().do(OPENED).do(welcome(more))
/** Live for long enough to count as stable. */
export const stable = () => live().at(20_000)
