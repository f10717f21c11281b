// [NO4][NO5][NO6][NO8] Who sees what, once. `w` is a person's streams, `n` an entry, `m` the person's mark on it or nothing.
import { type SQL, sql } from 'drizzle-orm'
import { stepReach } from './steps.ts'

/**
 * The CTEs `s` and `w`: the person's own stream and those of their memberships, each with where they begin to see it
 * (`from_place`), whose audience they are (`bit`) since when (`role_from`), and how far they have read, seen and cleared.
 */
export function streamsOf(userId: string): SQL {
  return sql`s AS (
      SELECT 'user:' || ${userId} AS stream, NULL AS location_id, NULL AS role,
        '' AS from_place, 3 AS bit, '' AS role_from
      UNION ALL
      SELECT 'location:' || location_id, location_id, role, from_place,
        CASE role WHEN 'manager' THEN 1 ELSE 2 END, role_from_place
      FROM memberships WHERE user_id = ${userId}
    ), w AS MATERIALIZED (
      SELECT s.*, ${stepReach('read', userId, 's', '*')} AS read_to,
        ${stepReach('seen', userId, 's', '*')} AS seen_to,
        ${stepReach('clear', userId, 's', '*')} AS clear_to
      FROM s
    )`
}

/** [NO8] The person's mark on entry `n`. */
export const joinMarks = (userId: string) =>
  sql`LEFT JOIN inbox_marks m
    ON m.user_id = ${userId} AND m.stream = n.stream AND m.place = n.place`

/** In the audience then and since, not replaced or cancelled, not expired, not cleared by category, not deleted. */
export const visible = (userId: string, now: number): SQL =>
  sql`(n.audience = 3 OR ((n.audience & w.bit) <> 0 AND n.place > w.role_from))
    AND n.gone_at IS NULL AND (n.expires_at IS NULL OR n.expires_at > ${now})
    AND n.place > ${stepReach('clear', userId, 'n', 'own')} AND m.deleted_at IS NULL`

/** 1 when the person has not read it. A mark decides, else the steps. */
export const isUnread = (userId: string): SQL =>
  sql`(m.unread IS 1 OR (m.read_at IS NULL AND n.place > w.read_to
    AND n.place > ${stepReach('read', userId, 'n', 'own')}))`

/** 1 when the person has not seen it. Read implies seen. */
export const isUnseen = (userId: string): SQL =>
  sql`(m.unseen IS 1 OR (m.seen_at IS NULL AND n.place > w.read_to AND n.place > w.seen_to
    AND n.place > ${stepReach('read', userId, 'n', 'own')}
    AND n.place > ${stepReach('seen', userId, 'n', 'own')}))`
