// What `npm run bench:cost` prints. Pure.
import { CPU_MS_A_REQUEST, itemsOf, sumOf, type Item, type Line } from './bill.ts'
import { PRICES, type Unit } from './prices.ts'

export const AIM_DOLLARS = 0.2

export function costText(lines: readonly Line[], d1Ms: number): string {
  const items = itemsOf(lines)
  const total = sumOf(items)
  const units = Object.keys(PRICES) as Unit[]
  const of = (wanted: (item: Item) => boolean) => dollars(sumOf(items.filter(wanted)))
  return [
    'What a shop of 30 people costs in a month, at the prices published in November 2026, without what a plan includes.',
    `Measured: each thing done to a sleeping shop, D1 answering after ${d1Ms} ms. Modelled: how often each happens in a day,`,
    `${CPU_MS_A_REQUEST} ms of CPU for a request, and what says so. Not in it: pushes, the two or three rows that a hub writes once in`,
    '64 entries, and room messages, which are not built.',
    'Each is measured alone: what in life happens to one hub within two seconds shares an alarm, a batch and its cursor, and what',
    'happens within a minute a report of counters. Hub ms are what hubs had something under way, waiting for D1 and for each other',
    'in the one thread that they share here; of their own they take less. Both make the sum too high rather than too low.',
    '',
    ...lines.flatMap((line) => [
      `${of((item) => item.what === line.what)}  ${line.aDay.toLocaleString('en')} a day, ${line.how}: ${line.what}`,
      `         each ${eachOf(line)}`,
    ]),
    '',
    ...units.map((unit) => `${of((item) => item.unit === unit)}  ${unit}`),
    '',
    `${dollars(total)}  in all; aim ${dollars(AIM_DOLLARS)} ${total <= AIM_DOLLARS ? '✓' : '✗'}`,
    'The three largest:',
    ...items.slice(0, 3).map((item) => `${dollars(item.dollars)}  ${item.what}: ${item.unit}`),
  ].join('\n')
}

const eachOf = ({ units }: Line) =>
  Object.entries(units)
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${Number(count.toPrecision(3))} ${unit}`)
    .join(', ')

const dollars = (value: number) => `$${value.toFixed(4)}`
