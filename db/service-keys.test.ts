import { expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { openDatabase } from './open.ts'
import { getServiceKey, putServiceKey, touchServiceKey } from './service-keys.ts'

const key = {
  client_id: 'demo-booking',
  name: 'Booking',
  secret_hash: 'hash',
  scopes: ['notifications:send' as const, 'status:read' as const],
}

test('[AU2] a key keeps its hash and scopes; putting it again replaces them', async () => {
  const db = openDatabase(fakeD1())
  expect(await getServiceKey(db, key.client_id)).toBeNull()
  await putServiceKey(db, key, 5)
  const kept = { ...key, created_at: 5, last_used_at: null, revoked_at: null }
  expect(await getServiceKey(db, key.client_id)).toEqual(kept)
  await putServiceKey(db, { ...key, secret_hash: 'other' }, 9)
  expect(await getServiceKey(db, key.client_id)).toEqual({ ...kept, secret_hash: 'other' })
})

test('[AU2] a use is noted once a minute', async () => {
  const d1 = fakeD1()
  const db = openDatabase(d1)
  await putServiceKey(db, key, 5)
  for (const now of [100_000, 100_001, 159_999]) await touchServiceKey(db, key.client_id, now)
  expect((await getServiceKey(db, key.client_id))?.last_used_at).toBe(100_000)
  await touchServiceKey(db, key.client_id, 160_000)
  expect((await getServiceKey(db, key.client_id))?.last_used_at).toBe(160_000)
})
