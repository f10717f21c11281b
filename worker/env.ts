// What the platform binds to the worker, and the settings and keys read from it once per isolate.
import { openKeyring, type Keyring } from '../durable-objects/access-token.ts'
import type { LocationHub } from '../durable-objects/location-hub.ts'
import type { UserHub } from '../durable-objects/user-hub.ts'
import { checkSettings, type RawSettings, type Settings } from './settings.ts'

export interface Env extends RawSettings {
  DB: D1Database
  USER_HUB: DurableObjectNamespace<UserHub>
  LOCATION_HUB: DurableObjectNamespace<LocationHub>
  ASSETS: Fetcher
}

export interface Configuration {
  settings: Settings
  keyring: Keyring
  development: boolean
}

/** The worker was started with settings it refuses; who starts it must act, no caller can. */
export class SettingsRefused extends Error {
  override name = 'SettingsRefused'
}

type Read = { ok: true; configuration: Configuration } | { ok: false; refused: SettingsRefused }

const read = new WeakMap<Env, Read>()

/** [OP3] The checked settings of this deployment. Throws {@link SettingsRefused}, and says so in the log once. */
export function configurationOf(env: Env): Configuration {
  let known = read.get(env)
  if (known === undefined) {
    known = readConfiguration(env)
    read.set(env, known)
  }
  if (!known.ok) throw known.refused
  return known.configuration
}

function readConfiguration(env: Env): Read {
  const checked = checkSettings({ ...env })
  if (!checked.ok) {
    const message = `Shopbell does not start: ${checked.refusals.join(' | ')}`
    console.error(message)
    return { ok: false, refused: new SettingsRefused(message) }
  }
  const { settings } = checked
  return {
    ok: true,
    configuration: {
      settings,
      keyring: openKeyring(settings.SIGNING_KEYS),
      development: settings.ENVIRONMENT === 'development',
    },
  }
}
