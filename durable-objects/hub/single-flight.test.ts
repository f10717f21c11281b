import { describe, expect, test } from 'vitest'
import { SingleFlight } from './single-flight.ts'

/** Work that ends when the test says so. */
function heldWork() {
  const runs: { end(): void; fail(): void }[] = []
  const flight = new SingleFlight(
    () =>
      new Promise((resolve, reject) => {
        runs.push({ end: resolve, fail: () => reject(new Error('no')) })
      }),
  )
  return { runs, flight }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('one run at a time', () => {
  test('who asks meanwhile joins the run under way', async () => {
    const { runs, flight } = heldWork()
    const all = [flight.run(), flight.run()]
    expect(runs).toHaveLength(1)
    runs[0]?.end()
    await Promise.all(all)
    void flight.run()
    expect(runs).toHaveLength(2)
  })

  test('[ST7] who needs a run that begins later gets one, together with all who asked like that', async () => {
    const { runs, flight } = heldWork()
    const first = flight.run()
    const later = [flight.runAgain(), flight.runAgain()]
    expect(runs).toHaveLength(1)
    runs[0]?.end()
    await first
    await settled()
    expect(runs).toHaveLength(2)
    // Asked while the second runs: what that one reads may be too old for it.
    const third = flight.runAgain()
    runs[1]?.end()
    await Promise.all(later)
    await settled()
    expect(runs).toHaveLength(3)
    runs[2]?.end()
    await third
  })

  test('without a run under way the later one begins at once', () => {
    const { runs, flight } = heldWork()
    void flight.runAgain()
    expect(runs).toHaveLength(1)
  })

  test('a failure is for those who waited for that run, and for nobody after', async () => {
    const { runs, flight } = heldWork()
    const first = flight.run()
    const later = flight.runAgain()
    runs[0]?.fail()
    await expect(first).rejects.toThrow('no')
    await settled()
    runs[1]?.end()
    await expect(later).resolves.toBeUndefined()
  })
})
