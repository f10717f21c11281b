// A log that has seen a thousand entries beside one that has seen a million, all of one day, so that none is trimmed.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { allAtMost, type Bench, type Row } from '../row.ts'
import type { Server } from '../servers/server.ts'
import { assertAccepted, ourSide, sendOneByOne, type Side } from '../sides.ts'
import type { Shop } from '../shop.ts'

const IN_A_BATCH = 500
/** Flat: what is measured twice differs by this much anyway. */
const FLAT = 1.15

export const growth: Row = {
  id: 'growth',
  title:
    'growth: the log at 1,000 and at 1,000,000 entries written: send latency, storage per entry',
  against: 'the same hub when it was young',
  aims: [allAtMost(['p50 ratio', 'storage ratio'], FLAT)],
  async open(bench) {
    const few = bench.pick({ full: 1_000, quick: 1_000, smoke: 500 })
    const many = bench.pick({ full: 1_000_000, quick: 20_000, smoke: 1_000 })
    const sends = bench.pick({ full: 100, quick: 50, smoke: 2 })
    const young = await sideWith(bench, 'growth-young', few)
    const old = await sideWith(bench, 'growth-old', many)
    const server = young.side.server
    return {
      async run() {
        const before = await sendOneByOne(young.side, sends)
        const after = await sendOneByOne(old.side, sends)
        return {
          'p50 ms young': before.latency.p50,
          'p50 ms old': after.latency.p50,
          'p50 ratio': after.latency.p50 / before.latency.p50,
          'p99 ratio': after.latency.p99 / before.latency.p99,
          'hub bytes an entry, young': young.bytes / few,
          'hub bytes an entry, old': old.bytes / many,
          'storage ratio': old.bytes / many / (young.bytes / few),
          'D1 bytes an entry': bytesIn(server, 'd1') / (few + many),
        }
      },
    }
  },
}

/** A location whose log has so many entries, and then one socket: who does not acknowledge is not sent a million. */
async function sideWith(
  bench: Bench,
  name: string,
  entries: number,
): Promise<{ side: Side; bytes: number }> {
  const side = await ourSide(bench, name, 1)
  const before = bytesIn(side.server, 'do')
  await side.listeners.do('close')
  await fill(bench, side, name, entries)
  const bytes = bytesIn(side.server, 'do') - before
  await side.listeners.do('open', {
    plans: await side.shop.sockets([`${name}-0`], 1, name),
    atOnce: 1,
  })
  return { side, bytes }
}

/** In slices, so that a token of fifteen minutes is always a fresh one. */
async function fill(bench: Bench, side: Side & { shop: Shop }, name: string, entries: number) {
  const slice = IN_A_BATCH * 100
  for (let done = 0; done < entries; done += slice) {
    const count = Math.min(slice, entries - done) / IN_A_BATCH
    const items = Array.from({ length: IN_A_BATCH }, () => ({ location_id: name }))
    const plan = { asks: [await side.shop.sendBatch(items)], count, inFlight: 2 }
    assertAccepted(await side.sender.do('ask', { ...plan, keys: `fill-${name}-${done}` }), count)
    if (entries > slice) bench.tell(`growth: ${done + count * IN_A_BATCH} entries`)
  }
}

/** What all databases of a kind hold. Of copies: much of it may still be in their journals, and they are in use. */
function bytesIn({ stateDir }: Server, kind: 'do' | 'd1'): number {
  const folder = mkdtempSync(join(tmpdir(), 'shopbell-bench-'))
  try {
    const copy = join(folder, kind)
    copyOf(join(stateDir, 'v3', kind), copy)
    const files = readdirSync(copy, { recursive: true, encoding: 'utf8' })
    const databases = files.filter((file) => file.endsWith('.sqlite'))
    return databases.reduce((sum, file) => sum + bytesOf(join(copy, file)), 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A hub that falls asleep in the middle takes its journals away: then it is copied anew. */
function copyOf(from: string, to: string, tries = 10): void {
  try {
    cpSync(from, to, { recursive: true })
  } catch (error) {
    if (tries <= 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    rmSync(to, { recursive: true, force: true })
    copyOf(from, to, tries - 1)
  }
}

function bytesOf(file: string): number {
  const database = new DatabaseSync(file)
  const row = database
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()')
    .get()
  database.close()
  return Number(row?.['bytes'] ?? 0)
}
