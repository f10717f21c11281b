// Keys that development makes on its first start, kept beside the state.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The same at every start on this state; `make` is asked once. */
export async function readOrMake(
  stateDir: string,
  name: string,
  make: () => Promise<string>,
): Promise<string> {
  const file = join(stateDir, name)
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const key = await make()
  // Written whole or not at all: half a key would lock every later start out.
  writeFileSync(`${file}.new`, key, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return key
}
