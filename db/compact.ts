// [AR6] Somebody who reads one by one never moves a step, and a count would walk over all of it for ever. So when much
// lies above the last step, what is unread there becomes exceptions, and a step is added at the archive's head.
// It changes no answer, so it may run twice, or not at all.
import { type SQL, sql } from 'drizzle-orm'
import { isUnread, isUnseen, joinMarks, streamsOf, visible } from './visible.ts'

interface Compaction {
  userId: string
  /** Streams that the batch touched: what lies above the others did not change. */
  streams: string[]
  /** How many entries may lie above a step. */
  above: number
  /** Milliseconds: what expired before is nobody's exception. */
  now: number
}

/** The exceptions first, then the step: all find the same streams due, as the first ones change no answer. */
export function compaction(wanted: Compaction): SQL[] {
  const { userId } = wanted
  const entries = exceptionsAmong(wanted, sql`notifications`, sql`1`)
  // [AR2] One that D1 refused and that comes later was read by nobody because others were. As a rule there is none, and
  // nothing is walked.
  const parked = exceptionsAmong(
    wanted,
    sql`(SELECT stream, place, id, category, audience, NULL AS gone_at, NULL AS expires_at
      FROM parked_entries WHERE kind = 'notification')`,
    sql`EXISTS (SELECT 1 FROM parked_entries WHERE stream = w.stream)`,
  )
  // Without a time: what it covers was read by marks and steps that have theirs.
  const step = sql`WITH ${dueStreams(wanted)}
    INSERT INTO inbox_steps (user_id, stream, kind, category, up_to, at)
    SELECT ${userId}, stream, 'read', '*', head, NULL FROM due WHERE true
    ON CONFLICT DO NOTHING`
  return [entries, parked, step]
}

/** What is unread or unseen among `entries` of the streams that are due; of others where `only` is not met. */
function exceptionsAmong(wanted: Compaction, entries: SQL, only: SQL): SQL {
  const { userId, now } = wanted
  return sql`WITH ${dueStreams(wanted, only)}
    INSERT INTO inbox_marks (user_id, stream, place, category, unread, unseen)
    SELECT ${userId}, stream, place, category, unread, unseen FROM (
      SELECT n.stream, n.place, n.category, ${isUnread(userId)} AS unread,
        ${isUnseen(userId)} AS unseen
      FROM due w CROSS JOIN ${entries} n
        ON n.stream = w.stream AND n.place > w.floor AND n.place <= w.head
      ${joinMarks(userId)}
      WHERE ${visible(userId, now)})
    WHERE unread = 1 OR unseen = 1
    ON CONFLICT (user_id, stream, place) DO UPDATE SET
      unread = excluded.unread, unseen = excluded.unseen`
}

/**
 * The CTE `due`: streams with more than `above` entries over the last step. Seqs are compared before rows are walked, so
 * that it costs nothing as long as little happened. Where most is unread nothing would be saved, and it waits.
 */
function dueStreams({ userId, streams, above, now }: Compaction, only = sql`1`): SQL {
  return sql`${streamsOf(userId)}, heads AS (
      SELECT w.*, max(w.from_place, w.read_to, w.clear_to) AS floor, c.epoch, c.seq,
        c.epoch || ':' || printf('%012d', c.seq) AS head
      FROM json_each(${JSON.stringify(streams)}) t
      JOIN w ON w.stream = t.value
      JOIN archive_cursors c ON c.stream = w.stream
        AND c.epoch = (SELECT max(epoch) FROM archive_cursors WHERE stream = w.stream)
      WHERE ${only}
    ), due AS MATERIALIZED (
      SELECT * FROM heads w WHERE CASE
        WHEN substr(floor, 1, length(epoch) + 1) = epoch || ':'
          AND seq - CAST(substr(floor, -12) AS INTEGER) <= ${above} THEN 0
        ELSE (SELECT count(*) > ${above} AND 2 * total(CASE
            WHEN ${visible(userId, now)} AND (${isUnread(userId)} OR ${isUnseen(userId)})
            THEN 1 END) <= count(*)
          FROM notifications n ${joinMarks(userId)}
          WHERE n.stream = w.stream AND n.place > w.floor AND n.place <= w.head) END)`
}
