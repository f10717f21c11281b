// [DI1] People and locations. Every write commits together with the tasks of the hubs that must know (AR7).
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Location, LocationBody, Me, User, UserBody } from '../protocol/api.ts'
import { locationStream, userStream } from '../protocol/ids.ts'
import type { Role } from '../protocol/notification.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { eraseSessions } from './revocations.ts'
import { locations, users } from './schema.ts'
import { type HubTask, queueTasks } from './tasks.ts'

/** Who must read their copy again: the names alone, and the tasks to finish once they did. */
export interface Told {
  hubs: string[]
  tasks: HubTask[]
}

export interface PutResult extends Told {
  outcome: 'created' | 'changed' | 'unchanged'
}

export interface DeleteResult extends Told {
  found: boolean
}

const DEFAULT_LOCALE = 'en'

/** The answer of a `queueTasks` statement. */
export function toldBy(queued: D1Result | undefined): Told {
  const tasks = rowsOf<HubTask>(queued)
  return { hubs: tasks.map((task) => task.hub), tasks }
}

/** `before` as it was, `after` as it was asked for; undefined means "as it is". */
function outcomeOf(before: object | undefined, after: object): PutResult['outcome'] {
  if (before === undefined) return 'created'
  const known = new Map(Object.entries(before))
  const same = ([key, value]: [string, unknown]) => value === undefined || known.get(key) === value
  return Object.entries(after).every(same) ? 'unchanged' : 'changed'
}

export async function getUser(db: Database, id: string): Promise<User | null> {
  const { name, email, locale, time_zone, role } = users
  const columns = { id: users.id, name, email, locale, time_zone, role }
  return (await db.select(columns).from(users).where(eq(users.id, id)).get()) ?? null
}

/** Replaces what there is; only `role` stays as it is when it is not given. */
export async function putUser(
  db: Database,
  user: { id: string } & UserBody,
  now: number,
): Promise<PutResult> {
  const { id, name, email = null, locale = DEFAULT_LOCALE, time_zone = null, role } = user
  const copied = sql`u.name = ${name} AND u.locale = ${locale} AND u.time_zone IS ${time_zone}
    AND u.role = coalesce(${role ?? null}, u.role)`
  const hubs = sql`SELECT ${userStream(id)} AS hub
    WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = ${id} AND ${copied})
    UNION ALL SELECT 'location:' || m.location_id
    FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.user_id = ${id} AND u.locale <> ${locale}`
  const [before, queued] = await runBatch(db, [
    sql`SELECT name, email, locale, time_zone, role FROM users WHERE id = ${id}`,
    queueTasks(hubs, now),
    sql`INSERT INTO users (id, name, email, locale, time_zone, role, created_at)
      VALUES (${id}, ${name}, ${email}, ${locale}, ${time_zone},
        coalesce(${role ?? null}, 'member'), ${now})
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
        locale = excluded.locale, time_zone = excluded.time_zone,
        role = coalesce(${role ?? null}, users.role)`,
  ])
  const wanted = { name, email, locale, time_zone, role }
  return { outcome: outcomeOf(rowsOf<object>(before)[0], wanted), ...toldBy(queued) }
}

/** Everything of a person: memberships, marks, steps, push subscriptions, the own stream and its cursors. Their hub erases itself. */
export async function deleteUser(db: Database, id: string, now: number): Promise<DeleteResult> {
  const own = userStream(id)
  const hubs = sql`SELECT ${own} AS hub FROM users WHERE id = ${id}
    UNION ALL SELECT 'location:' || location_id FROM memberships WHERE user_id = ${id}`
  const [found, queued] = await runBatch(db, [
    sql`SELECT 1 FROM users WHERE id = ${id}`,
    queueTasks(hubs, now),
    sql`DELETE FROM memberships WHERE user_id = ${id}`,
    sql`DELETE FROM inbox_marks WHERE user_id = ${id}`,
    sql`DELETE FROM inbox_steps WHERE user_id = ${id}`,
    sql`DELETE FROM push_subscriptions WHERE user_id = ${id}`,
    ...eraseSessions(id, now),
    ...eraseStream(own),
    sql`DELETE FROM users WHERE id = ${id}`,
  ])
  return { found: rowsOf(found).length > 0, ...toldBy(queued) }
}

/** Without its cursor the stream's fence refuses whatever its hub still has under way. */
const eraseStream = (stream: string): SQL[] => [
  sql`DELETE FROM notifications WHERE stream = ${stream}`,
  sql`DELETE FROM parked_entries WHERE stream = ${stream}`,
  sql`DELETE FROM archive_cursors WHERE stream = ${stream}`,
  sql`DELETE FROM hub_stats WHERE hub = ${stream}`,
]

export async function getLocation(db: Database, id: string): Promise<Location | null> {
  const { name, time_zone, region } = locations
  const columns = { id: locations.id, name, time_zone, region }
  return (await db.select(columns).from(locations).where(eq(locations.id, id)).get()) ?? null
}

/** Replaces what there is. */
export async function putLocation(
  db: Database,
  location: { id: string } & LocationBody,
  now: number,
): Promise<PutResult> {
  const { id, name, time_zone, region = null } = location
  const hubs = sql`SELECT ${locationStream(id)} AS hub WHERE NOT EXISTS (
      SELECT 1 FROM locations l WHERE l.id = ${id} AND l.name = ${name}
        AND l.time_zone = ${time_zone})
    UNION ALL SELECT 'user:' || m.user_id
    FROM memberships m JOIN locations l ON l.id = m.location_id
    WHERE m.location_id = ${id} AND l.time_zone <> ${time_zone}`
  const [before, queued] = await runBatch(db, [
    sql`SELECT name, time_zone, region FROM locations WHERE id = ${id}`,
    queueTasks(hubs, now),
    sql`INSERT INTO locations (id, name, time_zone, region, created_at)
      VALUES (${id}, ${name}, ${time_zone}, ${region}, ${now})
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone,
        region = excluded.region`,
  ])
  const outcome = outcomeOf(rowsOf<object>(before)[0], { name, time_zone, region })
  return { outcome, ...toldBy(queued) }
}

/** The location, its memberships, its stream and what members did with it. Its hub erases itself. */
export async function deleteLocation(db: Database, id: string, now: number): Promise<DeleteResult> {
  const stream = locationStream(id)
  const hubs = sql`SELECT ${stream} AS hub FROM locations WHERE id = ${id}
    UNION ALL SELECT 'user:' || user_id FROM memberships WHERE location_id = ${id}`
  const members = sql`(SELECT user_id FROM memberships WHERE location_id = ${id})`
  const [found, queued] = await runBatch(db, [
    sql`SELECT 1 FROM locations WHERE id = ${id}`,
    queueTasks(hubs, now),
    sql`DELETE FROM inbox_marks WHERE user_id IN ${members} AND stream = ${stream}`,
    sql`DELETE FROM inbox_steps WHERE user_id IN ${members} AND stream = ${stream}`,
    sql`DELETE FROM memberships WHERE location_id = ${id}`,
    ...eraseStream(stream),
    sql`DELETE FROM locations WHERE id = ${id}`,
  ])
  return { found: rowsOf(found).length > 0, ...toldBy(queued) }
}

/** [DI1] What `/me` answers; null for a person who is gone. */
export async function getMe(db: Database, userId: string): Promise<Me | null> {
  const [found, roles] = await runBatch(db, [
    sql`SELECT id, name, role, locale FROM users WHERE id = ${userId}`,
    sql`SELECT location_id, role FROM memberships WHERE user_id = ${userId} ORDER BY location_id`,
  ])
  const user = rowsOf<Omit<Me, 'memberships'>>(found)[0]
  if (user === undefined) return null
  const held = rowsOf<{ location_id: string; role: Role }>(roles)
  return {
    ...user,
    memberships: Object.fromEntries(held.map((one) => [one.location_id, one.role])),
  }
}

/** [AU7] Oneself, or a member of a location that the reader manages. That an admin may is the caller's to know. */
export async function mayReadUser(
  db: Database,
  readerId: string,
  userId: string,
): Promise<boolean> {
  if (readerId === userId) return true
  const [found] = await runBatch(db, [
    sql`SELECT 1 FROM memberships mine JOIN memberships theirs
      ON theirs.user_id = ${userId} AND theirs.location_id = mine.location_id
      WHERE mine.user_id = ${readerId} AND mine.role = 'manager' LIMIT 1`,
  ])
  return rowsOf(found).length > 0
}
