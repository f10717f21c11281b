import { afterEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { getUser, putUser } from './directory.ts'
import { ArchiveDown, classifyFailure } from './errors.ts'
import { setD1Faults } from './faults.ts'
import { openDatabase, rowsOf, runBatch } from './open.ts'

afterEach(() => setD1Faults({}))

test('[AR8] while D1 is made absent nothing reaches it, and afterwards everything does', async () => {
  const d1 = fakeD1()
  const db = openDatabase(d1)
  setD1Faults({ down: true })
  await expect(putUser(db, { id: 'ana', name: 'Ana' }, 1)).rejects.toThrow(ArchiveDown)
  const failure = await getUser(db, 'ana').catch(classifyFailure)
  expect({ failure, ran: d1.statements.length }).toEqual({ failure: 'unavailable', ran: 0 })
  setD1Faults({})
  await putUser(db, { id: 'ana', name: 'Ana' }, 1)
  expect(await getUser(db, 'ana')).toMatchObject({ name: 'Ana' })
})

test('[AR8] D1 made slow answers late, with the same answer', async () => {
  const db = openDatabase(fakeD1())
  setD1Faults({ delay_ms: 20 })
  const before = performance.now()
  const [result] = await runBatch(db, [sql`SELECT ${'x'} AS letter`])
  expect(rowsOf(result)).toEqual([{ letter: 'x' }])
  expect(performance.now() - before).toBeGreaterThan(15)
})

test('[AR8][AR2] D1 made choosy refuses what carries a text, alone or in a batch, as content', async () => {
  const db = openDatabase(fakeD1())
  setD1Faults({ refuse: 'poison' })
  const choices = [sql`SELECT ${'fine'}`, sql`SELECT ${'some poison here'}`]
  expect(await runBatch(db, choices).catch(classifyFailure)).toBe('content')
  expect(await runBatch(db, choices.slice(0, 1))).toHaveLength(1)
  expect(await getUser(db, 'poison').catch(classifyFailure)).toBe('content')
  setD1Faults({})
  expect(await runBatch(db, choices)).toHaveLength(2)
})

test('a binding is opened once', () => {
  const d1 = fakeD1()
  expect(openDatabase(d1)).toBe(openDatabase(d1))
})
