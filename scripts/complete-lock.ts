// npm run lock: after a dependency was added or raised, names every platform's binary in the
// lockfile. npm leaves out optional packages that the registry at hand does not hold (mirrors lag
// behind), and `npm ci` then refuses the lockfile on every machine, whether it needs them or not.

import { readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from './lib/paths.ts'

interface LockedPackage {
  version?: string
  dev?: boolean
  license?: string
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

interface Lockfile {
  packages: Record<string, LockedPackage>
}

const OS: Readonly<Record<string, string>> = { windows: 'win32' }
const CPU: Readonly<Record<string, string>> = { '64': 'x64' }
const LIBC: Readonly<Record<string, string>> = { gnu: 'glibc', musl: 'musl' }

const file = inRoot('package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lockfile
const added = missingFrom(lock)
for (const [path, entry] of added) lock.packages[path] = entry
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length === 0 ? 'The lockfile is whole.' : `Added ${added.length} packages.`)

function missingFrom({ packages }: Lockfile): [path: string, LockedPackage][] {
  return Object.entries(packages).flatMap(([owner, { dev, license, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, owner, name))
      .map(([name, version]): [string, LockedPackage] => {
        if (!/^\d/.test(version)) throw new Error(`${name}@${version} has no exact version.`)
        const { os, cpu, libc } = platformOf(name)
        return [
          placeFor(packages, owner, name),
          {
            version,
            cpu: [cpu],
            ...(dev && { dev }),
            ...(libc !== undefined && { libc: [libc] }),
            ...(license !== undefined && { license }),
            optional: true,
            os: [os],
          },
        ]
      }),
  )
}

/** Node looks in the package's own node_modules and then in those above it. */
function isLocked(packages: Lockfile['packages'], owner: string, name: string): boolean {
  if (`${owner}/node_modules/${name}` in packages) return true
  const above = owner.lastIndexOf('node_modules/')
  if (above <= 0) return `node_modules/${name}` in packages
  return isLocked(packages, owner.slice(0, above - 1), name)
}

/** Beside its owner: that is where npm puts it as long as no other version stands there. */
function placeFor(packages: Lockfile['packages'], owner: string, name: string): string {
  const folder = owner.slice(0, owner.lastIndexOf('node_modules/'))
  const beside = `${folder}node_modules/${name}`
  return beside in packages ? `${owner}/node_modules/${name}` : beside
}

/** From names like `binding-linux-x64-musl` and `workerd-darwin-64`. */
function platformOf(name: string) {
  const match =
    /(android|darwin|freebsd|linux|openharmony|win32|windows)-(\w+?)(?:-(gnu|musl|\w+))?$/.exec(
      name,
    )
  const [, os, cpu, abi] = match ?? []
  if (os === undefined || cpu === undefined) throw new Error(`What platform is ${name} for?`)
  return { os: OS[os] ?? os, cpu: CPU[cpu] ?? cpu, libc: abi && LIBC[abi.replace(/eabihf$/, '')] }
}
