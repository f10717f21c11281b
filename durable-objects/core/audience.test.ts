import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NotificationType } from '../../protocol/notification-types.ts'
import type { Role, Send } from '../../protocol/notification.ts'
import { audienceOf, EVERYONE, MANAGERS, maySee, STAFF } from './audience.ts'

const send = (type: NotificationType, to: Send['to']): Send => ({ type, to })
const shop = (roles?: Role[]) => ({ location_id: 'downtown', ...(roles && { roles }) })

test.each<[string, Send, number]>([
  ['[NO4] a booking is for everyone', send('appointment.booked', shop()), EVERYONE],
  ['[NO4] performance is for managers', send('performance.trend', shop()), MANAGERS],
  ['[NO4] so is revenue', send('achievement.revenue_milestone', shop()), MANAGERS],
  ['[NO4] another achievement is not', send('achievement.performance', shop()), EVERYONE],
  ['[NO4] roles say otherwise', send('performance.trend', shop(['staff'])), STAFF],
  [
    '[NO4] both roles are everyone',
    send('performance.trend', shop(['staff', 'manager'])),
    EVERYONE,
  ],
  ['[NO3] a role twice is that role', send('custom', shop(['manager', 'manager'])), MANAGERS],
  ['[NO4] an own stream has one reader', send('performance.trend', { user_id: 'ben' }), EVERYONE],
])('%s', (_rule, one, expected) => {
  expect(audienceOf(one)).toBe(expected)
})

const EPOCHS = ['e1', 'e2', 'e3']
const AUDIENCES = [MANAGERS, STAFF, EVERYONE]

describe('who may see an entry of a location', () => {
  const entryAt = (audience: number, seq: number, epoch = 'e2') => ({
    audience,
    at: { epoch, seq },
  })
  const member = (role: Role, from: number, roleFrom = from) => ({
    kind: 'member' as const,
    membership: {
      role,
      from: { epoch: 'e2', seq: from },
      roleFrom: { epoch: 'e2', seq: roleFrom },
    },
  })

  test.each<[string, ReturnType<typeof entryAt>, ReturnType<typeof member>, boolean]>([
    ['[NO8] a member since before', entryAt(EVERYONE, 6), member('staff', 5), true],
    ['[NO8] the entry at the head when they came', entryAt(EVERYONE, 5), member('staff', 5), false],
    ['[NO8] one from a later epoch', entryAt(EVERYONE, 1, 'e3'), member('staff', 500), true],
    ['[NO8] one from an earlier epoch', entryAt(EVERYONE, 900, 'e1'), member('staff', 5), false],
    ['[NO4] managers’ for a manager', entryAt(MANAGERS, 6), member('manager', 5), true],
    ['[NO4] managers’ for staff', entryAt(MANAGERS, 6), member('staff', 5), false],
    ['[NO4] staff’s for a manager', entryAt(STAFF, 6), member('manager', 5), false],
    [
      '[NO8] managers’ from before the promotion',
      entryAt(MANAGERS, 8),
      member('manager', 5, 8),
      false,
    ],
    ['[NO8] managers’ from after it', entryAt(MANAGERS, 9), member('manager', 5, 8), true],
    [
      '[NO8] everyone’s from before the promotion',
      entryAt(EVERYONE, 8),
      member('manager', 5, 8),
      true,
    ],
  ])('%s', (_rule, entry, reader, expected) => {
    expect(maySee(entry, reader)).toBe(expected)
  })

  test.each(AUDIENCES)(
    '[NO4] an admin sees audience %i, a display only what everyone does',
    (audience) => {
      expect(maySee(entryAt(audience, 1), { kind: 'admin' })).toBe(true)
      expect(maySee(entryAt(audience, 1), { kind: 'display' })).toBe(audience === EVERYONE)
    },
  )

  const event = fc.oneof(
    fc.record({ kind: fc.constant('entry' as const), audience: fc.constantFrom(...AUDIENCES) }),
    fc.record({
      kind: fc.constant('role' as const),
      role: fc.constantFrom<Role | null>('manager', 'staff', null),
    }),
    fc.record({ kind: fc.constant('new life' as const) }),
  )

  test('[NO8] is who was in the audience when it got its seq and has been ever since', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        // The naive way: each entry remembers whether the person has been in its audience all the time.
        const entries: {
          audience: number
          at: { epoch: string; seq: number }
          visible: boolean
        }[] = []
        let life = 0
        let seq = 0
        let membership = null as ReturnType<typeof member>['membership'] | null
        const isFor = (audience: number) =>
          membership !== null &&
          (audience & (membership.role === 'manager' ? MANAGERS : STAFF)) !== 0
        for (const one of events) {
          const head = { epoch: EPOCHS[life] ?? 'e9', seq }
          if (one.kind === 'entry') {
            seq += 1
            entries.push({
              audience: one.audience,
              at: { ...head, seq },
              visible: isFor(one.audience),
            })
          } else if (one.kind === 'new life') {
            if (life < EPOCHS.length - 1) [life, seq] = [life + 1, 0]
          } else {
            if (one.role === null) membership = null
            else if (!membership) membership = { role: one.role, from: head, roleFrom: head }
            else if (membership.role !== one.role) {
              membership = { ...membership, role: one.role, roleFrom: head }
            }
            for (const entry of entries) entry.visible &&= isFor(entry.audience)
          }
        }
        for (const { visible, ...entry } of entries) {
          const reader = membership && { kind: 'member' as const, membership }
          expect(reader !== null && maySee(entry, reader)).toBe(visible)
        }
      }),
      { numRuns: 300 },
    )
  })
})
