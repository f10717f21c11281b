import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkSettings } from './settings.ts'

let good: Record<string, string>

beforeAll(async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  good = {
    ENVIRONMENT: 'production',
    WS_HEARTBEAT_INTERVAL: '30',
    WS_MAX_CONNECTIONS_PER_USER: '5',
    WS_RECONNECT_MAX_ATTEMPTS: '10',
    ARCHIVE_WAIT_MS: '1000',
    STATS_INTERVAL_S: '60',
    RETENTION_DAYS: '90',
    RATE_LIMITS: 'on',
    ALLOWED_ORIGINS: 'https://shop.example, http://localhost:8787',
    SIGNING_KEYS: JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: 'one' }] }),
  }
})

describe('checkSettings', () => {
  test('[OP3] good settings are read once, as what they are', () => {
    const checked = checkSettings(good)
    expect(checked).toMatchObject({
      ok: true,
      settings: { ARCHIVE_WAIT_MS: 1000, WS_HEARTBEAT_INTERVAL: 30, ENVIRONMENT: 'production' },
    })
    expect(checked.ok && [...checked.settings.ALLOWED_ORIGINS]).toEqual([
      'https://shop.example',
      'http://localhost:8787',
    ])
  })

  test.each([
    ['ENVIRONMENT', 'staging'],
    ['WS_HEARTBEAT_INTERVAL', '0'],
    ['WS_HEARTBEAT_INTERVAL', '30s'],
    ['WS_MAX_CONNECTIONS_PER_USER', '-1'],
    ['ARCHIVE_WAIT_MS', '1e3'],
    ['RETENTION_DAYS', ''],
    ['RATE_LIMITS', 'yes'],
    ['RATE_LIMITS', 'off'],
    ['ALLOWED_ORIGINS', ''],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://shop.example/'],
    ['ALLOWED_ORIGINS', 'https://shop.example,null'],
    ['SIGNING_KEYS', 'secret'],
    ['SIGNING_KEYS', '{"keys":[]}'],
    ['PLATFORM_JWKS_URL', 'http://id.shop.example/jwks'],
    ['METRICS_TOKEN', 'short'],
    ['PUSH_LOOPBACK', 'http://127.0.0.1:8091'],
  ])('[OP3] %s as "%s" is refused by its name, with an example', (name, value) => {
    const checked = checkSettings({ ...good, [name]: value })
    expect(checked.ok).toBe(false)
    expect(checked.ok || checked.refusals).toEqual([
      expect.stringMatching(new RegExp(`^${name} must .+; for example: .+`)),
    ])
  })

  describe('Web Push', () => {
    const push = {
      VAPID_SUBJECT: 'mailto:ops@shop.example',
      VAPID_PRIVATE_KEY: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
    }

    test('[OP3][RE3] a key and whom to write to; neither is fine, too', () => {
      expect(checkSettings({ ...good, ...push })).toMatchObject({ ok: true, settings: push })
    })

    test.each([
      ['VAPID_SUBJECT', 'ops'],
      ['VAPID_SUBJECT', undefined],
      ['VAPID_PRIVATE_KEY', undefined],
      ['VAPID_PRIVATE_KEY', 'the private key as base64url, by hand'],
      ['VAPID_PRIVATE_KEY', 'A'.repeat(43)],
      ['VAPID_PRIVATE_KEY', '_'.repeat(43)],
    ])('[OP3] %s as "%s" is refused by its name, with an example', (name, value) => {
      const checked = checkSettings({ ...good, ...push, [name]: value })
      expect(checked.ok || checked.refusals).toEqual([
        expect.stringMatching(new RegExp(`^${name} must .+; for example: .+`)),
      ])
    })

    test('[OP3] a push service on this machine is for development', () => {
      const given = { ...good, ENVIRONMENT: 'development' }
      const of = (PUSH_LOOPBACK: string) => checkSettings({ ...given, PUSH_LOOPBACK }).ok
      expect(of('http://127.0.0.1:8091')).toBe(true)
      expect(of('http://127.0.0.1')).toBe(false)
      expect(of('http://192.168.1.7:8091')).toBe(false)
      expect(of('http://127.0.0.1:8091/push')).toBe(false)
    })
  })

  test('[CO6] limits may be off in development', () => {
    const given = { ...good, ENVIRONMENT: 'development', RATE_LIMITS: 'off' }
    expect(checkSettings(given)).toMatchObject({ ok: true, settings: { RATE_LIMITS: 'off' } })
  })

  test('[OP3] every missing one is named', () => {
    const checked = checkSettings({})
    expect(checked.ok || checked.refusals.map((line) => line.split(';')[0])).toEqual(
      Object.keys(good).map((name) => `${name} is missing`),
    )
  })

  test('[OP3] a refusal never repeats a value, for some are secrets', () => {
    const checked = checkSettings({ ...good, SIGNING_KEYS: 'my-secret', METRICS_TOKEN: 'my-token' })
    expect(JSON.stringify(checked)).not.toMatch(/my-secret|my-token/)
  })
})
