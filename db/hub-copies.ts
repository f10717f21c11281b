// [AR7] What a hub keeps of the directory, read in one D1 batch when a task says that it changed.
import { sql } from 'drizzle-orm'
import type { UserRole } from '../protocol/api.ts'
import type { Role } from '../protocol/notification.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { parsePlace } from './place.ts'
import type { PushCopy } from './push-subscriptions.ts'

interface Position {
  epoch: string
  seq: number
}

/** `created_at` tells a person who was deleted and made again from the one before: such a hub starts anew. */
export interface UserCopy {
  id: string
  name: string
  locale: string
  time_zone: string | null
  role: UserRole
  created_at: number
  memberships: {
    location_id: string
    role: Role
    from: Position
    role_from: Position
    time_zone: string
  }[]
  /** [RE3] */
  push: PushCopy[]
}

export interface LocationCopy {
  id: string
  name: string
  time_zone: string
  created_at: number
  roster: { user_id: string; role: Role; from: Position; role_from: Position; locale: string }[]
}

interface PlacedRow {
  from_place: string
  role_from_place: string
}

function withPositions<Row extends PlacedRow>({ from_place, role_from_place, ...rest }: Row) {
  return { ...rest, from: parsePlace(from_place), role_from: parsePlace(role_from_place) }
}

/** Null: there is no such person (any more), and their hub erases itself. */
export async function readUserCopy(db: Database, userId: string): Promise<UserCopy | null> {
  const [user, memberships, push] = await runBatch(db, [
    sql`SELECT id, name, locale, time_zone, role, created_at FROM users WHERE id = ${userId}`,
    sql`SELECT m.location_id, m.role, m.from_place, m.role_from_place, l.time_zone
      FROM memberships m JOIN locations l ON l.id = m.location_id
      WHERE m.user_id = ${userId} ORDER BY m.location_id`,
    sql`SELECT device, endpoint, p256dh, auth, origin, created_at, confirmed_at
      FROM push_subscriptions WHERE user_id = ${userId} ORDER BY device`,
  ])
  const found = rowsOf<Omit<UserCopy, 'memberships' | 'push'>>(user)[0]
  if (found === undefined) return null
  type Row = PlacedRow & { location_id: string; role: Role; time_zone: string }
  return {
    ...found,
    memberships: rowsOf<Row>(memberships).map(withPositions),
    push: rowsOf<PushCopy>(push),
  }
}

/** Null: there is no such location (any more), and its hub erases itself. */
export async function readLocationCopy(
  db: Database,
  locationId: string,
): Promise<LocationCopy | null> {
  const [location, roster] = await runBatch(db, [
    sql`SELECT id, name, time_zone, created_at FROM locations WHERE id = ${locationId}`,
    sql`SELECT m.user_id, m.role, m.from_place, m.role_from_place, u.locale
      FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.location_id = ${locationId} ORDER BY m.user_id`,
  ])
  const found = rowsOf<Omit<LocationCopy, 'roster'>>(location)[0]
  if (found === undefined) return null
  type Row = PlacedRow & { user_id: string; role: Role; locale: string }
  return { ...found, roster: rowsOf<Row>(roster).map(withPositions) }
}
