// npm run check: everything that can be said about the code without running it. All four are run,
// so that one round shows all there is to mend.

import { spawnSync } from 'node:child_process'
import { ROOT } from './lib/paths.ts'

const CHECKS: readonly [name: string, command: string, ...args: string[]][] = [
  ['format', 'oxfmt', '--check', '.'],
  ['lint', 'oxlint', '--deny-warnings'],
  ['types', 'tsc', '--build'],
  ['dead code', 'knip'],
]

const failed = CHECKS.filter(([name, command, ...args]) => {
  // Tools are found by PATH, where the launcher put ours first.
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`)
  if (status !== 0) console.log(`${stdout}${stderr}`)
  return status !== 0
})

process.exitCode = failed.length > 0 ? 1 : 0
