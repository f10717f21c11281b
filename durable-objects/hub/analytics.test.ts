import { expect, test, vi } from 'vitest'
import { COUNTERS, type HubReport } from '../../db/hub-stats.ts'
import { writePoint } from './analytics.ts'

const counts = Object.fromEntries(COUNTERS.map((name, index) => [name, index + 1]))
const report = {
  hub: 'location:downtown',
  sockets: 40,
  backlog: 2,
  parked: 1,
  counts,
} as unknown as HubReport

test('[OP2] one point for a report, its counters in a fixed order', () => {
  const writeDataPoint = vi.fn<AnalyticsEngineDataset['writeDataPoint']>()
  writePoint({ writeDataPoint }, report)
  expect(writeDataPoint).toHaveBeenCalledExactlyOnceWith({
    indexes: ['location:downtown'],
    blobs: ['location'],
    doubles: [40, 1, 2, 3, 4, 5, 6, 115, 17, 2, 1],
  })
})

test('[OP2] without a binding, or with one that fails, nothing else is harmed', () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  writePoint(undefined, report)
  expect(said).not.toHaveBeenCalled()
  const writeDataPoint = () => {
    throw new Error('too many')
  }
  expect(() => writePoint({ writeDataPoint }, report)).not.toThrow()
  expect(said).toHaveBeenCalledOnce()
  vi.restoreAllMocks()
})
