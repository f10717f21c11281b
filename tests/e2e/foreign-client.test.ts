// A client that is not ours, in another language and on another WebSocket library, does what docs/API.md says a client does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inRoot } from '../../scripts/lib/paths.ts'
import { findOrInstallPython } from './python.ts'
import { startServer, type Server } from './server.ts'

const python = findOrInstallPython()
const why = 'missing' in python ? python.missing : null
if (why !== null) console.warn(`Skipped, not tested: a client in Python; ${why}.`)

interface Outcome {
  subprotocol: string
  welcome: { type: string; stream: string; memberships: Record<string, string> }
  acked: { type: string }
  read: { type: string }
  renewed: { type: string }
  entry: { state: { is_read: boolean } }
  pongs: number
  recovered: boolean
  expected: string[]
  resumed: string[]
}

let server: Server
let outcome: Outcome

beforeAll(async () => {
  if ('missing' in python) return
  server = await startServer({ WS_HEARTBEAT_INTERVAL: '1' })
  const child = spawn(python.path, [inRoot('tests', 'foreign', 'client.py'), server.origin])
  const said = { out: '', error: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => (said.error += String(chunk)))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the client ended with ${code}:\n${said.error}`)
  outcome = JSON.parse(said.out) as Outcome
})
afterAll(() => server?.stop())

describe.skipIf(why !== null)('a client in Python', () => {
  test('[AU5][WS3] opens the own stream with subprotocols, and is welcomed', () => {
    expect(outcome.subprotocol).toBe('shopbell.v1')
    expect(outcome.welcome).toMatchObject({
      type: 'welcome',
      stream: 'user:cleo',
      memberships: { downtown: 'staff' },
    })
  })

  test('[WS5] is answered pong', () => {
    expect(outcome.pongs).toBeGreaterThanOrEqual(2)
  })

  test('[WS9][WS12][IN2] acknowledges and marks read, and both are taken', () => {
    expect([outcome.acked.type, outcome.read.type]).toEqual(['ok', 'ok'])
    expect(outcome.entry.state.is_read).toBe(true)
  })

  test('[WS11] goes on with a fresh token when the first is past', () => {
    // What came after the first one's end it waited for, or it would have ended with an error.
    expect(outcome.renewed.type).toBe('ok')
  })

  test('[WS4][ST5][ST7] dropped, it resumes and has what it missed, once and in order', () => {
    expect(outcome.recovered).toBe(true)
    expect(outcome.resumed).toEqual(outcome.expected)
  })
})
