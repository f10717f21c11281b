import { dirname, join } from 'node:path'
import { Visitor } from 'vite'
import { parse, type SourceFile } from './source.ts'

/** Every module that a file names, for a value or a type, at load or later. */
export function importsOf(file: SourceFile): string[] {
  const { program, module } = parse(file)
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) =>
      file.text.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, ''),
    ),
  ]
  new Visitor({
    TSImportType: ({ source }) => void named.push(source.value),
  }).visit(program)
  return [...new Set(named)]
}

/** The path from the root of what a relative import names, or null for a package. */
export function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  return join(dirname(from), specifier.replace(/\?.*$/, '')).replaceAll('\\', '/')
}
