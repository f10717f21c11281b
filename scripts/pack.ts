// npm run pack: the package for other platforms, as a tarball in dist/ that `npm install` takes.

import { spawnSync } from 'node:child_process'
import { inRoot } from './lib/paths.ts'
import { buildPackage, filesIn } from './lib/package.ts'

const folder = inRoot('dist', 'package')
await buildPackage(folder)
const { status, stdout, stderr } = spawnSync('npm', ['pack', '--pack-destination', '..'], {
  cwd: folder,
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
if (status === 0) console.log(`dist/${stdout.trim()} (${filesIn(folder).length} files)`)
else console.error(`npm pack did not succeed:\n${stderr}`)
process.exitCode = status ?? 1
