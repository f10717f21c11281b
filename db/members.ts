// [DI1][NO8] Who belongs to which location, since when, and as what.
import { and, eq, sql } from 'drizzle-orm'
import * as v from 'valibot'
import type { Member, Page } from '../protocol/api.ts'
import { locationStream, userStream } from '../protocol/ids.ts'
import type { Role } from '../protocol/notification.ts'
import { decodeCursor, directionOf, encodeCursor, pageOf } from './cursor.ts'
import { type DeleteResult, type PutResult, type Told, toldBy } from './directory.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { parsePlace, placeOf } from './place.ts'
import { memberships } from './schema.ts'
import { queueTasks } from './tasks.ts'

interface Position {
  epoch: string
  seq: number
}

export interface MembershipRow {
  role: Role
  from: Position
  role_from: Position
}

export async function getMembership(
  db: Database,
  locationId: string,
  userId: string,
): Promise<MembershipRow | null> {
  const row = await db
    .select()
    .from(memberships)
    .where(and(eq(memberships.user_id, userId), eq(memberships.location_id, locationId)))
    .get()
  if (row === undefined) return null
  const { role, from_place, role_from_place } = row
  return { role, from: parsePlace(from_place), role_from: parsePlace(role_from_place) }
}

/** `head`: the location's head, asked of its hub before. `now` in milliseconds. */
export interface MemberPut {
  location_id: string
  user_id: string
  role: Role
  head: Position
  now: number
}

/** Nothing was written where a person or a location is unknown. */
export interface MemberPutResult extends Told {
  outcome: PutResult['outcome'] | 'unknown_user' | 'unknown_location'
}

/** [NO8] A new member counts from `head`; a change of role moves only the role's start; the same role changes nothing. */
export async function putMember(db: Database, put: MemberPut): Promise<MemberPutResult> {
  const { location_id, user_id, role, now } = put
  const place = placeOf(put.head.epoch, put.head.seq)
  const bothExist = sql`EXISTS (SELECT 1 FROM users WHERE id = ${user_id})
    AND EXISTS (SELECT 1 FROM locations WHERE id = ${location_id})`
  const held = sql`SELECT 1 FROM memberships
    WHERE user_id = ${user_id} AND location_id = ${location_id} AND role = ${role}`
  const hubs = sql`SELECT value AS hub
    FROM json_each(${JSON.stringify([userStream(user_id), locationStream(location_id)])})
    WHERE ${bothExist} AND NOT EXISTS (${held})`
  const [before, queued] = await runBatch(db, [
    sql`SELECT EXISTS (SELECT 1 FROM users WHERE id = ${user_id}) AS user,
      EXISTS (SELECT 1 FROM locations WHERE id = ${location_id}) AS location,
      (SELECT role FROM memberships WHERE user_id = ${user_id} AND location_id = ${location_id})
        AS role`,
    queueTasks(hubs, now),
    sql`INSERT INTO memberships (user_id, location_id, role, from_place, role_from_place)
      SELECT ${user_id}, ${location_id}, ${role}, ${place}, ${place} WHERE ${bothExist}
      ON CONFLICT (user_id, location_id) DO UPDATE SET role = excluded.role,
        role_from_place = max(memberships.role_from_place, excluded.role_from_place)
      WHERE memberships.role <> excluded.role`,
  ])
  const was = rowsOf<{ user: number; location: number; role: Role | null }>(before)[0]
  return { outcome: memberOutcome(was, role), ...toldBy(queued) }
}

function memberOutcome(
  was: { user: number; location: number; role: Role | null } | undefined,
  role: Role,
): MemberPutResult['outcome'] {
  if (!was?.location) return 'unknown_location'
  if (!was.user) return 'unknown_user'
  if (was.role === null) return 'created'
  return was.role === role ? 'unchanged' : 'changed'
}

/** Marks and steps stay: they hold nothing that a later membership, which starts at a later head, could show. */
export async function deleteMember(
  db: Database,
  locationId: string,
  userId: string,
  now: number,
): Promise<DeleteResult> {
  const theirs = sql`FROM memberships WHERE user_id = ${userId} AND location_id = ${locationId}`
  const hubs = sql`SELECT 'user:' || user_id AS hub ${theirs}
    UNION ALL SELECT 'location:' || location_id ${theirs}`
  const [found, queued] = await runBatch(db, [
    sql`SELECT 1 ${theirs}`,
    queueTasks(hubs, now),
    sql`DELETE ${theirs}`,
  ])
  return { found: rowsOf(found).length > 0, ...toldBy(queued) }
}

const MemberCursor = v.strictObject({ user: v.string() })

/** [CO4] By user id. Throws BadCursor. */
export async function listMembers(
  db: Database,
  locationId: string,
  query: { limit: number; after?: string | undefined; before?: string | undefined },
): Promise<{ data: Member[]; page: Page }> {
  const { limit } = query
  const { back, given } = directionOf(query)
  const from = given === undefined ? null : decodeCursor(given, MemberCursor, back).user
  const beyond = sql.raw(back ? '<' : '>')
  const [found] = await runBatch(db, [
    sql`SELECT m.user_id, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.location_id = ${locationId}
        AND (${from} IS NULL OR m.user_id ${beyond} ${from})
      ORDER BY m.user_id ${sql.raw(back ? 'DESC' : 'ASC')} LIMIT ${limit + 1}`,
  ])
  const rows = rowsOf<Member>(found)
  const more = rows.length > limit
  const shown = rows.slice(0, limit)
  const data = back ? shown.toReversed() : shown
  const edge = (user: string | null) => (user === null ? null : encodeCursor({ user }))
  const page = pageOf({
    given: given !== undefined,
    back,
    more,
    first: () => edge(data[0]?.user_id ?? from),
    last: () => edge(data.at(-1)?.user_id ?? from),
  })
  return { data, page }
}
