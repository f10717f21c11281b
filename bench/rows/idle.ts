// A thousand phones in pockets: they ping, and nobody wakes.
import { setTimeout as wait } from 'node:timers/promises'
import { metersOf } from '../meter/read.ts'
import type { Row } from '../row.ts'
import { namesOf, Shop } from '../shop.ts'

const SOCKETS_EACH = 5
const AT_ONCE = 50

export const idle: Row = {
  id: 'idle',
  title: 'idle: 1,000 sockets on 200 hubs for two minutes, pinging every 30 s',
  against: 'nothing',
  aims: [{ text: '0 hub wake-ups', holds: (medians) => medians['hub wake-ups'] === 0 }],
  rounds: 1,
  async open(bench) {
    const people = namesOf('idle', bench.pick({ full: 200, quick: 40, smoke: 2 }))
    const settleMs = bench.pick({ full: 20_000, quick: 15_000, smoke: 500 })
    const windowMs = bench.pick({ full: 120_000, quick: 45_000, smoke: 500 })
    const server = await bench.server('metered')
    const shop = new Shop(server)
    await shop.addPeople(people)
    const load = bench.load()
    await load.do('open', { plans: await shop.sockets(people, SOCKETS_EACH), atOnce: AT_ONCE })
    return {
      async run() {
        await wait(settleMs)
        const before = server.use().cpuSeconds
        const meters = await metersOf(server, () => wait(windowMs))
        const { hub_wakes, hub_alarms, hub_messages, hub_calls, hub_closes } = meters
        return {
          'hub wake-ups': hub_wakes + hub_alarms + hub_messages + hub_calls + hub_closes,
          'CPU seconds of the runtime': server.use().cpuSeconds - before,
          'seconds watched': windowMs / 1_000,
        }
      },
    }
  },
}
