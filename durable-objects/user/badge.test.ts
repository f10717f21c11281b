import { beforeEach, describe, expect, test } from 'vitest'
import { putUser } from '../../db/directory.ts'
import { openDatabase } from '../../db/open.ts'
import { fakeD1, type FakeD1 } from '../../tests/fakes/d1.ts'
import { fakeSql } from '../../tests/fakes/sql.ts'
import type { Hub } from '../hub/hub.ts'
import { LogStore } from '../store/log.ts'
import { MarkStore } from '../store/marks.ts'
import { unreadCount } from './badge.ts'
import type { OwnFrames } from './own-frames.ts'

let d1: FakeD1
let log: LogStore
let marks: MarkStore
let hidden: string[]

beforeEach(async () => {
  d1 = fakeD1()
  await putUser(openDatabase(d1), { id: 'ben', name: 'Ben' }, 1)
  const sql = fakeSql()
  log = new LogStore(sql)
  marks = new MarkStore(sql)
  hidden = []
})

const hub = () => ({ db: openDatabase(d1), log, stream: 'user:ben', epoch: 'e1' }) as unknown as Hub
const count = () => {
  const frames = { maySee: ({ id }) => !hidden.includes(id ?? '') } as OwnFrames
  return unreadCount({ hub: hub(), marks, frames })
}
const append = (id: string, more: object = {}, body: object = {}) =>
  log.append({
    kind: 'notification',
    id,
    at: log.nextTime(1_000),
    body: JSON.stringify({ id, type: 'custom', ...body }),
    ...more,
  })
/** D1 has this stream up to here, and nothing unread in it. */
const archived = (seq: number) =>
  d1.sqlite.exec(
    `INSERT INTO archive_cursors (stream, epoch, seq) VALUES ('user:ben', 'e1', ${seq})`,
  )

describe('unreadCount', () => {
  test('[RE3] adds what D1 does not have yet', async () => {
    append('a')
    append('b')
    expect(await count()).toBe(2)
    archived(1)
    expect(await count()).toBe(1)
  })

  test('[RE3] but not what is read, over, or not theirs', async () => {
    const { seq } = append('a')
    append('b', { expires_at: 1 })
    append('c', { gone: 1 })
    append('d')
    hidden = ['d']
    marks.mark({ stream: 'user:ben', epoch: 'e1', seq }, 'custom', 'read', 5)
    expect(await count()).toBe(0)
  })

  test('[NO6] what takes the place of one that D1 counts adds nothing', async () => {
    const { seq } = append('a', { gone: 1 })
    append('b', {}, { replaces: 'a' })
    archived(1)
    expect(await count()).toBe(0)
    // The one before was read: then it is one more.
    marks.mark({ stream: 'user:ben', epoch: 'e1', seq }, 'custom', 'read', 5)
    expect(await count()).toBe(1)
  })

  test('[AR4] is not known while D1 is away', async () => {
    append('a')
    d1.before = () => {
      throw new Error('D1 is down')
    }
    expect(await count()).toBeNull()
  })
})
