import { beforeAll, describe, expect, test } from 'vitest'
import { makeBrowserKeys } from '../../tests/push/browser-keys.ts'
import { sendPush, type PushDeps } from './send.ts'
import { openVapid, type Vapid } from './vapid.ts'

const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/abc'
const { keys } = makeBrowserKeys()
const push = { payload: '{}', ttl: 60, urgency: 'normal', topic: null } as const

let vapid: Vapid
beforeAll(async () => {
  vapid = await openVapid('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', 'mailto:a@b.example')
})

const send = (
  fetch: PushDeps['fetch'],
  to = { endpoint: ENDPOINT, ...keys },
  more: Partial<PushDeps> = {},
) => sendPush(to, push, { vapid, loopback: null, now: () => 0, fetch, ...more })
const answer =
  (status: number, headers = {}) =>
  async () =>
    new Response(null, { status, headers })
const never: PushDeps['fetch'] = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
  })

describe('sendPush', () => {
  test('[RE3] answers what the status means', async () => {
    expect(await send(answer(201))).toEqual({ kind: 'sent' })
    expect(await send(answer(410))).toEqual({ kind: 'gone' })
    expect(await send(answer(429, { 'Retry-After': '9' }))).toMatchObject({ afterMs: 9_000 })
  })

  test('[RE3] a redirect is not followed: it is an answer that refuses', async () => {
    const location = 'http://169.254.169.254/'
    expect(await send(answer(302, { location }))).toMatchObject({ kind: 'refused' })
  })

  test('[RE3] who does not answer is left, and tried later', async () => {
    const outcome = await send(never, undefined, { timeoutMs: 20 })
    const error = 'the push service did not answer within 0.02 s'
    expect(outcome).toEqual({ kind: 'later', error, afterMs: null })
    const down = () => Promise.reject(new TypeError('connect ECONNREFUSED 10.0.0.1'))
    expect(await send(down)).toMatchObject({ error: 'the push service could not be reached' })
  })

  test.each([
    ['an address that is not on the list', { endpoint: 'https://10.0.0.5/a', ...keys }],
    ['a key that is no point', { endpoint: ENDPOINT, ...keys, p256dh: 'AAAA' }],
    ['a secret that is too short', { endpoint: ENDPOINT, ...keys, auth: 'AAAA' }],
  ])('[RE3] %s: nothing leaves', async (_what, to) => {
    const calls: string[] = []
    const fetch = async (url: string) => {
      calls.push(url)
      return new Response(null, { status: 201 })
    }
    expect(await send(fetch, to)).toMatchObject({ kind: 'refused' })
    expect(calls).toEqual([])
  })
})
