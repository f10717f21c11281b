// npm run bench:cost: what a shop puts on the platform's bill in a month.

import { AIM_DOLLARS, costText } from '../bench/cost/text.ts'
import { PEOPLE } from '../bench/cost/day.ts'
import { D1_MS, measureDay } from '../bench/cost/measure.ts'
import { itemsOf, sumOf } from '../bench/cost/bill.ts'
import { buildWeb, buildWorker } from './lib/build.ts'
import { runMain } from './lib/fail.ts'

/** A hub sleeps ten seconds after its last event; the longest that follows one by itself is an alarm in two. */
const PLAYED = { people: PEOPLE, asleepMs: 12_000, settleMs: 4_000 }

await runMain(async () => {
  await buildWeb(console.error)
  await buildWorker(console.error)
  const lines = await measureDay(PLAYED, console.error)
  console.log(costText(lines, D1_MS))
  if (sumOf(itemsOf(lines)) > AIM_DOLLARS) console.log('Short of the aim.')
})
