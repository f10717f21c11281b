import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { operation, type Operation } from '../tests/fakes/inbox-operations.ts'
import { InboxWorld } from '../tests/fakes/inbox-world.ts'

/** `RUNS=1000 SEED=7` for a long look at other stories. */
const RUNS = Number(process.env['RUNS'] ?? 15)
const SEED = Number(process.env['SEED'] ?? 20_261)

const CHECK_EVERY = 10

const stories = fc.array(operation, { minLength: 1, maxLength: 120, size: 'max' })

/** Plays the operations to both inboxes; the first difference, or null. */
async function play(operations: Operation[], rewrite?: (sql: string) => string) {
  const world = new InboxWorld({ compactAbove: 4, ...(rewrite ? { rewrite } : {}) })
  await world.begin()
  for (const [at, op] of operations.entries()) {
    await world.apply(op)
    if (at % CHECK_EVERY !== CHECK_EVERY - 1 && at !== operations.length - 1) continue
    const difference = await world.difference(Math.floor(at / CHECK_EVERY))
    if (difference !== null) return difference
    if (!(await world.repeatIsRefused())) return { of: 'a batch that came twice' }
  }
  return null
}

test('[AR6][NO8][AR2] steps and exceptions answer as one row per recipient would', async () => {
  const property = fc.asyncProperty(stories, async (operations) => {
    expect(await play(operations)).toBeNull()
  })
  await fc.assert(property, { numRuns: RUNS, seed: SEED })
}, 600_000)

const FROM_START = `|| location_id, location_id, role, ''`
const LAST_STEP = 'ORDER BY k.up_to DESC LIMIT 1'
const FENCE = 'CASE WHEN archive_cursors.seq = ? THEN excluded.seq END'

const MUTANTS: [mistake: string, find: string | RegExp, replace: string][] = [
  ['a member sees what came before', '|| location_id, location_id, role, from_place', FROM_START],
  ['the role now decides, not the role then', 'AND n.place > w.role_from', ''],
  ['exceptions below the last step are not counted', 'AND m.place <= max(', 'AND 0 > max('],
  ['exceptions below the last step are not listed', 'min(w.high, w.read_edge)', `''`],
  ['read-all lifts no exception', 'ELSE read_at END, unread = 0', 'ELSE read_at END'],
  ['read-all lifts snoozed ones too', /coalesce\(m.snoozed_until, 0\) <= \?\)$/, '? > 0)'],
  ['a step of one category counts for all', 'AND k.category = n.category', ''],
  ['compaction forgets what is unread', 'WHERE unread = 1 OR unseen = 1', 'WHERE 0'],
  ['compaction forgets what is unseen', /unseen = excluded.unseen$/, 'unseen = 0'],
  ['seen is forgotten when read', 'CASE WHEN m.unseen = 1 THEN t.at', 'CASE WHEN 1 THEN NULL'],
  ['a replaced entry stays', 'SET gone_at = ?', 'SET gone_at = nullif(?, 0) - NULL'],
  ['an expired entry stays', 'n.expires_at > ?)', '? > 0)'],
  ['acknowledged ones still ask', 'OR m.acknowledged_at IS NULL', 'OR 1'],
  ['the last step to cover an entry dates it', 'ORDER BY k.up_to LIMIT 1', LAST_STEP],
  ['the archive has no fence', FENCE, 'CASE WHEN ? > -1 THEN excluded.seq END'],
]

test.each(MUTANTS)(
  '[AR6] the property notices when %s',
  async (_mistake, find, replace) => {
    let planted = false
    const rewrite = (sql: string) => {
      const mutated = sql.replaceAll(
        typeof find === 'string' ? find : new RegExp(find, 'g'),
        replace,
      )
      planted ||= mutated !== sql
      return mutated
    }
    const noticed = async () => {
      for (const story of fc.sample(stories, { numRuns: 40, seed: SEED })) {
        if ((await play(story, rewrite)) !== null) return true
      }
      return false
    }
    expect({ noticed: await noticed(), planted }).toEqual({ noticed: true, planted: true })
  },
  60_000,
)
