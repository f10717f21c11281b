// Throwaway projects that install the package as anybody would: from tarballs, without a network.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inRoot } from '../../scripts/lib/paths.ts'

export interface Ended {
  code: number | null
  output: string
}

interface Tarball {
  name: string
  version: string
  filename: string
}

/** Runs a program to its end; it is not let run longer than a minute. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    shell: process.platform === 'win32',
  })
  let output = ''
  const collect = (chunk: Buffer) => void (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Tarballs of folders, beside each other in `into`, by package name. */
export async function pack(folders: readonly string[], into: string): Promise<Map<string, string>> {
  const args = [
    'pack',
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
    '--pack-destination',
    into,
  ]
  const { code, output } = await run('npm', [...args, ...folders], { cwd: into })
  if (code !== 0) throw new Error(output)
  const made = JSON.parse(output.slice(output.indexOf('['))) as Tarball[]
  return new Map(made.map(({ name, filename }) => [name, join(into, filename)]))
}

export const installed = (name: string): string => inRoot('node_modules', ...name.split('/'))

export interface Project {
  folder: string
  /** Packages of the registry that it has, by name; each brings what it needs itself. */
  packages: readonly string[]
  compilerOptions: Record<string, unknown>
  files: Record<string, string>
}

/** Writes and installs it. Npm takes nothing but the given tarballs. */
export async function createProject(
  project: Project,
  tarballs: ReadonlyMap<string, string>,
): Promise<Ended> {
  const { folder, packages, compilerOptions, files } = project
  const dependencies = Object.fromEntries(
    ['shopbell', ...packages].map((name) => [name, `file:${tarballs.get(name)}`]),
  )
  const all: Record<string, string> = {
    'package.json': JSON.stringify({ private: true, type: 'module', dependencies }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, ...compilerOptions },
      include: ['src'],
    }),
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  return run('npm', [...install, '--no-package-lock', '--loglevel=error'], { cwd: folder })
}

export const typeCheck = (folder: string): Promise<Ended> =>
  run(process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '--project', '.'], {
    cwd: folder,
  })

export interface Example {
  target: string
  language: string
  code: string
}

/** The code blocks of a document: ```` ```ts server ```` says language and where it belongs. */
export function examplesOf(document: string): Example[] {
  const text = readFileSync(inRoot(document), 'utf8')
  return [...text.matchAll(/^```(\w*)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', target = '', code = '']) => ({ language, target, code }),
  )
}
