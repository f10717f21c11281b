import { describe, expect, test } from 'vitest'
import { TabWorld, tokenOf } from '../tests/client/tab-world.ts'
import { ShopbellError } from './errors.ts'
import type { GetToken } from './types.ts'

/** Ben's tabs, all live; the first one leads. */
async function open(count: number, world = new TabWorld()) {
  const tabs = []
  for (let i = 0; i < count; i++) {
    tabs.push(world.open())
    await world.settle()
  }
  return { world, hub: world.hub, tabs, first: tabs[0]!, second: tabs[1]!, third: tabs[2]! }
}

const names = (tabs: { connection: { getState(): { name: string } } }[]) =>
  tabs.map(({ connection }) => connection.getState().name)

describe('one connection for all tabs of a person', () => {
  test('[ST3] every tab hears every frame once, over one socket', async () => {
    const { world, hub, tabs } = await open(3)
    hub.publish('ben')
    hub.publish('ben')
    await world.settle()
    expect(hub.sockets).toHaveLength(1)
    expect(names(tabs)).toEqual(['live', 'live', 'live'])
    expect(tabs.map(({ last }) => last)).toEqual([2, 2, 2])
    expect(tabs.flatMap(({ faults }) => faults)).toEqual([])
  })

  test('[AR5] who comes late begins where the stream is now, with a snapshot', async () => {
    const { world, hub, first } = await open(1)
    hub.publish('ben')
    hub.publish('ben')
    await world.settle()
    const late = world.open()
    const welcomes: unknown[] = []
    late.connection.onFrames(([frame]) => frame?.type === 'welcome' && welcomes.push(frame))
    await world.settle()
    hub.publish('ben')
    await world.settle()
    expect(welcomes).toMatchObject([
      {
        recovered: false,
        seq: 2,
        heads: { 'user:ben': { seq: 2 } },
        memberships: { downtown: 'staff' },
      },
    ])
    expect([first.last, late.last]).toEqual([3, 3])
    expect(late.connection.serverNow()).toBe(world.clock.now() + 5_000)
    expect(hub.sockets).toHaveLength(1)
  })

  test('two people in one browser share nothing', async () => {
    const { world, hub, first } = await open(1)
    const ana = world.open('ana')
    await world.settle()
    hub.publish('ben')
    await world.settle()
    expect(hub.alive('ben')).toHaveLength(1)
    expect(hub.alive('ana')).toHaveLength(1)
    expect([first.last, ana.last]).toEqual([1, 0])
    expect([...first.faults, ...ana.faults]).toEqual([])
  })

  test('a token whose owner cannot be read shares with nobody', async () => {
    const { world, hub } = await open(1)
    const getToken: GetToken = async () => ({ token: 'h.e30.s', expiresAt: Infinity })
    Object.assign(hub, { opened: () => {} })
    world.open('ben', { getToken }).connection.send({ type: 'ack', seq: 1 })
    await expect(world.settle()).resolves.toBeUndefined()
    expect(world.browser.channels.size).toBe(1)
  })
})

describe('the lead passes on', () => {
  test('[WS4][WS7] the tab of the leader is closed: the next resumes where it was, as the same device', async () => {
    const { world, hub, first, second, third } = await open(3)
    hub.publish('ben')
    await world.settle()
    first.connection.stop()
    hub.publish('ben')
    await world.settle()
    const { searchParams } = hub.sockets.at(-1)!.url
    expect(searchParams.get('since')).toBe('1')
    expect(searchParams.get('device')).toBe('device-of-tab-1')
    expect(hub.alive('ben')).toHaveLength(1)
    expect([second.last, third.last]).toEqual([2, 2])
    expect([second.starts, third.starts]).toEqual([1, 1])
    expect(names([first, second, third])).toEqual(['idle', 'live', 'live'])
  })

  test('a follower that stops leaves the others alone', async () => {
    const { world, hub, first, second } = await open(2)
    second.connection.stop()
    hub.publish('ben')
    await world.settle()
    expect([first.last, second.last]).toEqual([1, 0])
    expect(hub.sockets).toHaveLength(1)
    second.connection.start()
    await world.settle()
    expect(second.last).toBe(1)
    expect(names([first, second])).toEqual(['live', 'live'])
  })

  test('a leader that crashed is followed at once', async () => {
    const { world, hub, first, second } = await open(2)
    first.tab.crash()
    await world.settle()
    hub.publish('ben')
    await world.settle()
    expect(second.last).toBe(1)
    expect(names([second])).toEqual(['live'])
  })

  test('[WS4] who has heard less than the new leader begins anew', async () => {
    const { world, hub, first, third } = await open(3)
    third.tab.freeze()
    hub.publish('ben')
    await world.settle()
    // Its messages are lost with the browser's patience: it only hears what is said from now on.
    world.browser.channels.forEach(
      (one) => one.tab === third.tab && world.browser.channels.delete(one),
    )
    third.tab.thaw()
    await world.settle()
    third.tab.page(false)
    third.tab.page(true)
    first.tab.crash()
    await world.settle()
    hub.publish('ben')
    await world.settle()
    expect(third.last).toBe(2)
    expect(third.faults).toEqual([])
  })

  test('a leader that is asleep is robbed by a tab that is looked at, and follows when it wakes', async () => {
    const { world, hub, first, second } = await open(2)
    first.tab.freeze()
    hub.publish('ben')
    second.tab.window.say('focus')
    await world.pass(4_000)
    expect(second.last).toBe(1)
    expect(hub.alive('ben').map(({ url }) => url.searchParams.get('device'))).toEqual([
      'device-of-tab-1',
    ])
    first.tab.thaw()
    await world.settle()
    hub.publish('ben')
    await world.settle()
    expect(hub.alive('ben')).toHaveLength(1)
    expect([first.last, second.last]).toEqual([2, 2])
    expect(names([first, second])).toEqual(['live', 'live'])
    expect([...first.faults, ...second.faults]).toEqual([])
  })

  test('a leader that answers is not robbed, nor one that nobody else looks at', async () => {
    const { world, hub, first, second } = await open(2)
    await world.pass(60_000)
    expect(hub.sockets).toHaveLength(1)
    second.tab.window.say('hidden')
    first.tab.freeze()
    await world.pass(60_000)
    expect(hub.sockets).toHaveLength(1)
  })

  test('[WS7] taken for the older one during a hand-over, the new leader comes back', async () => {
    const { world, hub, first, second } = await open(2)
    first.connection.stop()
    await world.settle()
    hub.alive('ben')[0]!.drop(4509)
    await world.settle()
    expect(names([second])).toEqual(['live'])
    hub.alive('ben')[0]!.drop(4509)
    await world.settle()
    expect(second.connection.getState()).toMatchObject({ name: 'stopped', reason: 'replaced' })
  })

  test('a page in the back-forward cache holds neither lock nor socket, and comes back alive', async () => {
    const { world, hub, first, second } = await open(2)
    first.tab.page(false)
    await world.settle()
    expect(hub.alive('ben')).toHaveLength(1)
    hub.publish('ben')
    await world.settle()
    first.tab.page(true)
    await world.settle()
    expect([first.last, second.last]).toEqual([1, 1])
    expect(names([first, second])).toEqual(['live', 'live'])
    expect(hub.alive('ben')).toHaveLength(1)
  })

  test('a hidden leader without a connection gives way to a tab that is looked at', async () => {
    const { world, hub, first, second } = await open(2)
    first.tab.window.say('hidden')
    hub.isUp = false
    hub.alive('ben')[0]!.drop()
    await world.pass(20_000)
    hub.isUp = true
    await world.pass(120_000)
    expect(names([first, second])).toEqual(['live', 'live'])
    const leader = [...world.browser.locks.values()][0]!.holder
    expect(leader?.tab).toBe(second.tab)
  })
})

describe('all tabs speak over it', () => {
  test('what a follower sends goes out while the connection is live', async () => {
    const { world, hub, second } = await open(2)
    expect(second.connection.send({ type: 'seen', up_to: {} })).toBe(true)
    await world.settle()
    expect(hub.heard.filter((one) => one === 'ben seen')).toHaveLength(1)
    hub.isUp = false
    hub.alive('ben')[0]!.drop()
    await world.settle()
    expect(second.connection.send({ type: 'seen', up_to: {} })).toBe(false)
  })

  test('[WS9] an answer goes to whoever asked, under its own id', async () => {
    const { world, first, second } = await open(2)
    first.connection.send({ type: 'seen', up_to: {}, id: 'a' })
    second.connection.send({ type: 'seen', up_to: {}, id: 'a' })
    second.connection.send({ type: 'seen', up_to: {}, id: 'b' })
    await world.settle()
    expect(first.others).toEqual(['ok a'])
    expect(second.others).toEqual(['ok a', 'ok b'])
  })

  test('[NO7] the hub knows what any tab wants to hear, over a hand-over too', async () => {
    const { world, hub, first, second, third } = await open(3)
    second.connection.send({ type: 'subscribe', event_type: 'team_updates' })
    third.connection.send({ type: 'subscribe', event_type: 'team_updates' })
    await world.settle()
    hub.event('ben', 'team_updates')
    await world.settle()
    third.connection.send({ type: 'unsubscribe', event_type: 'team_updates' })
    await world.settle()
    hub.event('ben', 'team_updates')
    await world.settle()
    first.tab.crash()
    await world.settle()
    hub.event('ben', 'team_updates')
    await world.settle()
    expect(second.others).toEqual(['team_updates', 'team_updates', 'team_updates'])
    expect(third.others).toEqual(['team_updates'])
    expect(first.others).toEqual([])
    second.connection.send({ type: 'unsubscribe', event_type: 'team_updates' })
    await world.settle()
    expect([...hub.alive('ben')[0]!.types]).toEqual([])
  })

  test('it counts as looked at when any tab is', async () => {
    const { world, hub, first, second } = await open(2)
    const told = () =>
      hub.sockets[0]!.frames.filter((frame) => (frame as { type: string }).type === 'state')
    first.tab.window.say('hidden')
    await world.settle()
    expect(told()).toEqual([])
    second.tab.window.say('hidden')
    await world.settle()
    expect(told()).toEqual([{ type: 'state', visible: false }])
    second.tab.window.say('visible')
    await world.settle()
    // Nobody looks at a tab that is gone, however it went.
    second.tab.crash()
    await world.pass(36_000)
    expect(told()).toEqual([false, true, false].map((visible) => ({ type: 'state', visible })))
  })

  test('a follower can say that it is tried again', async () => {
    const { world, hub, second } = await open(2)
    hub.alive('ben')[0]!.drop(4509)
    await world.settle()
    await world.pass(1)
    hub.alive('ben')[0]?.drop(4509)
    await world.settle()
    expect(names([second])).toEqual(['stopped'])
    second.connection.restart()
    await world.settle()
    expect(names([second])).toEqual(['live'])
  })
})

describe('tokens', () => {
  test('[WS8] a leader that is refused stops alone; the next has its own token', async () => {
    const { world, hub, first, second } = await open(2)
    hub.alive('ben')[0]!.drop(4501)
    await world.settle()
    expect(first.connection.getState()).toMatchObject({ name: 'stopped', reason: 'unauthorized' })
    expect(names([second])).toEqual(['live'])
    first.connection.restart()
    await world.settle()
    expect(names([first, second])).toEqual(['live', 'live'])
    expect(hub.alive('ben')).toHaveLength(1)
  })

  test('no token, no sharing: it is said as always, and tried again', async () => {
    const world = new TabWorld()
    let isAway = true
    const tab = world.open('ben', {
      getToken: async () => {
        if (isAway) throw new ShopbellError('network')
        return { token: tokenOf('ben'), expiresAt: Infinity }
      },
    })
    await world.settle()
    expect(names([tab])).toEqual(['waiting'])
    expect(world.browser.channels.size).toBe(0)
    isAway = false
    await world.pass(5_000)
    expect(names([tab])).toEqual(['live'])
    expect(tab.states).not.toContain('idle')
  })

  test('a token of somebody else is not used for these tabs', async () => {
    const world = new TabWorld()
    let who = 'ben'
    const tab = world.open('ben', {
      getToken: async () => ({ token: tokenOf(who), expiresAt: Infinity }),
    })
    const other = world.open('ben')
    await world.settle()
    who = 'ana'
    world.hub.alive('ben')[0]!.drop()
    await world.pass(5_000)
    expect(tab.connection.getState()).toMatchObject({ name: 'stopped', reason: 'unauthorized' })
    expect(names([other])).toEqual(['live'])
    expect(world.hub.alive('ana')).toEqual([])
  })
})
