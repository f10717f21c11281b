// What a sender gains by sending in hundreds.
import { atLeast, type Row } from '../row.ts'
import { namesOf, Shop } from '../shop.ts'
import { assertAccepted } from '../sides.ts'
import { perSecond } from './personal.ts'

const IN_A_BATCH = 100

export const batch: Row = {
  id: 'batch',
  title: 'the same through /batch in hundreds',
  against: 'our own single sends, 16 in flight',
  aims: [atLeast('many people ratio', 2.5), atLeast('one person ratio', 10)],
  async open(bench) {
    const people = namesOf('batch', bench.pick({ full: 200, quick: 100, smoke: 10 }))
    const sends = bench.pick({ full: 1_000, quick: 300, smoke: 100 })
    const shop = new Shop(await bench.server('ours'))
    await shop.addPeople(people)
    const load = bench.load()
    const everybody = Array.from({ length: IN_A_BATCH }, (_, index) => ({
      user_id: people[index % people.length] ?? '',
    }))
    const rest = Array.from({ length: IN_A_BATCH }, (_, index) => ({
      user_id: people[(index + IN_A_BATCH) % people.length] ?? '',
    }))
    const onlyOne = Array.from({ length: IN_A_BATCH }, () => ({ user_id: people[0] ?? '' }))
    await load.do('ask', {
      asks: [await shop.sendBatch(everybody), await shop.sendBatch(rest)],
      count: 2,
      inFlight: 1,
      keys: 'warm',
    })
    return {
      async run(round) {
        const singles = await Promise.all(people.map((user_id) => shop.send({ user_id })))
        const single = await load.do('ask', {
          asks: singles,
          count: sends,
          inFlight: 16,
          keys: `single-${round}`,
        })
        assertAccepted(single, sends)
        const batches = sends / IN_A_BATCH
        const one = { count: batches, inFlight: 1 }
        const toMany = await load.do('ask', {
          ...one,
          asks: [await shop.sendBatch(everybody), await shop.sendBatch(rest)],
          keys: `many-${round}`,
        })
        const toOne = await load.do('ask', {
          ...one,
          asks: [await shop.sendBatch(onlyOne)],
          keys: `one-${round}`,
        })
        for (const { lastBody } of [toMany, toOne]) assertAllAccepted(lastBody)
        assertAccepted(toMany, batches)
        assertAccepted(toOne, batches)
        const base = perSecond(single, sends)
        return {
          'single sends/s': base,
          'to many people/s': perSecond(toMany, sends),
          'to one person/s': perSecond(toOne, sends),
          'many people ratio': perSecond(toMany, sends) / base,
          'one person ratio': perSecond(toOne, sends) / base,
        }
      },
    }
  },
}

/** [NO3] 207 says nothing yet: each item has a status of its own. */
function assertAllAccepted(body: string): void {
  const { results } = JSON.parse(body) as { results: { status: number | string }[] }
  const refused = results.filter(({ status }) => status !== 201 && status !== 202)
  if (refused.length > 0) throw new Error(`a batch was refused: ${JSON.stringify(refused[0])}`)
}
