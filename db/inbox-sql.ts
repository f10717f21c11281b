// [AR6] What the inbox asks of steps and exceptions. Counts walk what lies above the last step and the few exceptions
// below it; nothing here grows with history.
import { type SQL, sql } from 'drizzle-orm'
import { firstStepAt } from './steps.ts'
import { isUnread, isUnseen, joinMarks, streamsOf, visible } from './visible.ts'

/** A {@link StreamRecord} for the own stream and each membership. */
export const streamsStatement = (userId: string): SQL =>
  sql`WITH ${streamsOf(userId)}
    SELECT s.stream, s.location_id, l.time_zone, c.epoch, c.seq FROM s
    LEFT JOIN locations l ON l.id = s.location_id
    LEFT JOIN archive_cursors c ON c.stream = s.stream
      AND c.epoch = (SELECT max(epoch) FROM archive_cursors WHERE stream = s.stream)`

export const readerStatement = (userId: string): SQL =>
  sql`SELECT locale, time_zone FROM users WHERE id = ${userId}`

/** From here on a person may see a stream, and above here nothing was read or cleared as a whole. */
export const SHOWN_FROM = sql.raw('max(w.from_place, w.clear_to)')
export const READ_UP_TO = sql.raw('max(w.from_place, w.clear_to, w.read_to)')

/**
 * [IN1] unread, unseen, action_required, and `until` in milliseconds: the next expiry of something counted, or the end
 * of a snooze that will count. An id counts once, on however many streams it is (NO9).
 */
export function countStatement(userId: string, now: number): SQL {
  const columns = sql`n.id, n.expires_at, coalesce(m.snoozed_until, 0) AS snoozed_until`
  const shown = sql`${visible(userId, now)} AND m.archived_at IS NULL`
  return sql`WITH ${streamsOf(userId)}, counted AS (
      SELECT ${columns}, ${isUnread(userId)} AS unread, ${isUnseen(userId)} AS unseen, 0 AS asking
      FROM w CROSS JOIN notifications n ON n.stream = w.stream AND n.place > ${READ_UP_TO}
      ${joinMarks(userId)} WHERE ${shown}
    UNION ALL
      SELECT ${columns}, m.unread, m.unseen, 0
      FROM w CROSS JOIN inbox_marks m INDEXED BY inbox_exceptions
        ON m.user_id = ${userId} AND m.stream = w.stream AND (m.unread = 1 OR m.unseen = 1)
        AND m.place > ${SHOWN_FROM} AND m.place <= ${READ_UP_TO}
      CROSS JOIN notifications n ON n.stream = m.stream AND n.place = m.place WHERE ${shown}
    UNION ALL
      SELECT ${columns}, 0, 0, 1
      FROM w CROSS JOIN notifications n INDEXED BY notifications_asking
        ON n.stream = w.stream AND n.place > ${SHOWN_FROM} AND n.asks <> 0
      ${joinMarks(userId)} WHERE ${shown}
        AND ((n.asks & 2) <> 0 OR m.acknowledged_at IS NULL))
    SELECT count(DISTINCT CASE WHEN unread AND snoozed_until <= ${now} THEN id END) AS unread,
      count(DISTINCT CASE WHEN unseen AND snoozed_until <= ${now} THEN id END) AS unseen,
      count(DISTINCT CASE WHEN asking AND snoozed_until <= ${now} THEN id END) AS action_required,
      min(CASE WHEN NOT (unread OR unseen OR asking) THEN NULL
        WHEN snoozed_until <= ${now} THEN expires_at
        WHEN expires_at IS NULL OR expires_at > snoozed_until THEN snoozed_until END) AS until
    FROM counted`
}

/** The columns of an {@link InboxRecord}, for `n`, `m` and `w`. */
export const entryColumns = (userId: string): SQL =>
  sql`n.stream, n.place, n.category, n.body, ${isUnread(userId)} AS unread,
    CASE WHEN NOT ${isUnread(userId)} THEN coalesce(m.read_at, ${firstStepAt('read', userId, 'n')})
      END AS read_at,
    CASE WHEN NOT ${isUnseen(userId)} THEN coalesce(m.seen_at, ${firstStepAt('seen', userId, 'n')})
      END AS seen_at,
    m.archived_at, m.acknowledged_at, m.snoozed_until`

/** One entry by id, if the person may see it. */
export const findStatement = (userId: string, id: string, now: number): SQL =>
  sql`WITH ${streamsOf(userId)}
    SELECT ${entryColumns(userId)}
    FROM w CROSS JOIN notifications n INDEXED BY notifications_id
      ON n.id = ${id} AND n.stream = w.stream AND n.place > ${SHOWN_FROM}
    ${joinMarks(userId)} WHERE ${visible(userId, now)} LIMIT 1`
