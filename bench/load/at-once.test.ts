import { expect, test } from 'vitest'
import { mapAtOnce } from './at-once.ts'

test('never more at once than asked for, every item once, results in the order of the items', async () => {
  let running = 0
  let most = 0
  const results = await mapAtOnce([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++running)
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve()
    running -= 1
    return item * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30])
  expect(most).toBe(2)
})

test('what fails fails the whole', async () => {
  const fail = () => Promise.reject(new Error('no'))
  await expect(mapAtOnce([1], 1, fail)).rejects.toThrow('no')
})
