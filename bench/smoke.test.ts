// Every row once, tiny: that its machinery works and counts right. Nothing here is about speed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HAPPENINGS } from './cost/day.ts'
import { D1_MS, measureDay } from './cost/measure.ts'
import { costText } from './cost/text.ts'
import { type Bench, type Row, WrongCount } from './row.ts'
import { ROWS } from './rows.ts'
import { Runner } from './run.ts'
import { floorSide, ourSide, sendTogether } from './sides.ts'

const runner = new Runner({ size: 'smoke', rounds: 1, tell: () => {} })
beforeAll(() => runner.prepare())
afterAll(() => runner.stop())

describe('every row is measured', () => {
  test.each(ROWS)('$id', async (row) => {
    const { rounds } = await runner.run(row)
    expect(rounds).toHaveLength(1)
    const [figures = {}] = rounds
    expect(Object.keys(figures)).not.toHaveLength(0)
    for (const [name, value] of Object.entries(figures))
      expect([name, value]).toEqual([name, expect.any(Number)])
    expect(Object.values(figures).filter((value) => !Number.isFinite(value))).toEqual([])
  })
})

/** Something to run on the smoke run's servers. */
const rowOf = (open: (bench: Bench) => Promise<void>): Row => ({
  id: 'a test',
  title: 'a test',
  against: 'nothing',
  aims: [],
  open: async (bench) => {
    await open(bench)
    return { run: async () => ({}) }
  },
})

test('the day of a shop is metered: what is sent is on the bill, and hubs are asked for it', async () => {
  const lines = await measureDay({ people: 3, asleepMs: 0, settleMs: 300 }, () => {})
  const measured = lines.filter(({ how }) => how === 'measured')
  expect(measured.map(({ what }) => what)).toEqual(HAPPENINGS.map(({ what }) => what))
  const [personal, location] = measured
  // One call of the worker, one of the hub; an entry and what is about it, here and in the archive.
  expect(personal?.units).toMatchObject({ 'worker requests': 1 })
  expect(personal?.units['hub requests']).toBeGreaterThanOrEqual(1)
  expect(personal?.units['hub rows written']).toBeGreaterThanOrEqual(2)
  expect(personal?.units['D1 rows written']).toBeGreaterThanOrEqual(2)
  // Three hubs are nudged, and take what is new.
  expect(location?.units['hub requests']).toBeGreaterThanOrEqual(1 + 2 * 3)
  expect(costText(lines, D1_MS)).toContain('The three largest:')
})

test('entries are counted, not texts: together in fewer texts they are as many', async () => {
  await runner.run(
    rowOf(async (bench) => {
      const how = { count: 40, inFlight: 40 }
      const ours = await sendTogether(await ourSide(bench, 'smoke-count', 3), how)
      const floor = await sendTogether(await floorSide(bench, 'smoke-count', 3), how)
      expect(ours.delivered.entries).toBe(120)
      expect(floor.delivered.entries).toBe(120)
      expect(floor.delivered.texts).toBe(120)
      expect(ours.delivered.texts).toBeLessThan(120)
    }),
  )
})

test('an entry that a socket missed or heard twice is a failure, not a figure', async () => {
  await runner.run(
    rowOf(async (bench) => {
      const side = await floorSide(bench, 'smoke-wrong', 3)
      // One of the sockets is not there any more, and nobody says so.
      const fewer = { ...side, sockets: 4 }
      await expect(sendTogether(fewer, { count: 2, inFlight: 1 })).rejects.toThrow(WrongCount)
    }),
  )
})

test('a row that fails leaves nothing running', async () => {
  const failing = rowOf(async (bench) => {
    await bench.load().do('reset', { each: 0 })
    throw new Error('half way')
  })
  await expect(runner.run(failing)).rejects.toThrow('half way')
})
