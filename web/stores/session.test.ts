import { describe, expect, test } from 'vitest'
import { ShopbellError } from '../../client/errors.ts'
import type { ConnectionState, Shopbell } from '../../client/types.ts'
import type { Me } from '../../protocol/api.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { DoorModel } from './door.ts'
import { SessionModel, type Keep } from './session.ts'

const ben: Me = {
  id: 'ben',
  name: 'Ben',
  role: 'member',
  locale: 'en',
  memberships: { downtown: 'staff' },
}

function memory(): Keep & { kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
}

/** A Shopbell whose `me` answers from a list, and whose frames and states the test sends. */
function fakeShopbell(answers: (Me | ShopbellError)[]) {
  const calls: string[] = []
  let onState = (_state: ConnectionState) => {}
  let onFrames = (_frames: ServerFrame[]) => {}
  const shopbell = {
    api: {
      async me() {
        calls.push('me')
        const next = answers.shift() ?? ben
        if (next instanceof ShopbellError) throw next
        return next
      },
    },
    connection: {
      subscribe(listener: typeof onState) {
        onState = listener
      },
      onFrames(listener: typeof onFrames) {
        onFrames = listener
      },
    },
    start: () => void calls.push('start'),
    stop: () => void calls.push('stop'),
  } as unknown as Shopbell
  return {
    shopbell,
    calls,
    becomes: (state: ConnectionState) => onState(state),
    hears: (frame: ServerFrame) => onFrames([frame]),
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('who is signed in, in this window', () => {
  test('after signing in the window keeps the person, and no token', async () => {
    const keep = memory()
    const { shopbell, calls } = fakeShopbell([ben])
    const session = new SessionModel(() => shopbell, keep)
    await session.signIn('ben')
    expect(session.state.value).toMatchObject({ name: 'signed_in', me: ben })
    expect(calls).toEqual(['me', 'start'])
    expect([...keep.kept.values()].map((text) => JSON.parse(text))).toEqual([ben])
  })

  test('a reload is signed in at once, and then asks what changed', async () => {
    const keep = memory()
    keep.setItem('shopbell.me', JSON.stringify(ben))
    const { shopbell } = fakeShopbell([{ ...ben, memberships: { harbour: 'manager' } }])
    const session = new SessionModel(() => shopbell, keep)
    expect(session.state.value).toMatchObject({ name: 'signed_in', me: ben })
    await settled()
    expect(session.state.value).toMatchObject({ me: { memberships: { harbour: 'manager' } } })
  })

  test('a reload without a network stays signed in', async () => {
    const keep = memory()
    keep.setItem('shopbell.me', JSON.stringify(ben))
    const { shopbell } = fakeShopbell([new ShopbellError('network')])
    const session = new SessionModel(() => shopbell, keep)
    await settled()
    expect(session.state.value.name).toBe('signed_in')
  })

  test('what is kept in another form is nobody', () => {
    const keep = memory()
    keep.setItem('shopbell.me', '{"id": 7')
    const session = new SessionModel(() => fakeShopbell([]).shopbell, keep)
    expect(session.state.value).toEqual({ name: 'signed_out', problem: null })
  })

  test.each([
    ['no network', new ShopbellError('network'), 'unreachable'],
    ['a refusal', new ShopbellError('unauthorized', { status: 401 }), 'failed'],
  ])('%s leaves the door open and says why', async (_rule, error, problem) => {
    const session = new SessionModel(() => fakeShopbell([error]).shopbell, memory())
    await session.signIn('ben')
    expect(session.state.value).toEqual({ name: 'signed_out', problem })
  })

  test('[NO8] a changed membership is learned', async () => {
    const { shopbell, hears } = fakeShopbell([ben, { ...ben, memberships: {} }])
    const session = new SessionModel(() => shopbell, memory())
    await session.signIn('ben')
    hears({ type: 'membership', data: { location_id: 'downtown', role: null } })
    await settled()
    expect(session.state.value).toMatchObject({ me: { memberships: {} } })
  })

  test('signed out elsewhere, the window says so and forgets', async () => {
    const keep = memory()
    const { shopbell, becomes, calls } = fakeShopbell([ben])
    const session = new SessionModel(() => shopbell, keep)
    await session.signIn('ben')
    becomes({ name: 'stopped', reason: 'unauthorized', code: 4501 })
    expect(session.state.value).toEqual({ name: 'signed_out', problem: 'ended' })
    expect(calls.at(-1)).toBe('stop')
    expect(keep.kept.size).toBe(0)
  })
})

test.each([
  ['a server in development lets them in', new ShopbellError('invalid', { status: 422 }), 'open'],
  ['any other has no such route', new ShopbellError('not_found', { status: 404 }), 'platform'],
  ['no answer', new ShopbellError('network'), 'unreachable'],
])('[AU3] the door for demo people: %s', async (_rule, error, status) => {
  const door = new DoorModel({
    async signInDev() {
      throw error
    },
  })
  await door.knock()
  expect(door.status.value).toBe(status)
})
