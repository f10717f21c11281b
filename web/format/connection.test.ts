import { expect, test } from 'vitest'
import type { ConnectionState } from '../../client/types.ts'
import { connectionLook, type ConnectionLook } from './connection.ts'

test.each<[string, ConnectionState, ConnectionLook]>([
  ['live', { name: 'live', connectionId: 'c', stream: 's', since: 0 }, 'connected'],
  ['the first try', { name: 'connecting', attempt: 0 }, 'connecting'],
  ['open, but not yet welcomed', { name: 'resuming', attempt: 0 }, 'connecting'],
  ['a later try', { name: 'connecting', attempt: 2 }, 'reconnecting'],
  ['between two tries', { name: 'waiting', attempt: 2, retryAt: 0 }, 'reconnecting'],
  ['lost while nobody looked', { name: 'paused' }, 'reconnecting'],
  ['sockets are blocked', { name: 'degraded', retryAt: 0 }, 'degraded'],
  ['no network', { name: 'offline' }, 'offline'],
  ['not coming back by itself', { name: 'stopped', reason: 'replaced', code: 4509 }, 'stopped'],
])('%s', (_rule, state, look) => {
  expect(connectionLook(state)).toBe(look)
})
