// Every example of docs/API.md, run in the order of the page against the demo shop, and held against the document.
import { env, exports } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import page from '../../docs/API.md?raw'
import type { OpenApi } from '../../worker/openapi/types.ts'
import { seedDemoShop } from '../../worker/seed.ts'
import { listen } from './helpers/api-listen.ts'
// oxlint-disable-next-line import/default -- the text of the module, not the module
import listenText from './helpers/api-listen.ts?raw'
import { ORIGIN } from './helpers/api.ts'
import { ask, faultsOf, operationsOf, readOpenApi } from './helpers/documents.ts'
import { commandsOf, pickFrom, requestOf } from './helpers/shell.ts'
import { memberToken } from './helpers/tokens.ts'

interface Block {
  language: string
  text: string
}

const BLOCKS: Block[] = Array.from(
  page.matchAll(/^```(\w+)\n(.*?)^```$/gms),
  ([, language = '', text = '']) => ({ language, text }),
)

let document: OpenApi

beforeAll(async () => {
  await seedDemoShop(env)
  document = await readOpenApi()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('docs/API.md', () => {
  const variables: Record<string, string> = {}
  const shells = BLOCKS.flatMap(({ language, text }, index) =>
    language === 'sh' ? [[text.trim().split('\n')[0] ?? '', text, BLOCKS[index + 1]] as const] : [],
  )

  test('has the examples that are run here, and no other', () => {
    expect(shells.length).toBeGreaterThan(5)
    expect(new Set(BLOCKS.map(({ language }) => language))).toEqual(new Set(['sh', 'ts', 'json']))
  })

  test.each(shells)('%s', async (_first, text, next) => {
    for (const { name, curl, pick } of commandsOf(text)) {
      const answer = await run(curl)
      if (pick !== undefined) variables[name ?? ''] = pickFrom(answer.text, pick)
      // An answer that the page shows is the answer.
      if (next?.language === 'json') expect(fixed(answer.text)).toEqual(fixed(next.text))
      else expect([answer.status < 300, answer.text]).toEqual([true, answer.text])
    }
  })

  async function run(curl: string) {
    const { method, url, headers, body } = requestOf(curl, variables)
    expect(url.startsWith(ORIGIN)).toBe(true)
    const path = url.slice(ORIGIN.length)
    const answer = await ask(method, path, { headers, body })
    const operation = operationsOf(document).find((one) => matches(one, method, path))?.operation
    if (operation === undefined) throw new Error(`${method} ${path} is not described`)
    expect(faultsOf(document, operation, answer)).toEqual([])
    return answer
  }

  /** Paths without a name in them come first in the document, and first here. */
  const matches = (one: { method: string; path: string }, method: string, path: string) =>
    one.method === method &&
    new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`).test(path)

  const fixed = (text: string) => ({
    ...(JSON.parse(text) as object),
    request_id: 'of the request',
  })

  test('the example of listening is the file that is run, and hears a welcome', async () => {
    const [shown] = BLOCKS.filter(({ language }) => language === 'ts')
    expect(listenText.slice(listenText.indexOf('export'))).toBe(shown?.text)
    vi.stubGlobal('WebSocket', LocalSocket)
    const token = await memberToken('ben', { downtown: 'staff' })
    const frame = await new Promise<{ type: string }>((resolve) => {
      const socket = listen(token, (said) => {
        resolve(said)
        socket.close()
      })
    })
    expect(frame.type).toBe('welcome')
  })
})

/** The WebSocket of a page, opened at the worker under test. */
class LocalSocket extends EventTarget {
  #socket: WebSocket | null = null

  constructor(url: string, protocols: string[]) {
    super()
    void this.#open(url.replace('ws:', 'http:'), protocols)
  }

  async #open(url: string, protocols: string[]) {
    const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': protocols.join(', ') }
    const { webSocket } = await exports.default.fetch(url, { headers })
    if (webSocket === null) return void this.dispatchEvent(new Event('error'))
    this.#socket = webSocket
    webSocket.addEventListener('message', ({ data }) =>
      this.dispatchEvent(new MessageEvent('message', { data })),
    )
    webSocket.accept()
  }

  close() {
    this.#socket?.close()
    this.dispatchEvent(new CloseEvent('close'))
  }
}
