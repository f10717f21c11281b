import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assertPortFree } from './port.ts'

let other: Server
let port: number

beforeEach(async () => {
  other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  port = (other.address() as AddressInfo).port
})
afterEach(() => {
  other.close()
})

test('a taken port is refused in one sentence', async () => {
  await expect(assertPortFree(port)).rejects.toThrow(
    `Port ${port} is taken by another program; stop it or choose one with PORT, like PORT=${port + 1}.`,
  )
})

test('a free port is fine, and still free afterwards', async () => {
  other.close()
  await expect(assertPortFree(port)).resolves.toBeUndefined()
  await expect(assertPortFree(port)).resolves.toBeUndefined()
})

test('with patience, a port that is being let go is waited for', async () => {
  const free = assertPortFree(port, 5_000)
  other.close()
  await expect(free).resolves.toBeUndefined()
})
