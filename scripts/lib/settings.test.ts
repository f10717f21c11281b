import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inRoot } from './paths.ts'
import { placeFrom, workerSettings } from './settings.ts'
import { makeSigningKeys } from './signing-keys.ts'

let stateDir: string

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'shopbell-settings-'))
})
afterEach(() => {
  rmSync(stateDir, { recursive: true })
})

const settingsFor = (env: Record<string, string>) =>
  workerSettings(env, placeFrom({ STATE_DIR: stateDir, PORT: '9000' }))

test('without a word the place is port 8787 and the state of npm start', () => {
  expect(placeFrom({ PORT: '', STATE_DIR: '' })).toEqual({
    port: 8787,
    origin: 'http://localhost:8787',
    stateDir: inRoot('.wrangler', 'state'),
  })
})

test.each(['abc', '0', '65536', '80.5', '-1'])('PORT=%s is refused with an example', (port) => {
  expect(() => placeFrom({ STATE_DIR: stateDir, PORT: port })).toThrow(
    `PORT must be a number from 1 to 65535, like 8787; it is "${port}".`,
  )
})

test('development needs nothing: own origins, and keys that outlive a restart', async () => {
  const first = await settingsFor({ ENVIRONMENT: 'development' })
  const second = await settingsFor({ ENVIRONMENT: 'development' })
  expect(second).toEqual(first)
  expect(first['ALLOWED_ORIGINS']).toBe('http://localhost:9000,http://127.0.0.1:9000')
  expect(readFileSync(join(stateDir, 'signing-keys.json'), 'utf8')).toBe(first['SIGNING_KEYS'])
  expect(readFileSync(join(stateDir, 'vapid-private-key'), 'utf8')).toBe(first['VAPID_PRIVATE_KEY'])
  for (const name of ['signing-keys.json', 'vapid-private-key']) {
    expect(statSync(join(stateDir, name)).mode & 0o777).toBe(0o600)
  }
})

test('[OP3] what the environment gives wins, and what it leaves empty does not count', async () => {
  const settings = await settingsFor({
    ENVIRONMENT: 'development',
    ARCHIVE_WAIT_MS: '50',
    STATS_INTERVAL_S: '',
    HOME: '/root',
  })
  expect(settings).toMatchObject({ ARCHIVE_WAIT_MS: '50', STATS_INTERVAL_S: '60' })
  expect(settings).not.toHaveProperty('HOME')
})

test('[CO6] development has no limits unless it asks for them', async () => {
  const env = { ENVIRONMENT: 'development' }
  expect(await settingsFor(env)).toMatchObject({ RATE_LIMITS: 'off' })
  expect(await settingsFor({ ...env, RATE_LIMITS: 'on' })).toMatchObject({ RATE_LIMITS: 'on' })
})

test('[OP3] production starts only with its own keys and origins', async () => {
  await expect(settingsFor({})).rejects.toThrow(/ALLOWED_ORIGINS is missing; for example: .*\nSIGN/)
  const given = {
    ENVIRONMENT: 'production',
    SIGNING_KEYS: await makeSigningKeys(),
    ALLOWED_ORIGINS: 'https://shop.example',
  }
  await expect(settingsFor(given)).resolves.toMatchObject(given)
  // Without keys for Web Push there is none; nothing is made up in production.
  await expect(settingsFor(given)).resolves.not.toHaveProperty('VAPID_PRIVATE_KEY')
})

test('[OP3] a wrong setting is refused with its name and an example', async () => {
  const env = { ENVIRONMENT: 'development', RATE_LIMITS: 'maybe' }
  await expect(settingsFor(env)).rejects.toThrow('RATE_LIMITS must be on or off; for example: on')
})
