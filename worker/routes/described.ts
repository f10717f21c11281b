// [CO7] What this API says about itself: both documents, and a page made from them. They are made when somebody first asks,
// from modules that are not even evaluated before, so that no cold start pays for them; then each isolate keeps the text.
import type { Handler } from '../context.ts'
import { toHex } from '../hex.ts'

interface Kept {
  text: string
  etag: string
}

/** Changes with a deployment only; whoever has it asks again after a while, and is told 304. */
const CACHE_CONTROL = 'public, max-age=300'

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** GET /openapi.json */
export const readOpenApi = kept('application/json', async () => {
  const { buildOpenApi } = await import('../openapi/document.ts')
  return JSON.stringify(buildOpenApi())
})

/** GET /asyncapi.json */
export const readAsyncApi = kept('application/json', async () => {
  const { buildAsyncApi } = await import('../asyncapi/document.ts')
  return JSON.stringify(buildAsyncApi())
})

/** GET /docs */
export const readDocs = kept('text/html; charset=utf-8', async () => {
  const { renderDocs } = await import('../docs-page/page.ts')
  return renderDocs()
})

/** GET /docs/style.css */
export const readDocsStyle = kept('text/css; charset=utf-8', async () => {
  const { STYLE } = await import('../docs-page/style.ts')
  return STYLE
})

function kept(type: string, make: () => Promise<string>): Handler {
  let made: Promise<Kept> | undefined
  return async (c) => {
    const { text, etag } = await (made ??= make().then(withEtag))
    const headers = {
      'Cache-Control': CACHE_CONTROL,
      'Content-Security-Policy': PAGE_POLICY,
      ETag: etag,
      // Pages that may ask are told so by name, so one page's answer is not another's.
      Vary: 'Origin',
    }
    if (isKnown(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers)
    return c.body(text, 200, { ...headers, 'Content-Type': type })
  }
}

async function withEtag(text: string): Promise<Kept> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  // Weak: a proxy may compress the text and the tag must survive it.
  return { text, etag: `W/"${toHex(digest).slice(0, 32)}"` }
}

const isKnown = (ifNoneMatch: string | undefined, etag: string) =>
  ifNoneMatch?.split(',').some((one) => [etag, etag.slice(2), '*'].includes(one.trim())) ?? false
