// What a script takes from its environment: where to listen, where to keep state, and the settings
// that are passed on to the worker.

import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { unstable_readConfig as readConfig } from 'wrangler'
import { checkSettings } from '../../worker/settings.ts'
import { PlainFailure } from './fail.ts'
import { inRoot } from './paths.ts'
import { readOrMakeSigningKeys } from './signing-keys.ts'
import { readOrMakeVapidKey } from './vapid-key.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Everything the worker reads from its bindings, secrets included. */
const WORKER_SETTINGS = [
  'ENVIRONMENT',
  'WS_HEARTBEAT_INTERVAL',
  'WS_MAX_CONNECTIONS_PER_USER',
  'WS_RECONNECT_MAX_ATTEMPTS',
  'ARCHIVE_WAIT_MS',
  'STATS_INTERVAL_S',
  'RETENTION_DAYS',
  'RATE_LIMITS',
  'ALLOWED_ORIGINS',
  'PLATFORM_JWKS_URL',
  'PLATFORM_ISSUER',
  'PLATFORM_AUDIENCE',
  'VAPID_SUBJECT',
  'PUSH_LOOPBACK',
  'SIGNING_KEYS',
  'VAPID_PRIVATE_KEY',
  'METRICS_TOKEN',
]

export interface Place {
  port: number
  origin: string
  stateDir: string
}

export function placeFrom(env: Environment): Place {
  const text = env['PORT'] || '8787'
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new PlainFailure(`PORT must be a number from 1 to 65535, like 8787; it is "${text}".`)
  }
  const stateDir = env['STATE_DIR'] ? resolve(env['STATE_DIR']) : inRoot('.wrangler', 'state')
  mkdirSync(stateDir, { recursive: true })
  return { port, origin: `http://localhost:${port}`, stateDir }
}

/** The settings for the worker: what wrangler.toml says, and the environment above it. */
export async function workerSettings(
  env: Environment,
  place: Place,
): Promise<Record<string, string>> {
  const given = namedIn(env)
  const settings: Record<string, string> = {
    ...(readConfig({ config: inRoot('wrangler.toml') }).vars as Record<string, string>),
    ...(given['ENVIRONMENT'] === 'development' && (await forDevelopment(place))),
    ...given,
  }
  const checked = checkSettings(settings)
  if (!checked.ok) throw new PlainFailure(refusal(settings, checked.refusals))
  return settings
}

function namedIn(env: Environment): Record<string, string> {
  const given = WORKER_SETTINGS.flatMap((name) => {
    const value = env[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(given)
}

/**
 * Development needs nothing from the caller: keys are made once, the page's own origin is let in, and nobody who tries
 * things out or measures them meets a limit.
 */
async function forDevelopment({ port, stateDir }: Place): Promise<Record<string, string>> {
  return {
    ALLOWED_ORIGINS: `http://localhost:${port},http://127.0.0.1:${port}`,
    SIGNING_KEYS: await readOrMakeSigningKeys(stateDir),
    VAPID_PRIVATE_KEY: await readOrMakeVapidKey(stateDir),
    VAPID_SUBJECT: 'mailto:ops@shop.example',
    RATE_LIMITS: 'off',
  }
}

function refusal(settings: Record<string, string>, refusals: readonly string[]): string {
  const hint =
    settings['ENVIRONMENT'] === 'production'
      ? ['The demo shop needs no settings but ENVIRONMENT=development.']
      : []
  return [...refusals, ...hint].join('\n')
}
