import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, type Say } from './build.ts'
import { inRoot } from './paths.ts'
import { runQuietly, WRANGLER } from './run.ts'

/** Brings the local D1 up to date. Asking wrangler costs seconds, so what was applied is remembered. */
export async function migrate(stateDir: string, say: Say): Promise<void> {
  if (!existsSync(inRoot('migrations'))) return
  const stamp = join(stateDir, 'migrated.hash')
  const wanted = hashOf(['migrations'])
  const applied = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (wanted === applied && existsSync(join(stateDir, 'v3', 'd1'))) return
  say('Bringing the local database up to date.')
  const local = ['--local', '--persist-to', stateDir]
  await runQuietly('Migrating', [...WRANGLER, 'd1', 'migrations', 'apply', 'shopbell', ...local])
  writeFileSync(stamp, wanted)
}
