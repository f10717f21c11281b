// [CO7] The page at /docs, and how all that describes the API is kept.
import { describe, expect, test } from 'vitest'
import { CLOSE_CODES, ERRORS } from '../../protocol/errors.ts'
import { ask, operationsOf, readAsyncApi, readOpenApi } from './helpers/documents.ts'

const KEPT = [
  ['/api/v1/openapi.json', 'application/json'],
  ['/api/v1/asyncapi.json', 'application/json'],
  ['/docs', 'text/html'],
  ['/docs/style.css', 'text/css'],
] as const

const page = async () => (await ask('GET', '/docs')).text

describe('the page', () => {
  test('[CO7] has every route, every frame, every close code and every error', async () => {
    const [text, openApi, asyncApi] = [await page(), await readOpenApi(), await readAsyncApi()]
    for (const { path, operation } of operationsOf(openApi)) {
      expect(text).toContain(path)
      if (!operation['x-not-built-yet']) expect(text).toContain(`id="${operation.operationId}"`)
    }
    for (const name of Object.keys(asyncApi.components.messages)) {
      expect(text).toContain(`id="frame-${name}"`)
    }
    for (const code of [...Object.keys(CLOSE_CODES), ...Object.keys(ERRORS)]) {
      expect(text).toContain(`<code>${code}</code>`)
    }
  })

  test('every link within the page leads somewhere, and no id stands twice', async () => {
    const text = await page()
    const ids = Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id]) => id)
    const links = new Set(Array.from(text.matchAll(/href="#([^"]+)"/g), ([, id]) => id))
    expect([...links].filter((id) => !ids.includes(id))).toEqual([])
    expect(ids).toHaveLength(new Set(ids).size)
  })

  test('has no script, nothing inline and nothing of other hosts, and a policy that says so', async () => {
    const { text, headers } = await ask('GET', '/docs')
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=|(?:src|href)="(?:https?:)?\/\//)
    const policy = headers.get('Content-Security-Policy')
    expect(policy).toContain("default-src 'none'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|script-src|\*/)
    expect((await ask('GET', '/docs/style.css')).text).not.toMatch(/url\(|@import/)
  })

  test('what a document says stays text', async () => {
    expect(await page()).toContain('Bearer &lt;token&gt;')
  })
})

describe('kept', () => {
  test.each(KEPT)(
    '[CO7] %s says its type, how long it keeps, and what it is',
    async (path, type) => {
      const { status, headers, type: given } = await ask('GET', path)
      expect([status, given]).toEqual([200, type])
      expect(headers.get('Cache-Control')).toBe('public, max-age=300')
      expect(headers.get('ETag')).toMatch(/^W\/"[0-9a-f]{32}"$/)
      expect(headers.get('Vary')).toBe('Origin')
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    },
  )

  test.each(KEPT)(
    '%s is answered 304 to who has it, and whole to who has another',
    async (path) => {
      const etag = (await ask('GET', path)).headers.get('ETag') ?? ''
      const known = await ask('GET', path, { headers: { 'If-None-Match': `"other", ${etag}` } })
      expect([known.status, known.text, known.headers.get('ETag')]).toEqual([304, '', etag])
      const other = await ask('GET', path, { headers: { 'If-None-Match': '"other"' } })
      expect(other.status).toBe(200)
    },
  )

  test('[AU6] a page on the allow-list may read the documents', async () => {
    const headers = { Origin: 'http://localhost:8787' }
    const answer = await ask('GET', '/api/v1/openapi.json', { headers })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:8787')
  })

  test('what is not of a document is not kept', async () => {
    const { headers } = await ask('GET', '/.well-known/jwks.json')
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
  })
})
