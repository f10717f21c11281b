// [AR2] A parked entry that comes after all: alone, behind a fence of its own, and with what has happened since in mind, so
// that lists and counts end as if it had come in order. Applied twice it changes nothing more.
import { type SQL, sql } from 'drizzle-orm'
import type { Category } from '../protocol/notification-types.ts'
import { parseStream } from '../protocol/ids.ts'
import type { ArchiveEntry } from './archive-batch.ts'
import { type Database, runBatch } from './open.ts'
import { parkedStatements, unparkStatement } from './parked.ts'
import { placeOf } from './place.ts'
import { notificationStatements } from './sink-notifications.ts'
import { liftStatements, STEP_KIND, stepTargets } from './sink-steps.ts'

/** An entry as its person has it now, whatever commands it took. Times in milliseconds. */
export interface Standing {
  stream: string
  epoch: string
  seq: number
  category: Category
  read_at: number | null
  seen_at: number | null
  archived_at: number | null
  deleted_at: number | null
  acknowledged_at: number | null
}

type NotificationEntry = Extract<ArchiveEntry, { kind: 'notification' }>
type StepEntry = Extract<ArchiveEntry, { kind: 'step' }>

/** Below the step, what its person has done something with since. */
type LateStep = StepEntry & { since: Standing[] }

/** A mark says only what the person's hub knows of its targets today: what was done to them later is in there. */
export type LateEntry =
  | NotificationEntry
  | { kind: 'mark'; seq: number; targets: Standing[] }
  | LateStep

/** Throws what D1 throws; `classifyFailure` says 'fence' where the cursor has not passed the entry, or is gone. */
export async function applyLate(
  db: Database,
  { stream, epoch }: { stream: string; epoch: string },
  entry: LateEntry,
): Promise<void> {
  const place = placeOf(epoch, entry.seq)
  await runBatch(db, [
    passed(stream, epoch, entry.seq),
    ...statementsOf(stream, epoch, entry),
    unparkStatement(stream, place),
  ])
}

/** D1 refused it once more, maybe for another reason. */
export async function noteRefusal(
  db: Database,
  here: { stream: string; epoch: string },
  entry: ArchiveEntry,
): Promise<void> {
  await runBatch(db, [
    passed(here.stream, here.epoch, entry.seq),
    ...parkedStatements({ ...here, entries: [entry] }),
  ])
}

/** As the fence of a batch: a cursor that is not there, or not there yet, is NULL and refused. */
const passed = (stream: string, epoch: string, seq: number): SQL =>
  sql`INSERT INTO archive_cursors (stream, epoch, seq)
    SELECT ${stream}, ${epoch}, (SELECT seq FROM archive_cursors
      WHERE stream = ${stream} AND epoch = ${epoch} AND seq >= ${seq})
    WHERE true
    ON CONFLICT (stream, epoch) DO UPDATE SET seq = excluded.seq`

function statementsOf(stream: string, epoch: string, entry: LateEntry): SQL[] {
  const { id: userId } = parseStream(stream)
  switch (entry.kind) {
    case 'notification':
      return [
        ...notificationStatements({ stream, epoch, entries: [entry] }),
        replacedSince(stream, placeOf(epoch, entry.seq)),
      ]
    case 'mark':
      return standingStatements(userId, entry.targets)
    case 'step':
      return entry.up_to.length === 0 ? [] : lateStep(userId, entry)
  }
}

/** [NO6] A newer one of its key came meanwhile: it is gone. */
const replacedSince = (stream: string, place: string): SQL =>
  sql`UPDATE notifications AS n SET gone_at = (SELECT min(l.sent_at) FROM notifications l
      WHERE l.stream = n.stream AND l.place > n.place
        AND l.collapse_key = n.collapse_key AND l.audience = n.audience)
    WHERE n.stream = ${stream} AND n.place = ${place}
      AND n.collapse_key IS NOT NULL AND n.gone_at IS NULL`

/** The whole row. What is not read is an exception, which also lies above a step that compaction has made since. */
function standingStatements(userId: string, targets: Standing[]): SQL[] {
  if (targets.length === 0) return []
  const rows = targets.map(({ epoch, seq, ...one }) => {
    const isShown = one.deleted_at === null
    return {
      ...one,
      place: placeOf(epoch, seq),
      unread: isShown && one.read_at === null ? 1 : 0,
      unseen: isShown && one.seen_at === null ? 1 : 0,
    }
  })
  const columns = [
    'read_at',
    'unread',
    'seen_at',
    'unseen',
    'archived_at',
    'deleted_at',
    'acknowledged_at',
  ]
  const values = columns.map((column) => `value ->> '$.${column}'`).join(', ')
  const updates = columns.map((column) => `${column} = excluded.${column}`).join(', ')
  return [
    sql`INSERT INTO inbox_marks (user_id, stream, place, category, ${sql.raw(columns.join(', '))})
    SELECT ${userId}, value ->> '$.stream', value ->> '$.place', value ->> '$.category',
      ${sql.raw(values)}
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (user_id, stream, place) DO UPDATE SET ${sql.raw(updates)}`,
  ]
}

/**
 * The step takes its place among those of its kind: later ones that reach no further would not be there, and it is not
 * needed where an earlier one reaches as far. What was done to entries since stands.
 */
function lateStep(userId: string, entry: LateStep): SQL[] {
  const { at, op, category, since } = entry
  const targets = stepTargets(entry)
  const alike = sql`user_id = ${userId} AND kind = ${STEP_KIND[op]} AND category = ${category}`
  return [
    sql`DELETE FROM inbox_steps WHERE ${alike} AND at > ${at} AND EXISTS (
      SELECT 1 FROM ${targets} WHERE t.stream = inbox_steps.stream
        AND t.up_to >= inbox_steps.up_to)`,
    sql`INSERT INTO inbox_steps (user_id, stream, kind, category, up_to, at)
      SELECT ${userId}, t.stream, ${STEP_KIND[op]}, ${category}, t.up_to, ${at} FROM ${targets}
      WHERE NOT EXISTS (SELECT 1 FROM inbox_steps WHERE ${alike} AND at <= ${at}
        AND stream = t.stream AND up_to >= t.up_to)
      ON CONFLICT (user_id, stream, kind, category, up_to) DO UPDATE SET at = excluded.at`,
    ...liftStatements(userId, entry),
    ...standingStatements(userId, since),
  ]
}
