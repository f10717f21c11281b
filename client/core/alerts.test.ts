import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entry } from '../../tests/package/fake-page.ts'
import { FRESH_STATE } from '../../protocol/notification.ts'
import type { InboxEntry, InboxStatus } from '../types.ts'
import { alertStep, NOT_WATCHING, type Glance, type Watch } from './alerts.ts'

const HIDDEN: Glance = { isHidden: true, isAllowed: true }
const VISIBLE: Glance = { isHidden: false, isAllowed: true }

const at = (minute: number, change: Partial<InboxEntry> = {}) =>
  entry({ sent_at: new Date(Date.UTC(2026, 10, 23, 9, minute)).toISOString(), ...change })

const READ = { state: { ...FRESH_STATE, is_read: true } }
const SEEN = { state: { ...FRESH_STATE, seen_at: '2026-11-23T09:00:00.000Z' } }

const old = at(0)
const older = at(-30)

/** The last of several lists: what it shows and takes back. */
function after(...steps: [readonly InboxEntry[], Glance?, InboxStatus?][]) {
  let watch: Watch = NOT_WATCHING
  let last: { show: string[]; close: readonly string[] } = { show: [], close: [] }
  for (const [notifications, glance = HIDDEN, status = 'ready'] of steps) {
    const step = alertStep(watch, { status, notifications }, glance)
    watch = step.watch
    last = { show: step.show.map(({ id }) => id), close: step.close }
  }
  return last
}

const shown = (...entries: InboxEntry[]) => ({ show: entries.map(({ id }) => id), close: [] })
const closed = (...entries: InboxEntry[]) => ({ show: [], close: entries.map(({ id }) => id) })

describe('a hidden page', () => {
  const fresh = at(1)
  const justBefore = entry({ sent_at: '2026-11-23T09:00:30.000Z' })

  test.each<[string, Parameters<typeof after>, ReturnType<typeof after>]>([
    ['shows what is new', [[[old]], [[fresh, old]]], shown(fresh)],
    ['shows nothing of the first list', [[[fresh, old]]], shown()],
    ['shows the first of an empty inbox', [[[]], [[fresh]]], shown(fresh)],
    ['shows each once', [[[old]], [[fresh, old]], [[fresh, old]]], shown()],
    [
      'shows what came while the network was away',
      [[[old], HIDDEN, 'catching_up'], [[fresh, old]]],
      shown(fresh),
    ],
    [
      'does not take a list that is not there for an empty one',
      [[[], HIDDEN, 'loading'], [[fresh, old]]],
      shown(),
    ],
    ['shows nothing that was read elsewhere already', [[[old]], [[at(1, READ), old]]], shown()],
    ['shows nothing that was seen elsewhere already', [[[old]], [[at(1, SEEN), old]]], shown()],
    ['does not take a next page for news', [[[old]], [[old, older]]], shown()],
    [
      'does not take for news what is on top because others left',
      [[[fresh, old]], [[older]]],
      shown(),
    ],
    [
      'shows what another hub sent a moment before',
      [[[fresh]], [[fresh, justBefore]]],
      shown(justBefore),
    ],
    [
      'does not show again what left the list and came back',
      [[[old, fresh]], [[old]], [[old, fresh]]],
      shown(),
    ],
  ])('%s', (_rule, steps, expected) => {
    expect(after(...steps)).toEqual(expected)
  })

  test('shows at most three at once, the newest, and the newest last', () => {
    const many = [5, 4, 3, 2, 1].map((minute) => at(minute))
    expect(after([[old]], [[...many, old]]).show).toEqual(
      [many[2], many[1], many[0]].map((one) => one?.id),
    )
  })

  test.each<[string, InboxEntry[]]>([
    ['read', [{ ...fresh, ...READ }, old]],
    ['seen', [{ ...fresh, ...SEEN }, old]],
    ['put away', [old]],
  ])('takes back what was %s on another device', (_how, next) => {
    expect(after([[old]], [[fresh, old]], [next])).toEqual(closed(fresh))
  })
})

describe('a page that is looked at', () => {
  const fresh = at(1)

  test('shows nothing, nor later what came meanwhile', () => {
    expect(after([[old]], [[fresh, old], VISIBLE])).toEqual(shown())
    expect(after([[old]], [[fresh, old], VISIBLE], [[fresh, old]])).toEqual(shown())
  })

  test('takes everything back', () => {
    expect(after([[old]], [[fresh, old]], [[fresh, old], VISIBLE])).toEqual(closed(fresh))
  })
})

test('without permission nothing is shown, nor what came before it was given', () => {
  const fresh = at(1)
  const refused = { isHidden: true, isAllowed: false }
  expect(after([[old], refused], [[fresh, old], refused])).toEqual(shown())
  expect(after([[old], refused], [[fresh, old], refused], [[fresh, old]])).toEqual(shown())
})

test('nothing is ever shown twice, or taken back that was not shown', () => {
  const all = Array.from({ length: 8 }, (_, minute) => at(minute))
  const lists = fc.array(fc.tuple(fc.subarray(all), fc.boolean(), fc.boolean()), { maxLength: 20 })
  fc.assert(
    fc.property(lists, (steps) => {
      let watch: Watch = NOT_WATCHING
      const open = new Set<string>()
      const ever = new Set<string>()
      for (const [notifications, isHidden, isAllowed] of steps) {
        const step = alertStep(watch, { status: 'ready', notifications }, { isHidden, isAllowed })
        watch = step.watch
        for (const id of step.close) expect(open.delete(id)).toBe(true)
        for (const { id } of step.show) {
          expect([isHidden, isAllowed, ever.has(id)]).toEqual([true, true, false])
          ever.add(id)
          open.add(id)
        }
      }
    }),
  )
})
