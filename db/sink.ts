// [AR1][AR2] What a hub's log becomes in D1. One call is one D1 batch: the fence, then everything, or nothing at all.
// Knows nothing of hubs: they decide what to send and what to do when D1 refuses.
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { parseStream } from '../protocol/ids.ts'
import type { ArchiveBatch, ArchiveEntry, MarkOp } from './archive-batch.ts'
import { compaction } from './compact.ts'
import { reportStatement } from './hub-stats.ts'
import { type Database, runBatch } from './open.ts'
import { forgetOlderParked, parkedStatements } from './parked.ts'
import { placeOf } from './place.ts'
import { archiveCursors } from './schema.ts'
import { type MarkPatch, markStatement } from './sink-marks.ts'
import { notificationStatements } from './sink-notifications.ts'
import { stepStatements } from './sink-steps.ts'

export type { ArchiveBatch, ArchiveEntry } from './archive-batch.ts'

/** [AR6] Above this many entries over a person's last step, the unread ones become exceptions and the step moves up. */
export const COMPACT_ABOVE = 200

/**
 * Applies a batch in one transaction. A late or repeated one fails at the fence and changes nothing (`classifyFailure`
 * says 'fence'; the hub then asks readCursor). Rows are unique by place; an id that is there already is left as it is.
 * Throws what D1 throws.
 */
export async function applyBatch(
  db: Database,
  batch: ArchiveBatch,
  compactAbove = COMPACT_ABOVE,
): Promise<void> {
  const statements = [fence(batch), ...notificationStatements(batch), ...parkedStatements(batch)]
  const owner = parseStream(batch.stream)
  if (owner.kind === 'user') {
    const { changes, touched, now } = changeStatements(owner.id, batch.entries)
    statements.push(...changes)
    if (touched.size > 0 && isTimeToLook(batch, compactAbove)) {
      statements.push(
        ...compaction({ userId: owner.id, streams: [...touched], above: compactAbove, now }),
      )
    }
  }
  if (batch.report) statements.push(reportStatement(batch.report))
  await runBatch(db, statements)
}

/**
 * Whether the batch crosses a multiple of a quarter of the limit. Looking walks over what lies above the last step, so
 * for somebody who leaves thousands unread it is not done with every mark.
 */
function isTimeToLook({ expected, to }: ArchiveBatch, above: number): boolean {
  const every = Math.max(1, Math.floor(above / 4))
  return Math.floor(to / every) > Math.floor(expected / every)
}

/** Where the archive is with this epoch of the stream; null: it has never heard of it, or the stream was erased. */
export async function readCursor(
  db: Database,
  stream: string,
  epoch: string,
): Promise<number | null> {
  const row = await db
    .select({ seq: archiveCursors.seq })
    .from(archiveCursors)
    .where(and(eq(archiveCursors.stream, stream), eq(archiveCursors.epoch, epoch)))
    .get()
  return row?.seq ?? null
}

/** [ST1] A new epoch starts at 0, beside the older ones. Opening it again changes nothing. */
export async function openCursor(db: Database, stream: string, epoch: string): Promise<void> {
  await runBatch(db, [
    sql`INSERT INTO archive_cursors (stream, epoch, seq) VALUES (${stream}, ${epoch}, 0)
      ON CONFLICT DO NOTHING`,
    forgetOlderParked(stream, epoch),
  ])
}

/**
 * A wrong expectation makes seq NULL, which its NOT NULL refuses, and D1 rolls the whole batch back. So does a cursor that
 * is not there, also where 0 is expected: a hub opens it before its first answer (ST1), and erasing a person takes it away.
 */
function fence({ stream, epoch, expected, to }: ArchiveBatch): SQL {
  return sql`INSERT INTO archive_cursors (stream, epoch, seq)
    SELECT ${stream}, ${epoch}, CASE WHEN EXISTS (
      SELECT 1 FROM archive_cursors WHERE stream = ${stream} AND epoch = ${epoch}) THEN ${to} END
    WHERE true
    ON CONFLICT (stream, epoch) DO UPDATE SET
      seq = CASE WHEN archive_cursors.seq = ${expected} THEN excluded.seq END`
}

interface MarkRun {
  op: MarkOp
  /** By entry: the same op twice on one entry was done by the first. */
  patches: Map<string, MarkPatch>
}

type MarkEntry = Extract<ArchiveEntry, { kind: 'mark' }>

function addToRun({ patches }: MarkRun, { at, targets }: MarkEntry): void {
  for (const { stream, epoch, seq, category } of targets) {
    const place = placeOf(epoch, seq)
    const entry = `${stream} ${place}`
    if (!patches.has(entry)) patches.set(entry, { stream, place, category, at })
  }
}

/** Marks and steps in the order of the log; neighbours of one op share a statement. */
function changeStatements(userId: string, entries: ArchiveEntry[]) {
  const steps: (MarkRun | Extract<ArchiveEntry, { kind: 'step' }>)[] = []
  const touched = new Set<string>()
  let now = 0
  for (const entry of entries) {
    if (entry.kind !== 'mark' && entry.kind !== 'step') continue
    now = Math.max(now, entry.at)
    for (const { stream } of entry.kind === 'mark' ? entry.targets : entry.up_to)
      touched.add(stream)
    const last = steps.at(-1)
    if (entry.kind === 'step') steps.push(entry)
    else if (last !== undefined && 'patches' in last && last.op === entry.op) addToRun(last, entry)
    else {
      const run: MarkRun = { op: entry.op, patches: new Map() }
      addToRun(run, entry)
      steps.push(run)
    }
  }
  const changes = steps.flatMap((step) =>
    'patches' in step
      ? [markStatement(userId, step.op, [...step.patches.values()])]
      : stepStatements(userId, step),
  )
  return { changes, touched, now }
}
