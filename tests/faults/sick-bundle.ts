// The worker with defects in it, for the judge to find.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { inRoot, ROOT } from '../../scripts/lib/paths.ts'
import { TURNS, type Defect } from './defects.ts'

/** Answers the directory that the bundle is in. */
export async function buildSick(defects: readonly Defect[]): Promise<string> {
  // The runtime takes modules from below the project alone.
  mkdirSync(inRoot('dist'), { recursive: true })
  const directory = mkdtempSync(inRoot('dist', 'sick-'))
  await build({
    entryPoints: [inRoot('worker', 'index.ts')],
    outfile: join(directory, 'index.js'),
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: TURNS },
    logLevel: 'error',
    plugins: [withDefects(defects)],
  })
  return directory
}

function withDefects(defects: readonly Defect[]): Plugin {
  const put = new Set<Defect>()
  return {
    name: 'defects',
    setup({ onLoad, onEnd }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(ROOT, path)
        const here = defects.filter((defect) => defect.file === file)
        if (here.length === 0) return undefined
        for (const defect of here) put.add(defect)
        const contents = here.reduce(spoil, readFileSync(path, 'utf8'))
        return { contents, loader: 'ts' }
      })
      onEnd(() => {
        const missing = defects.filter((defect) => !put.has(defect))
        const errors = missing.map(({ name, file }) => ({ text: `"${name}": no ${file}` }))
        return { errors }
      })
    },
  }
}

/** A defect that is not there would be one that the judge need not find. */
export function spoil(source: string, { name, file, replace, by }: Defect): string {
  const parts = source.split(replace)
  if (parts.length !== 2) {
    throw new Error(`"${name}": ${file} has ${parts.length - 1} times: ${replace}`)
  }
  return parts.join(by)
}
