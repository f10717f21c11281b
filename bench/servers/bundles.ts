// The bench's own workers, made into one module each.
import { build, type Plugin } from 'esbuild'
import { inRoot } from '../../scripts/lib/paths.ts'

/** Where a module that stands before the bundle asks for our entry, it gets the built one. */
const builtBundle: Plugin = {
  name: 'built-bundle',
  setup(context) {
    context.onResolve({ filter: /\/worker\/index\.ts$/ }, () => ({
      path: './index.js',
      external: true,
    }))
  },
}

/** `file` below bench/. */
export async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [inRoot('bench', file)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
    plugins: [builtBundle],
    logLevel: 'silent',
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`nothing was made of ${file}`)
  return output.text
}
