// The package for other platforms: what its entries need, compiled file by file, with types beside them. Nothing is
// bundled, so that entries share their modules (an error of one is an error of the other) and bundlers
// leave out what is not used.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './paths.ts'
import { runQuietly } from './run.ts'

const ENTRIES = {
  client: 'client/index',
  preact: 'client/preact',
  react: 'client/react',
  server: 'client/server/index',
  protocol: 'client/package/protocol',
} as const

interface Manifest {
  name: string
  version: string
  description: string
  dependencies: Record<string, string>
}

const COMPILER = inRoot('node_modules', 'typescript', 'bin', 'tsc')

/** Writes the package into an own, empty folder. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const options = ['--project', inRoot('tsconfig.package.json'), '--outDir', folder]
  await runQuietly('Compiling the package', [COMPILER, ...options])
  for (const path of filesIn(folder).filter((file) => file.endsWith('.d.ts'))) {
    const file = join(folder, path)
    writeFileSync(file, withJsImports(readFileSync(file, 'utf8')))
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestFor(), null, 2)}\n`)
  cpSync(inRoot('client', 'package', 'README.md'), join(folder, 'README.md'))
}

export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()

/** The compiler leaves our `.ts` in declarations, where others have only `.d.ts`. */
export const withJsImports = (declarations: string): string =>
  declarations.replaceAll(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2')

function manifestFor() {
  const own = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Manifest
  return {
    name: own.name,
    version: own.version,
    description: own.description,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    exports: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, file]) => [
        `./${name}`,
        { types: `./${file}.d.ts`, default: `./${file}.js` },
      ]),
    ),
    files: ['client', 'protocol'],
    dependencies: { valibot: `^${own.dependencies['valibot']}` },
    // Who sends from a server needs none of these, a page those of its framework.
    peerDependencies: { '@preact/signals': '>=2', preact: '>=10.25', react: '>=18' },
    peerDependenciesMeta: {
      '@preact/signals': { optional: true },
      preact: { optional: true },
      react: { optional: true },
    },
  }
}
