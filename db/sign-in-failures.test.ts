import { expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { openDatabase } from './open.ts'
import { forgetFailures, noteFailure, recentFailures } from './sign-in-failures.ts'

const limit = { count: 3, window_ms: 1_000 }

test('[CO6] failures are counted exactly, per client, within a window that slides', async () => {
  const d1 = fakeD1()
  const db = openDatabase(d1)
  const note = (client: string, now: number) => noteFailure(db, client, limit, now)
  expect(await note('a', 0)).toEqual({ noted: true, count: 1, oldest: 0 })
  await note('a', 400)
  expect(await note('a', 800)).toMatchObject({ noted: true, count: 3 })
  expect(await note('a', 900)).toEqual({ noted: false, count: 3, oldest: 0 })
  expect(await note('b', 900)).toMatchObject({ noted: true, count: 1 })
  expect(await recentFailures(db, 'a', limit, 999)).toEqual({ count: 3, oldest: 0 })
  expect(await recentFailures(db, 'a', limit, 1_000)).toEqual({ count: 2, oldest: 400 })
  expect(await note('a', 1_000)).toEqual({ noted: true, count: 3, oldest: 400 })
  expect(await recentFailures(db, 'c', limit, 0)).toEqual({ count: 0, oldest: null })
  await forgetFailures(db, limit, 2_000)
  expect(d1.sqlite.prepare('SELECT client FROM sign_in_failures').all()).toEqual([])
})
