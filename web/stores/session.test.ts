import { describe, expect, test } from 'vitest'
import { ShopbellError } from '../../client/errors.ts'
import { away, ben, memory, refusal, world } from '../../tests/client/session-world.ts'
import { DoorModel } from './door.ts'
import { LEAVING } from './leaving.ts'

const settled = () => new Promise((resolve) => setTimeout(resolve))

const keepOf = (by: 'demo' | 'session') => {
  const keep = memory()
  keep.setItem('shopbell.me', JSON.stringify({ by, me: ben }))
  return keep
}

const leavingBrowser = () => {
  const browser = memory()
  browser.setItem(LEAVING, 'yes')
  return browser
}

const out = (problem: string | null) => ({ name: 'signed_out', problem })
const inAs = (id: string, by: 'demo' | 'session') => ({ name: 'signed_in', me: { id }, by })

describe('[AU3] a demo person in this window', () => {
  test('is kept by the window, without a token', async () => {
    const { session, keep, calls } = world()
    await session.begin(null)
    await session.signIn('ben')
    expect(session.state.value).toMatchObject(inAs('ben', 'demo'))
    expect(calls).toEqual(['refresh', 'dev ben', 'me', 'start'])
    expect([...keep.kept.values()].map((text) => JSON.parse(text))).toEqual([
      { by: 'demo', me: ben },
    ])
  })

  test('is back at once after a reload, and then asks what changed', async () => {
    const { session, server } = world(keepOf('demo'))
    server.people['ben'] = { ...ben, memberships: { harbour: 'manager' } }
    void session.begin(null)
    expect(session.state.value).toMatchObject({ name: 'signed_in', me: ben })
    await settled()
    expect(session.state.value).toMatchObject({ me: { memberships: { harbour: 'manager' } } })
  })

  test('goes on as the same one, whoever the cookie is of: two windows can be two people', async () => {
    const { session, server, calls } = world(keepOf('demo'))
    server.cookie = 'ana'
    await session.begin(null)
    await settled()
    expect(session.state.value).toMatchObject(inAs('ben', 'demo'))
    expect(calls).not.toContain('refresh')
    server.cookie = 'ana'
    await session.signOut({ everywhere: false })
    expect(calls.at(-1)).toBe('logout kept')
    expect(server.cookie).toBe('ana')
  })

  test('stays after a reload without a network', async () => {
    const { session, server } = world(keepOf('demo'))
    server.fails = away()
    await session.begin(null)
    await settled()
    expect(session.state.value.name).toBe('signed_in')
  })

  test('kept in another form is nobody', async () => {
    const keep = memory()
    keep.setItem('shopbell.me', '{"id": 7')
    const { session } = world(keep)
    await session.begin(null)
    expect(session.state.value).toEqual(out(null))
  })

  test.each([
    ['no network', away(), 'unreachable'],
    ['a refusal', refusal(), 'failed'],
  ])('%s leaves the door open and says why', async (_rule, error, problem) => {
    const { session, server } = world()
    await session.begin(null)
    server.fails = error
    await session.signIn('ben')
    expect(session.state.value).toEqual(out(problem))
  })
})

describe('[AU2] by the cookie of the browser', () => {
  test('who has a session is in', async () => {
    const { session, server, calls } = world()
    server.cookie = 'ben'
    const begun = session.begin(null)
    expect(session.state.value).toEqual({ name: 'arriving' })
    await begun
    expect(session.state.value).toMatchObject(inAs('ben', 'session'))
    expect(calls).toEqual(['refresh', 'me', 'start'])
  })

  test.each([
    ['who has none finds the door, and no complaint', refusal(), null],
    ['no network', away(), 'unreachable'],
    ['a database that is away', new ShopbellError('unavailable', { status: 503 }), 'busy'],
    ['a page that may not', new ShopbellError('origin_not_allowed', { status: 403 }), 'failed'],
  ])('%s', async (_rule, error, problem) => {
    const { session, server } = world()
    server.fails = error
    await session.begin(null)
    expect(session.state.value).toEqual(out(problem))
  })

  test('what failed for now is tried again', async () => {
    const { session, server } = world()
    server.fails = away()
    await session.begin(null)
    Object.assign(server, { fails: null, cookie: 'ben' })
    await session.tryAgain()
    expect(session.state.value).toMatchObject(inAs('ben', 'session'))
    await session.tryAgain()
    expect(session.state.value.name).toBe('signed_in')
  })

  test('a refused renewal signs out, and says so', async () => {
    const { session, server, keep, calls } = world(keepOf('session'))
    await session.begin(null)
    await settled()
    expect(session.state.value).toEqual(out('ended'))
    expect(server.cookie).toBeNull()
    expect(keep.kept.size).toBe(0)
    expect(calls.at(-1)).toBe('stop')
  })

  test('a renewal for somebody else is refused: their cookie, this window’s inbox', async () => {
    const { session, server } = world()
    server.cookie = 'ben'
    await session.begin(null)
    server.cookie = 'ana'
    const now = session.state.value
    if (now.name === 'signed_in') await now.shopbell.api.me().catch(() => undefined)
    expect(session.state.value).toEqual(out('ended'))
  })
})

describe('[AU2] handed over by the platform’s page', () => {
  test('is in by the exchange, and goes on by the cookie', async () => {
    const { session, calls } = world()
    await session.begin('ana')
    expect(session.state.value).toMatchObject(inAs('ana', 'session'))
    const now = session.state.value
    if (now.name === 'signed_in') await now.shopbell.api.me()
    expect(calls).toEqual(['exchange ana', 'me', 'start', 'refresh', 'me'])
  })

  test('counts before everybody who is here', async () => {
    const { session, keep } = world(keepOf('demo'))
    await session.begin('ana')
    expect(session.state.value).toMatchObject(inAs('ana', 'session'))
    expect(keep.kept.get('shopbell.me')).toContain('"ana"')
    await session.begin('ben')
    expect(session.state.value).toMatchObject(inAs('ben', 'session'))
  })

  test.each([
    ['a token that is not taken', refusal(), 'refused'],
    ['no provider', new ShopbellError('not_available', { status: 501 }), 'refused'],
    ['an empty one', new ShopbellError('invalid', { status: 422 }), 'refused'],
    ['nobody of the directory', new ShopbellError('forbidden', { status: 403 }), 'unknown'],
    ['a provider that is away', new ShopbellError('unavailable', { status: 503 }), 'busy'],
    ['no network', away(), 'unreachable'],
  ])('%s ends at the door, and nobody else is let in instead', async (_rule, error, problem) => {
    const { session, server, keep, calls } = world(keepOf('demo'))
    server.cookie = 'ben'
    server.fails = error
    await session.begin('ana')
    expect(session.state.value).toEqual(out(problem))
    expect(calls).toEqual(['exchange ana'])
    expect(keep.kept.size).toBe(0)
  })

  test('without an answer it is shown again, and not after a refusal', async () => {
    const { session, server, calls } = world()
    server.fails = away()
    await session.begin('ana')
    server.fails = refusal()
    await session.tryAgain()
    await session.tryAgain()
    expect(calls).toEqual(['exchange ana', 'exchange ana'])
  })

  test('the one who came last is in, whatever is answered first', async () => {
    const { session } = world()
    await Promise.all([session.begin('ana'), session.begin('ben')])
    expect(session.state.value).toMatchObject(inAs('ben', 'session'))
  })
})

describe('signing out', () => {
  async function signedIn() {
    const one = world()
    one.server.cookie = 'ben'
    await one.session.begin(null)
    one.calls.length = 0
    return one
  }

  test.each([
    [false, 'logout'],
    [true, 'logout everywhere'],
  ])(
    '[TR6] tells the server, and keeps what is not sent, unless it is everywhere (%s)',
    async (everywhere, call) => {
      const { session, calls, keep, browser } = await signedIn()
      const leaving = session.signOut({ everywhere })
      expect(session.state.value).toEqual(out(null))
      await leaving
      expect(session.state.value).toEqual(out(null))
      expect(calls).toEqual(['stop', ...(everywhere ? ['forget'] : []), call])
      expect([keep.kept.size, browser.kept.size]).toEqual([0, 0])
    },
  )

  test.each([
    [false, 'still_open', 'logout'],
    [true, 'only_here', 'logout everywhere'],
  ])(
    'holds here without a network, says what it could not do, and does it later (everywhere: %s)',
    async (everywhere, problem, call) => {
      const { session, server, calls, browser } = await signedIn()
      server.fails = away()
      await session.signOut({ everywhere })
      expect(session.state.value).toEqual(out(problem))
      server.fails = null
      await session.tryAgain()
      expect(session.state.value).toEqual(out(null))
      expect(calls).toEqual(['stop', ...(everywhere ? ['forget'] : []), call, call])
      expect(browser.kept.size).toBe(0)
    },
  )

  test('holds over a reload: the cookie lets nobody in before it is ended', async () => {
    const { session, server, calls, browser } = world(keepOf('session'), leavingBrowser())
    Object.assign(server, { cookie: 'ben', fails: away() })
    await session.begin(null)
    expect(session.state.value).toEqual(out('still_open'))
    server.fails = null
    await session.tryAgain()
    expect(session.state.value).toEqual(out(null))
    expect(calls).toEqual(['logout', 'logout'])
    expect(server.cookie).toBeNull()
    expect(browser.kept.size).toBe(0)
  })

  test('who is handed over after that comes in when it is through', async () => {
    const { session, server, calls } = world(memory(), leavingBrowser())
    server.fails = away()
    await session.begin('ana')
    expect(session.state.value).toEqual(out('unreachable'))
    server.fails = null
    await session.tryAgain()
    expect(session.state.value).toMatchObject(inAs('ana', 'session'))
    expect(calls).toEqual(['logout', 'logout', 'exchange ana', 'me', 'start'])
  })

  test('a session that has ended already is no failure', async () => {
    const { session, server } = await signedIn()
    server.fails = refusal()
    await session.signOut({ everywhere: true })
    expect(session.state.value).toEqual(out(null))
  })

  test('in another window of the browser ends it here; a demo person stays', async () => {
    const { session } = await signedIn()
    session.leftElsewhere()
    expect(session.state.value).toEqual(out('ended'))
    const demo = world(keepOf('demo'))
    await demo.session.begin(null)
    demo.session.leftElsewhere()
    expect(demo.session.state.value.name).toBe('signed_in')
  })

  test('stepping aside leaves the session alone, and somebody else can come in', async () => {
    const { session, calls } = await signedIn()
    session.stepAside()
    expect(session.state.value).toEqual(out(null))
    await session.signIn('ana')
    expect(session.state.value).toMatchObject(inAs('ana', 'demo'))
    expect(calls).toEqual(['stop', 'dev ana', 'me', 'start'])
  })

  test('by the hub, the window says so and forgets', async () => {
    const { session, keep, calls, become } = await signedIn()
    become({ name: 'stopped', reason: 'unauthorized', code: 4501 })
    expect(session.state.value).toEqual(out('ended'))
    expect(calls.at(-1)).toBe('stop')
    expect(keep.kept.size).toBe(0)
  })
})

test('[NO8] a changed membership is learned', async () => {
  const { session, server, hear } = world(keepOf('demo'))
  await session.begin(null)
  await settled()
  server.people['ben'] = { ...ben, memberships: {} }
  hear({ type: 'membership', data: { location_id: 'downtown', role: null } })
  await settled()
  expect(session.state.value).toMatchObject({ me: { memberships: {} } })
})

test.each([
  ['a server in development lets them in', new ShopbellError('invalid', { status: 422 }), 'open'],
  ['any other has no such route', new ShopbellError('not_found', { status: 404 }), 'platform'],
  ['no answer', away(), 'unreachable'],
])('[AU3] the door for demo people: %s', async (_rule, error, status) => {
  const door = new DoorModel({
    async signInDev() {
      throw error
    },
  })
  await door.knock()
  expect(door.status.value).toBe(status)
})
