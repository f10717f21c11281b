// Sends to one person each, 16 in flight. Nobody has a socket open: it is the way in that is measured, not the way out.
import { floorSend } from '../floor-shop.ts'
import { atLeast, type Row } from '../row.ts'
import { namesOf, Shop } from '../shop.ts'
import { assertAccepted } from '../sides.ts'
import type { Asked } from '../load/requests.ts'

export const personal: Row = {
  id: 'personal',
  title: 'personal sends, 16 in flight, a second',
  against: 'a bare hub that does one log write and one D1 insert',
  aims: [atLeast('sends ratio', 0.6)],
  async open(bench) {
    const people = namesOf('personal', bench.pick({ full: 200, quick: 50, smoke: 4 }))
    const plan = { count: bench.pick({ full: 1_000, quick: 300, smoke: 8 }), inFlight: 16 }
    const floor = await bench.server('floor')
    const shop = new Shop(await bench.server('ours'))
    await shop.addPeople(people)
    const load = bench.load()
    const theirAsks = people.map((name) => floorSend(floor, 'archived', name))
    // A hub's first send of all wakes it and opens its cursor; that is not what is asked for here.
    const warm = { ...plan, count: people.length }
    await load.do('ask', { ...warm, asks: theirAsks })
    await load.do('ask', { ...warm, asks: await asksOf(shop, people), keys: 'warm' })
    return {
      async run(round) {
        const theirs = await load.do('ask', { ...plan, asks: theirAsks })
        const own = await load.do('ask', {
          ...plan,
          asks: await asksOf(shop, people),
          keys: `round-${round}`,
        })
        assertAccepted(theirs, plan.count)
        assertAccepted(own, plan.count)
        return {
          'floor sends/s': perSecond(theirs, plan.count),
          'ours sends/s': perSecond(own, plan.count),
          'sends ratio': perSecond(own, plan.count) / perSecond(theirs, plan.count),
          'floor answer p50 ms': theirs.latency.p50,
          'ours answer p50 ms': own.latency.p50,
        }
      },
    }
  },
}

const asksOf = (shop: Shop, people: readonly string[]) =>
  Promise.all(people.map((user_id) => shop.send({ user_id })))

export const perSecond = ({ from, to }: Asked, count: number): number =>
  (count * 1_000_000) / (to - from)
