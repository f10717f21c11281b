import { expect, test } from 'vitest'
import { exportJWK, generateKeyPair } from 'jose'
import { openKeyring, verifyAccessToken } from '../../durable-objects/access-token.ts'
import type { Role } from '../../protocol/notification.ts'
import { claimsOf, signAccessToken } from './sign.ts'

const NOW = Date.parse('2026-11-20T10:00:00.250Z')

async function keyring() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return openKeyring(JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: 'one' }] }))
}

test.each([
  ['a member', claimsOf('ben', 'member', { downtown: 'staff' })],
  ['an admin', claimsOf('olivia', 'admin', { downtown: 'manager' })],
  ['a service', { sub: 'service:booking', role: 'service', scp: ['status:read'] } as const],
])('[AU1] what is signed for %s is verified', async (_who, claims) => {
  const ring = await keyring()
  const { access_token, expires_in } = await signAccessToken(ring, claims, NOW)
  expect(expires_in).toBe(900)
  const verified = await verifyAccessToken(access_token, ring, NOW)
  expect(verified).toMatchObject({ ok: true, identity: { sub: claims.sub, role: claims.role } })
})

test('[AU3] a token lives as long as it was asked for', async () => {
  const ring = await keyring()
  const claims = claimsOf('ben', 'member', {})
  const { access_token, expires_in } = await signAccessToken(ring, claims, NOW, 2)
  expect(expires_in).toBe(2)
  expect(await verifyAccessToken(access_token, ring, NOW + 2_000)).toEqual({
    ok: false,
    reason: 'expired',
  })
})

test('[AU7] somebody of hundreds of locations gets a token that fits a header, with what they manage', async () => {
  const ring = await keyring()
  const many = Array.from({ length: 500 }, (_, index): [string, Role] => [
    `location-with-a-long-name-${index}`,
    index === 499 ? 'manager' : 'staff',
  ])
  const claims = claimsOf('ben', 'member', Object.fromEntries(many))
  const { access_token } = await signAccessToken(ring, claims, NOW)
  expect(access_token.length).toBeLessThan(6_000)
  const verified = await verifyAccessToken(access_token, ring, NOW)
  expect(verified.ok && verified.identity.loc['location-with-a-long-name-499']).toBe('manager')
})
