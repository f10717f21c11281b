// The archive as a hub uses it: the cursor stands in D1 before the first batch (ST1).
import type { ArchiveBatch } from '../../db/archive-batch.ts'
import type { Database } from '../../db/open.ts'
import { applyBatch, openCursor } from '../../db/sink.ts'

/** Opens the cursor where there is none yet, and applies the batch. */
export async function archiveBatch(db: Database, batch: ArchiveBatch): Promise<void> {
  await openCursor(db, batch.stream, batch.epoch)
  await applyBatch(db, batch)
}
