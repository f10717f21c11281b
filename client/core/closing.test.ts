import { describe, expect, test } from 'vitest'
import { CLOSE_CODES } from '../../protocol/errors.ts'
import { verdictOfBye, verdictOfClose, type Verdict } from './closing.ts'

const bye = (code: number, more: object = {}) =>
  ({ type: 'bye', code, reason: 'x', retry: code < 4500, ...more }) as const

const never = (reason: string, code: number) => ({ kind: 'never', reason, code }) as Verdict

describe('[WS8] close codes', () => {
  test.each<[number, Verdict]>([
    [4001, { kind: 'soon' }],
    [4008, { kind: 'soon' }],
    [4009, { kind: 'soon' }],
    [4010, { kind: 'after_refresh' }],
    [4029, { kind: 'slowly' }],
    [4500, never('bad_client', 4500)],
    [4501, never('unauthorized', 4501)],
    [4503, never('forbidden', 4503)],
    [4509, never('replaced', 4509)],
    [4526, never('protocol_unsupported', 4526)],
  ])('%i', (code, verdict) => {
    expect(verdictOfClose(code)).toEqual(verdict)
  })

  test('every code of the protocol that ends for good has a reason of its own', () => {
    const codes = Object.entries(CLOSE_CODES).filter(([, { retry }]) => retry === 'never')
    const verdicts = codes.map(([code]) => verdictOfClose(Number(code)))
    expect(verdicts.filter((one) => one.kind !== 'never' || one.reason === 'refused')).toEqual([])
  })

  test.each([4000, 4002, 4499])('%i is unknown, and comes back', (code) => {
    expect(verdictOfClose(code)).toEqual({ kind: 'soon' })
  })

  test.each([4502, 4999])('%i is unknown, and stays away', (code) => {
    expect(verdictOfClose(code)).toEqual(never('refused', code))
  })

  test.each([1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 1015])(
    '%i is the network or a restart, and comes back',
    (code) => {
      expect(verdictOfClose(code)).toEqual({ kind: 'soon' })
    },
  )
})

describe('[WS8] a bye', () => {
  const at = (delayMs: number): Verdict => ({ kind: 'at', delayMs })
  test.each<[string, ReturnType<typeof bye>, Verdict]>([
    ['says what its code says', bye(4001), { kind: 'soon' }],
    ['may name the time', bye(4001, { retry_after_ms: 7_000 }), at(7_000)],
    ['at once is a time too', bye(4001, { retry_after_ms: 0 }), at(0)],
    ['a time beyond reason is an hour', bye(4001, { retry_after_ms: 1e12 }), at(3_600_000)],
    ['a negative time is at once', bye(4001, { retry_after_ms: -5 }), at(0)],
    ['asks for a refresh', bye(4010), { kind: 'after_refresh' }],
    ['ends for good', bye(4509), never('replaced', 4509)],
    ['may end a code that comes back', bye(4001, { retry: false }), never('refused', 4001)],
    ['may allow a code that does not', bye(4509, { retry: true }), { kind: 'soon' }],
    ['unknown and final', bye(4777), never('refused', 4777)],
    ['final, whatever time it names', bye(4503, { retry_after_ms: 5 }), never('forbidden', 4503)],
  ])('%s', (_title, frame, verdict) => {
    expect(verdictOfBye(frame)).toEqual(verdict)
  })
})
