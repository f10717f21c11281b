import { describe, expect, test } from 'vitest'
import { fakeD1 } from './d1.ts'

const count = 'SELECT count(*) AS n FROM hub_tasks'
const insert = 'INSERT INTO hub_tasks (hub, created_at, next_at) VALUES (?, 1, 1)'

describe('the fake D1', () => {
  test('a batch is one transaction: all or nothing, in order', async () => {
    const d1 = fakeD1()
    const [first] = await d1.batch([d1.prepare(insert).bind('user:a'), d1.prepare(count)])
    expect(first?.meta).toMatchObject({ changes: 1, rows_written: 1 })
    const broken = [d1.prepare(insert).bind('user:b'), d1.prepare(insert).bind('user:a')]
    await expect(d1.batch(broken)).rejects.toThrow(
      'D1_ERROR: UNIQUE constraint failed: hub_tasks.hub',
    )
    expect(await d1.prepare(count).first('n')).toBe(1)
  })

  test('it answers as rows, as arrays and as one value', async () => {
    const statement = fakeD1().prepare('SELECT ? AS a, ? AS b').bind('x', 1)
    expect((await statement.all()).results).toEqual([{ a: 'x', b: 1 }])
    expect(await statement.raw()).toEqual([['x', 1]])
    expect(await statement.first()).toEqual({ a: 'x', b: 1 })
    expect(await statement.first('b')).toBe(1)
  })

  test.each([
    ['a hundred and one parameters', `SELECT ${Array.from({ length: 101 }, () => '?').join()}`],
    ['six terms in a UNION', Array.from({ length: 6 }, () => 'SELECT 1').join(' UNION ALL ')],
  ])('it refuses %s, as the real one does', async (_what, sql) => {
    await expect(fakeD1().prepare(sql).all()).rejects.toThrow('too many')
  })

  test('undefined is no value', () => {
    expect(() => fakeD1().prepare('SELECT ?').bind(undefined)).toThrow('D1_TYPE_ERROR')
  })

  test('a test can refuse or delay every request', async () => {
    const d1 = fakeD1()
    d1.before = () => {
      throw new Error('Network connection lost.')
    }
    await expect(d1.batch([d1.prepare(count)])).rejects.toThrow('Network connection lost.')
    d1.before = null
    expect(await d1.prepare(count).first('n')).toBe(0)
  })
})
