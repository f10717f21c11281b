// The page and the button of docs/PLATFORM.md, as they stand there: bundled as a platform would, and the page rendered by
// React.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { createElement, type ComponentType } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import type { Shopbell } from '../../client/types.ts'
import { takeSubjectToken } from '../../web/stores/hand-over.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Page {
  shopbell: Shopbell
  Header: ComponentType
}

afterEach(() => {
  vi.unstubAllGlobals()
})

const PAGE = readFileSync(join(ROOT, 'docs/PLATFORM.md'), 'utf8')

/** `kind`: what stands behind the three ticks. */
function exampleOf(kind: string): string {
  const [, code] = new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(PAGE) ?? []
  if (code === undefined) throw new Error(`docs/PLATFORM.md has no ${kind}`)
  return code
}

async function load<Module>(code: string): Promise<Module> {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'tsx', resolveDir: ROOT },
    alias: {
      'shopbell/client': join(ROOT, 'client/index.ts'),
      'shopbell/react': join(ROOT, 'client/react.ts'),
    },
    // One React for the page and for the test that renders it.
    plugins: [
      {
        name: 'react-of-the-test',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^react(\/.*)?$/ }, ({ path }) => ({
            path: import.meta.resolve(path),
            external: true,
          }))
        },
      },
    ],
    jsx: 'automatic',
    jsxImportSource: 'react',
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    // The same text would be the same module, and run once.
    banner: { js: `// ${crypto.randomUUID()}` },
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error('nothing was built')
  const address = `data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`
  return (await import(/* @vite-ignore */ address)) as Module
}

const welcome = {
  type: 'welcome',
  protocol: 1,
  stream: 'user:mara',
  epoch: '018f0000-0000-7000-8000-000000000000',
  seq: 0,
  recovered: false,
  connection_id: '018f0000-0000-7000-8000-000000000001',
  heartbeat_interval_s: 30,
  limits: { max_frame_bytes: 65_536, burst: 100, per_second: 20 },
  reconnect: { min_ms: 500, max_ms: 30_000, max_attempts: 10 },
  server_time: '2026-11-24T10:00:00.000Z',
  memberships: {},
  heads: { 'user:mara': { epoch: '018f0000-0000-7000-8000-000000000000', seq: 0 } },
}

/** Opens by itself and says welcome, as a hub does. */
class OpenSocket extends EventTarget {
  constructor() {
    super()
    queueMicrotask(() => {
      this.dispatchEvent(new Event('open'))
      this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(welcome) }))
    })
  }

  send() {}
  close() {}
}

/** Shopbell and the platform's own route, as the page meets them. */
function serve({ session }: { session: boolean }) {
  const calls: string[] = []
  const problem = { code: 'unauthorized', detail: 'There is no session to go on with.' }
  const inbox = {
    data: [],
    page: { after: null, before: null, has_more: false },
    counts: { unread: 3, unseen: 0, action_required: 0, until: null },
    as_of: { 'user:mara': 0 },
    epochs: { 'user:mara': welcome.epoch },
  }
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const { pathname } = new URL(address, 'https://app.shop.example')
    if (pathname === '/my-identity-token') return new Response('subject-token')
    if (pathname !== '/api/v1/auth/token') return Response.json(inbox)
    expect(init.credentials).toBe('include')
    const grant = JSON.parse(String(init.body)) as Record<string, string>
    calls.push(`${grant['grant_type']} ${grant['subject_token'] ?? ''}`.trim())
    if (grant['grant_type'] === 'refresh_token' && !session) {
      return Response.json(problem, { status: 401 })
    }
    return Response.json({ access_token: 'access', token_type: 'Bearer', expires_in: 900 })
  })
  vi.stubGlobal('WebSocket', OpenSocket)
  return calls
}

test.each([
  ['without a session the page comes with the JWT', false, 2],
  ['with one the cookie is enough', true, 1],
] as const)('[AU2] %s, and the hook shows the count', async (_what, session, asked) => {
  const calls = serve({ session })
  const { shopbell, Header } = await load<Page>(exampleOf('tsx react'))
  await vi.waitFor(() => expect(calls).toHaveLength(asked))
  expect(calls).toEqual(
    ['refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange subject-token'].slice(
      0,
      asked,
    ),
  )
  await vi.waitFor(() => expect(renderToString(createElement(Header))).toBe('<p>3 unread:</p>'))
  shopbell.stop()
})

test('[AU2] the button opens the app with an address that it reads, and hides', async () => {
  const opened: string[] = []
  vi.stubGlobal('fetch', async () => new Response('aa.b-b.c_c'))
  vi.stubGlobal('location', { assign: (address: string) => void opened.push(address) })
  const { openShopbell } = await load<{ openShopbell(): Promise<void> }>(exampleOf('js open'))
  await openShopbell()
  const shown: unknown[] = []
  const past = { state: null, replaceState: (...all: unknown[]) => void shown.push(all[2]) }
  expect(takeSubjectToken(new URL(opened[0] ?? ''), past)).toBe('aa.b-b.c_c')
  expect(shown).toEqual(['/'])
})
