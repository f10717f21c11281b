import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyStream, operation, type Operation, STREAMS } from '../tests/fakes/inbox-operations.ts'
import { InboxWorld } from '../tests/fakes/inbox-world.ts'

/** `RUNS=1000 SEED=7` for a long look at other stories. */
const RUNS = Number(process.env['RUNS'] ?? 40)
const SEED = Number(process.env['SEED'] ?? 20_261)

type Step =
  | { kind: 'happens'; what: Operation }
  | { kind: 'parks' | 'is retried'; stream: string; pick: number }

const step = fc.oneof(
  {
    weight: 12,
    // No hub knows of a snooze yet.
    arbitrary: fc.record({
      kind: fc.constant('happens' as const),
      what: operation.filter((one) => one.kind !== 'snooze'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('parks' as const),
      stream: anyStream,
      pick: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('is retried' as const),
      stream: anyStream,
      pick: fc.nat(2),
    }),
  },
)
const stories = fc.array(step, { minLength: 1, maxLength: 120, size: 'max' })

/** Plays a story in which D1 refuses entries and takes them later; the first difference to the naive inbox, or null. */
async function play(story: Step[], rewrite?: (sql: string) => string) {
  const world = new InboxWorld({ compactAbove: 4, asHubs: true, ...(rewrite ? { rewrite } : {}) })
  await world.begin()
  for (const one of story) {
    if (one.kind === 'happens') await world.apply(one.what)
    else if (one.kind === 'parks') world.park(one.stream, one.pick)
    else await world.retry(one.stream, one.pick)
  }
  for (const stream of STREAMS) await world.retry(stream)
  const left = world.d1.sqlite.prepare('SELECT * FROM parked_entries').all()
  if (left.length > 0) return { of: 'what is parked', left }
  for (let salt = 0; salt < 4; salt += 1) {
    const difference = await world.difference(salt)
    if (difference !== null) return difference
  }
  return null
}

test('[AR2][AR6] parked entries that come late end as if they had come in order', async () => {
  const property = fc.asyncProperty(stories, async (story) => {
    expect(await play(story)).toBeNull()
  })
  await fc.assert(property, { numRuns: RUNS, seed: SEED })
}, 600_000)

const MUTANTS: [mistake: string, find: string, replace: string][] = [
  [
    'compaction forgets what is parked',
    `FROM parked_entries WHERE kind = 'notification'`,
    'FROM parked_entries WHERE 0',
  ],
  ['a late one replaces a newer one', `AND n.place < t.value ->> '$.place'`, ''],
  ['a late one is shown beside the newer one', 'l.place > n.place', '0'],
  [
    'a late mark undoes what came after it',
    'read_at = excluded.read_at, unread = excluded.unread',
    'read_at = 7, unread = 0',
  ],
]

test.each(MUTANTS)(
  '[AR2] the property notices when %s',
  async (_mistake, find, replace) => {
    let planted = false
    const rewrite = (sql: string) => {
      const mutated = sql.replaceAll(find, replace)
      planted ||= mutated !== sql
      return mutated
    }
    const noticed = async () => {
      for (const story of fc.sample(stories, { numRuns: 150, seed: SEED })) {
        if ((await play(story, rewrite)) !== null) return true
      }
      return false
    }
    expect({ noticed: await noticed(), planted }).toEqual({ noticed: true, planted: true })
  },
  120_000,
)
