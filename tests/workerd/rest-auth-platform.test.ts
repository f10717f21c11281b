// Every example of docs/PLATFORM.md for a shell, run in the order of the page on a deployment that has what step 1 asks for.
// The page's own code is run by tests/docs/platform-page.test.ts.
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import page from '../../docs/PLATFORM.md?raw'
import type { Problem } from '../../protocol/errors.ts'
import { ERRORS } from '../../protocol/errors.ts'
import { ORIGIN } from './helpers/api.ts'
import { Browser, deploy } from './helpers/deployment.ts'
import { IdentityProvider, makeKey, PLATFORM } from './helpers/identity-provider.ts'
import { commandsOf, pickFrom, requestOf } from './helpers/shell.ts'

const BLOCKS = Array.from(
  page.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms),
  ([, language = '', text = '']) => ({ language, text }),
)
const SHELLS = BLOCKS.filter(({ language }) => language === 'sh').map(({ text }) => text)
const CURLS = SHELLS.filter((text) => !text.startsWith('wrangler'))

const provider = new IdentityProvider()
const jar = new Browser()
const ask = deploy({ ...PLATFORM, ALLOWED_ORIGINS: ORIGIN })
const variables: Record<string, string> = {}

beforeAll(async () => {
  provider.keys = [await makeKey('ES256', '2026-11')]
  provider.serve()
  variables['SUBJECT_TOKEN'] = await provider.token('owner')
  variables['MARAS_TOKEN'] = await provider.token('mara')
})

afterAll(() => {
  vi.unstubAllGlobals()
})

/** Runs one curl; the file of cookies is a browser. The shell of the tests knows neither that nor escaped quotes. */
async function run(curl: string): Promise<{ status: number; text: string }> {
  const usesJar = / -[bc] jar/.test(curl)
  const plain = curl.replaceAll(/ -[bc] jar/g, '')
  const [, escaped] = /-d "((?:\\"|[^"])*)"/.exec(plain) ?? []
  const { method, url, headers, body } = requestOf(
    escaped === undefined ? plain : plain.replace(/-d "(?:\\"|[^"])*"/, '-d BODY'),
    variables,
  )
  expect(url.startsWith(ORIGIN)).toBe(true)
  const text = escaped?.replaceAll('\\"', '"').replaceAll(/\$(\w+)/g, (_, name: string) => {
    return variables[name] ?? ''
  })
  const sent = text ?? body
  const answer = await ask(`${method} ${url.slice(ORIGIN.length)}`, {
    headers,
    ...(sent !== undefined && { body: JSON.parse(sent) as unknown }),
    ...(usesJar && { browser: jar }),
  })
  return { status: answer.status, text: JSON.stringify(answer.body) }
}

describe('docs/PLATFORM.md', () => {
  test('the settings of step 1 are those of the deployment', () => {
    const [toml] = BLOCKS.filter(({ language }) => language === 'toml')
    const settings = Object.fromEntries(
      Array.from(toml?.text.matchAll(/^(\w+) = "(.*)"$/gm) ?? [], ([, name, value]) => [
        name,
        value,
      ]),
    )
    expect(settings).toEqual({ ...PLATFORM, ALLOWED_ORIGINS: ORIGIN })
  })

  test('the first admin is written by hand', async () => {
    const [wrangler] = SHELLS.filter((text) => text.startsWith('wrangler'))
    const [, sql = ''] = /--command "(.*)"/.exec(wrangler ?? '') ?? []
    await env.DB.prepare(sql).run()
    const row = await env.DB.prepare(`SELECT role FROM users WHERE id = 'owner'`).first()
    expect(row).toEqual({ role: 'admin' })
  })

  test('[AU2][DI1][DI2][NO3] every command does what the page says', async () => {
    expect(CURLS.length).toBeGreaterThanOrEqual(7)
    for (const { name, curl, pick } of CURLS.flatMap(commandsOf)) {
      const { status, text } = await run(curl)
      expect(status, `${curl}\n${text}`).toBeLessThan(300)
      if (name === 'KEY') {
        variables['CLIENT_ID'] = pickFrom(text, '.client_id')
        variables['CLIENT_SECRET'] = pickFrom(text, '.client_secret')
      } else if (name !== undefined && pick !== undefined) variables[name] = pickFrom(text, pick)
      if (curl.includes('/unread/count')) expect(JSON.parse(text)).toMatchObject({ unread: 1 })
    }
    expect(jar.cookie).toBeNull()
    const refused = await ask<Problem>('GET /api/v1/me', { token: variables['MARA'] })
    expect(refused.status).toBe(401)
  })

  test('[CO3] the table of failures names codes and statuses that there are', () => {
    const rows = Array.from(page.matchAll(/^\| (\d{3}) `(\w+)`/gm), ([, status, code = '']) => [
      code,
      Number(status),
    ])
    expect(rows.length).toBeGreaterThan(10)
    const known = Object.fromEntries(
      Object.entries(ERRORS).map(([code, { status }]) => [code, status]),
    )
    for (const [code, status] of rows) expect([code, known[String(code)]]).toEqual([code, status])
  })
})
