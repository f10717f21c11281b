// The package as others get it: packed, installed in projects that have nothing else of ours, and run.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LEGACY_TYPES } from '../../client/server/legacy.ts'
import { buildPackage, filesIn, withJsImports } from '../../scripts/lib/package.ts'
import { inRoot } from '../../scripts/lib/paths.ts'
import { CLIENT_ID, CLIENT_SECRET, createFakeShopbell, type FakeShopbell } from './fake-shopbell.ts'
import { createProject, examplesOf, installed, pack, run, typeCheck } from './projects.ts'

const PATIENCE_MS = 120_000

const NODE = ['valibot', '@types/node', 'undici-types']
const PREACT = [
  'valibot',
  'preact',
  '@preact/signals',
  '@preact/signals-core',
  'preact-render-to-string',
]
const REACT = [
  'valibot',
  'react',
  'react-dom',
  'scheduler',
  '@types/react',
  '@types/react-dom',
  'csstype',
]
const BROWSER = { lib: ['es2022', 'dom', 'dom.iterable'], target: 'es2022', types: [] }

const examples = examplesOf('docs/SDK.md')

/** The examples for a project, each a module of its own. */
const filesOf = (...targets: string[]): Record<string, string> =>
  Object.fromEntries(
    examples
      .filter(({ target }) => targets.includes(target))
      .map(({ language, code }, index) => [`src/example-${index}.${language}`, code]),
  )

const PAGE = `
import { createShopbell } from 'shopbell/client'
const shopbell = createShopbell({
  base: 'https://bell.test',
  device: 'd',
  signIn: async () => { throw new Error('not asked for') },
})
`

const PROTOCOL = `
import { Send, NotificationType, type Notification } from 'shopbell/protocol'
import * as v from 'valibot'
export const isSend = (value: unknown) => v.is(Send, value)
export const title = (one: Notification): string => one.title
export const known: NotificationType = 'appointment.booked'
`

const WORKER = `
import { createSender } from 'shopbell/server'
interface Env { SHOPBELL_URL: string; SHOPBELL_CLIENT_SECRET: string }
export default {
  async fetch(_request, { SHOPBELL_URL, SHOPBELL_CLIENT_SECRET }) {
    const bell = createSender({
      url: SHOPBELL_URL,
      clientId: 'booking',
      clientSecret: SHOPBELL_CLIENT_SECRET,
      fetch: (input, init) => fetch(input, init),
    })
    return Response.json(await bell.sendPersonalMessage('ben', { title: 'Hello' }))
  },
} satisfies ExportedHandler<Env>
`

const REFUSED = `
import type { Notice } from 'shopbell/server'
export const notice: Notice<'appointment.booked'> = {
  to: { user_id: 'ben' },
  type: 'appointment.booked',
  // @ts-expect-error: an appointment has a time
  data: { appointment_id: 'a', client_name: 'C', service: 'Cut' },
}
`

const PROJECTS = {
  node: {
    packages: NODE,
    compilerOptions: {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      exactOptionalPropertyTypes: true,
    },
    files: { ...filesOf('server'), 'src/protocol.ts': PROTOCOL, 'src/refused.ts': REFUSED },
  },
  worker: {
    packages: ['valibot', '@cloudflare/workers-types'],
    compilerOptions: {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2022',
      lib: ['es2022'],
      types: ['@cloudflare/workers-types'],
    },
    files: { 'src/index.ts': WORKER },
  },
  preact: {
    packages: PREACT,
    compilerOptions: {
      ...BROWSER,
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      jsxImportSource: 'preact',
    },
    files: {
      ...filesOf('preact', 'client'),
      'run.mjs': `${PAGE}
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { ShopbellProvider, useNotifications, useWebSocket } from 'shopbell/preact'
const Bell = () => h('p', null, useNotifications().status, ' ', useWebSocket().connectionStatus)
console.log(renderToString(h(ShopbellProvider, { shopbell }, h(Bell))))`,
    },
  },
  react: {
    packages: REACT,
    compilerOptions: {
      ...BROWSER,
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
    },
    files: {
      ...filesOf('react', 'client'),
      'run.mjs': `${PAGE}
import { createElement as h } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { ShopbellProvider, useNotifications, useWebSocket } from 'shopbell/react'
const Bell = () => h('p', null, useNotifications().status, ' ', useWebSocket().connectionStatus)
console.log(renderToStaticMarkup(h(ShopbellProvider, { shopbell }, h(Bell))))`,
    },
  },
}

const home = mkdtempSync(join(tmpdir(), 'shopbell-package-'))
const built = join(home, 'package')
let tarballs: ReadonlyMap<string, string>

beforeAll(async () => {
  await buildPackage(built)
  const others = new Set(Object.values(PROJECTS).flatMap(({ packages }) => packages))
  tarballs = await pack([built, ...[...others].map(installed)], home)
}, PATIENCE_MS)
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe.each(Object.entries(PROJECTS))('in a project with %s', (name, project) => {
  const folder = join(home, name)

  test(
    'it installs with what it names, and nothing else',
    async () => {
      expect(await createProject({ folder, ...project }, tarballs)).toMatchObject({ code: 0 })
      const top = readdirSync(join(folder, 'node_modules')).filter((one) => !one.startsWith('.'))
      const wanted = ['shopbell', ...project.packages].map((one) => one.split('/')[0])
      expect(new Set(top)).toEqual(new Set(wanted))
    },
    PATIENCE_MS,
  )

  test(
    'every example of docs/SDK.md holds under strict types, those of the package included',
    async () => {
      expect(await typeCheck(folder)).toEqual({ code: 0, output: '' })
    },
    PATIENCE_MS,
  )
})

test.each(['preact', 'react'])(
  'in a project with %s the hooks run',
  async (name) => {
    expect(await run(process.execPath, ['run.mjs'], { cwd: join(home, name) })).toEqual({
      code: 0,
      output: '<p>loading idle</p>\n',
    })
  },
  PATIENCE_MS,
)

describe('in a project with node the examples of sending', () => {
  let fake: FakeShopbell
  let server: Server

  beforeAll(async () => {
    fake = createFakeShopbell()
    server = serve(fake)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  test(
    'run against a server',
    async () => {
      const { port } = server.address() as AddressInfo
      const env = {
        SHOPBELL_URL: `http://127.0.0.1:${port}`,
        SHOPBELL_CLIENT_ID: CLIENT_ID,
        SHOPBELL_CLIENT_SECRET: CLIENT_SECRET,
      }
      const folder = join(home, 'node')
      const outputs: string[] = []
      for (const file of readdirSync(join(folder, 'src')).toSorted()) {
        const { code, output } = await run(process.execPath, [join('src', file)], {
          cwd: folder,
          env,
        })
        expect({ file, code, output }).toMatchObject({ code: 0 })
        outputs.push(output)
      }
      expect(outputs.join('')).toContain('true\n')
      expect(outputs.join('')).toMatch(/^invalid \[\s+\{\s+pointer: '\/to\/user_id'/m)
      expect(fake.sends().map(({ body }) => body.type ?? body.notifications)).toMatchObject([
        'appointment.booked',
        'performance.threshold_exceeded',
        'team.announcement',
        'custom',
        [{ type: 'training.module_available' }, {}, {}],
        'appointment.reminder',
        'appointment.reminder',
        'appointment.booked',
      ])
    },
    PATIENCE_MS,
  )
})

test('every example says where it belongs', () => {
  const targets = examples.map(({ target }) => target)
  expect(
    targets.filter((target) => !['server', 'client', 'react', 'preact'].includes(target)),
  ).toEqual([])
  expect(targets.length).toBeGreaterThan(8)
})

test('the table of older names in docs/SDK.md is the one in the code', () => {
  const text = readFileSync(inRoot('docs', 'SDK.md'), 'utf8')
  const table = text.slice(text.search(/\| older name +\|/)).split('\n\n', 1)[0] ?? ''
  const rows = LEGACY_TYPES.map(
    ({ name, when, type }) => `| \`${name}\`${when ? ` (\`${when}\`)` : ''} | \`${type}\` |`,
  )
  // The formatter fills up columns.
  const written = table.split('\n').map((line) => line.replaceAll(/ +\|/g, ' |'))
  expect(written.slice(2)).toEqual(rows)
})

test('it holds modules with their types, a manifest and a readme; no tests, nothing of this machine', () => {
  const files = filesIn(built)
  const modules = files.filter((path) => path.endsWith('.js'))
  const types = modules.map((path) => path.replace(/\.js$/, '.d.ts'))
  expect(files).toEqual([...modules, ...types, 'README.md', 'package.json'].toSorted())
  expect(files.filter((path) => path.includes('.test.'))).toEqual([])
  const texts = files.map((path) => readFileSync(join(built, path), 'utf8'))
  expect(texts.filter((text) => text.includes(inRoot()) || text.includes(home))).toEqual([])
})

/** What the protocol's files use among themselves. */
const HELPERS = ['json.ts']

test('shopbell/protocol has every file of the protocol', () => {
  const all = readdirSync(inRoot('protocol')).filter(
    (file) => !file.includes('.test.') && !HELPERS.includes(file),
  )
  const entry = readFileSync(inRoot('client', 'package', 'protocol.ts'), 'utf8')
  expect(all.filter((file) => !entry.includes(`/${file}'`))).toEqual([])
})

test.each([
  ["import { a } from './a.ts'", "import { a } from './a.js'"],
  ["export * from '../../b/a.ts'", "export * from '../../b/a.js'"],
  ["type A = import('./a.ts').A", "type A = import('./a.js').A"],
  ["import { a } from 'package.ts'", "import { a } from 'package.ts'"],
])('declarations name what is there: %s', (before, after) => {
  expect(withJsImports(before)).toBe(after)
})

function serve(fake: FakeShopbell): Server {
  return createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => void answer())
    const answer = async () => {
      const headers = request.headers as Record<string, string>
      const said = await fake.fetch(`http://bell.test${request.url}`, {
        method: 'POST',
        headers,
        body,
      })
      response.writeHead(said.status, Object.fromEntries(said.headers)).end(await said.text())
    }
  })
}
