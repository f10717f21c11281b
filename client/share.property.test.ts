import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TabWorld, type PersonTab } from '../tests/client/tab-world.ts'

/** What can befall a browser full of tabs; `which` picks one of those that are open. */
type Act = (world: TabWorld, tab: PersonTab | undefined, of: string) => unknown

const ACTS: Record<string, Act> = {
  open: (world, _, of) => world.open(of),
  'open behind': (world, _, of) => world.open(of, { visible: false }),
  close: (_, tab) => tab && isAwake(tab) && tab.connection.stop(),
  'come again': (_, tab) => tab && isAwake(tab) && tab.connection.start(),
  crash: (_, tab) => tab?.tab.crash(),
  freeze: (_, tab) => tab?.tab.freeze(),
  thaw: (_, tab) => tab?.tab.thaw(),
  show: (_, tab) => tab && isAwake(tab) && tab.tab.window.say('visible'),
  hide: (_, tab) => tab && isAwake(tab) && tab.tab.window.say('hidden'),
  focus: (_, tab) => tab && isAwake(tab) && tab.tab.window.say('focus'),
  'page away': (_, tab) => tab && isAwake(tab) && tab.tab.page(false),
  'page back': (_, tab) => tab && isAwake(tab) && tab.tab.page(true),
  publish: ({ hub }, _, of) => hub.publish(of),
  'publish much': ({ hub }, _, of) => Array.from({ length: 8 }, () => hub.publish(of)),
  drop: ({ hub }, _, of) => hub.alive(of)[0]?.drop(),
  replace: ({ hub }, _, of) => hub.alive(of)[0]?.drop(4509),
  refuse: ({ hub }, _, of) => hub.alive(of)[0]?.drop(4501),
  away: ({ hub }) => void (hub.isUp = false),
  back: ({ hub }) => void (hub.isUp = true),
  restart: (_, tab) => tab && isAwake(tab) && tab.connection.restart(),
}

const isAwake = ({ tab }: PersonTab) => tab.state === 'awake'
const isOpen = ({ tab }: PersonTab) => tab.state !== 'gone'

const step = fc.record({
  act: fc.constantFrom(...Object.keys(ACTS), 'open', 'publish', 'publish'),
  which: fc.nat(20),
  of: fc.constantFrom('ben', 'ben', 'ben', 'ana'),
  ms: fc.oneof(fc.constant(null), fc.constant(0), fc.integer({ min: 1, max: 20_000 })),
})

function check({ tabs, browser, hub }: TabWorld) {
  expect(tabs.flatMap(({ faults }) => faults)).toEqual([])
  for (const person of ['ben', 'ana']) {
    const mine = tabs.filter((one) => one.person === person)
    const sleepers = mine.filter(({ tab }) => tab.state === 'frozen').length
    // A tab that sleeps cannot close what it has; the others have one between them.
    expect(hub.alive(person).length).toBeLessThanOrEqual(1 + sleepers)
  }
  expect(browser.locks.size).toBeLessThanOrEqual(2)
}

/** Whatever happened: all wake, there is a network, and each tab is looked at once. */
async function heal(world: TabWorld) {
  const { hub, tabs } = world
  hub.isUp = true
  const open = tabs.filter(isOpen)
  for (const { tab } of open) tab.thaw()
  await world.settle()
  for (const { tab, connection } of open) {
    tab.page(true)
    tab.window.say('visible')
    connection.start()
    await world.settle()
  }
  await world.pass(20_000)
  for (const { connection } of open) {
    if (connection.getState().name !== 'live') connection.restart()
    await world.pass(5_000)
  }
  for (const { connection } of open) {
    if (connection.getState().name !== 'live') connection.restart()
    await world.pass(5_000)
  }
  hub.publish('ben')
  hub.publish('ana')
  await world.settle()
}

test('[ST3][ST5] whatever happens to tabs, each sees every frame once, in order, over one socket', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
      async (steps) => {
        const world = new TabWorld()
        for (const { act, which, of, ms } of steps) {
          const open = world.tabs.filter(isOpen)
          ACTS[act]?.(world, open[which % Math.max(1, open.length)], of)
          // Null: the next thing happens in the same moment.
          if (ms === null) continue
          await world.pass(ms)
          check(world)
        }
        await heal(world)
        check(world)
        for (const { connection, last, person, tab } of world.tabs.filter(isOpen)) {
          expect(connection.getState(), `of ${tab.system.id}`).toMatchObject({ name: 'live' })
          expect(last, `of ${tab.system.id}`).toBe(world.hub.head(person))
          expect(world.hub.alive(person)).toHaveLength(1)
        }
      },
    ),
    { numRuns: 300 },
  )
})
