import { beforeEach, expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { putUser } from './directory.ts'
import { type Database, openDatabase } from './open.ts'
import { dueTasks, finishTask, postponeTask } from './tasks.ts'

let db: Database
beforeEach(() => {
  db = openDatabase(fakeD1())
})

const rename = (name: string, now: number) => putUser(db, { id: 'ana', name }, now)

test('[AR7] a task waits until its hub was told', async () => {
  const { tasks } = await rename('Ana', 10)
  expect(await dueTasks(db, 9, 10)).toEqual([])
  const due = await dueTasks(db, 10, 10)
  expect(due).toMatchObject([{ hub: 'user:ana', attempts: 0, created_at: 10 }])
  expect(due.map((task) => task.id)).toEqual(tasks.map((task) => task.id))
  for (const task of due) await finishTask(db, task.id)
  expect(await dueTasks(db, 99, 10)).toEqual([])
})

test('[AR7] a hub has one task, however often it must look', async () => {
  await rename('Ana', 1)
  await rename('Anna', 2)
  expect(await dueTasks(db, 9, 10)).toHaveLength(1)
})

test('[AR7] a task queued again while the old one is delivered is not lost', async () => {
  const { tasks } = await rename('Ana', 1)
  await rename('Anna', 2)
  for (const task of tasks) await finishTask(db, task.id)
  expect(await dueTasks(db, 2, 10)).toMatchObject([{ hub: 'user:ana', created_at: 2 }])
})

test('[AR7] a hub that cannot be told is tried again later', async () => {
  await rename('Ana', 1)
  const [task] = await dueTasks(db, 1, 10)
  if (task === undefined) throw new Error('no task')
  await postponeTask(db, task.id, 60)
  expect(await dueTasks(db, 59, 10)).toEqual([])
  expect(await dueTasks(db, 60, 10)).toMatchObject([{ id: task.id, attempts: 1 }])
})

test('[AR7] what changed meanwhile is due at once, not when the old task would be', async () => {
  const { tasks } = await rename('Ana', 1)
  const [old] = tasks
  if (old === undefined) throw new Error('no task')
  await rename('Anna', 2)
  await postponeTask(db, old.id, 60_000)
  expect(await dueTasks(db, 2, 10)).toHaveLength(1)
})

test('[AR7] the oldest come first, no more than asked for', async () => {
  for (const id of ['c', 'a', 'b']) await putUser(db, { id, name: id }, 1)
  expect((await dueTasks(db, 1, 2)).map((task) => task.hub)).toEqual(['user:c', 'user:a'])
})
