// Writing the directory (DI1): D1 commits first, then the hubs that must know are told (AR7). Routes and seed share it.
import { deleteLocation, deleteUser, getUser, putLocation, putUser } from '../db/directory.ts'
import type { DeleteResult, PutResult } from '../db/directory.ts'
import { deleteMember, putMember, type MemberPutResult } from '../db/members.ts'
import { now } from '../durable-objects/clock.ts'
import type { LocationBody, UserBody } from '../protocol/api.ts'
import type { Role } from '../protocol/notification.ts'
import { fromArchive } from './archive.ts'
import { endSession } from './auth/end-sessions.ts'
import { readAgain } from './auth/revocations.ts'
import type { Env } from './env.ts'
import { askLocation } from './hubs.ts'
import { deliverNow } from './tasks.ts'

type PutOutcome = PutResult['outcome']

/** Makes or changes a person. */
export async function saveUser(env: Env, id: string, body: UserBody): Promise<PutOutcome> {
  const before = body.role === 'member' ? await fromArchive(env, (db) => getUser(db, id)) : null
  const { outcome, tasks } = await fromArchive(env, (db) => putUser(db, { id, ...body }, now()))
  // [AU8] What an admin's tokens say of their rights must not outlive them.
  if (before?.role === 'admin') await endSession(env, { user_id: id })
  await deliverNow(env, tasks)
  return outcome
}

/** Makes or changes a shop. */
export async function saveLocation(env: Env, id: string, body: LocationBody): Promise<PutOutcome> {
  const { outcome, tasks } = await fromArchive(env, (db) => putLocation(db, { id, ...body }, now()))
  // The first call makes the hub, so this is the moment to say where.
  await deliverNow(env, tasks, body.region)
  return outcome
}

/** Makes somebody a member, or changes their role. */
export async function saveMember(
  env: Env,
  member: { location_id: string; user_id: string; role: Role },
): Promise<MemberPutResult['outcome']> {
  // [NO8] Before D1 commits: what gets its seq in between is not for the new member.
  const head = await askLocation(env, member.location_id, (hub) => hub.head())
  if (head === null) return 'unknown_location'
  const { outcome, tasks } = await fromArchive(env, (db) =>
    putMember(db, { ...member, head, now: now() }),
  )
  await deliverNow(env, tasks)
  return outcome
}

/** Erases a person; false when there was none. */
export const eraseUser = (env: Env, id: string) =>
  remove(
    env,
    fromArchive(env, (db) => deleteUser(db, id, now())).finally(() => readAgain(env.DB)),
  )

/** Erases a shop; false when there was none. */
export const eraseLocation = (env: Env, id: string) =>
  remove(
    env,
    fromArchive(env, (db) => deleteLocation(db, id, now())),
  )

/** Ends a membership; false when there was none. */
export const endMembership = (env: Env, locationId: string, userId: string) =>
  remove(
    env,
    fromArchive(env, (db) => deleteMember(db, locationId, userId, now())),
  )

async function remove(env: Env, deleting: Promise<DeleteResult>): Promise<boolean> {
  const { found, tasks } = await deleting
  await deliverNow(env, tasks)
  return found
}
