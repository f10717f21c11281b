import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockState } from './state-lock.ts'

let dir: string
const lockFile = () => join(dir, 'shopbell.lock')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shopbell-lock-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

test('a free directory is taken, and free again after its release', () => {
  const lock = lockState(dir)
  expect(lock.tookOver).toBe(false)
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
  expect(lockState(dir).tookOver).toBe(false)
})

test('a directory in use is refused with the name of its owner', () => {
  lockState(dir)
  expect(() => lockState(dir)).toThrow(
    `${dir} is in use by another Shopbell (process ${process.pid}); stop it or set STATE_DIR.`,
  )
})

test.runIf(process.platform === 'linux')(
  'an owner that was killed is replaced, also while nobody has collected it',
  async () => {
    // The shell never waits for its child, so the child stays a zombie until the shell ends.
    const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; read -r _'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(chunk.toString())
    writeFileSync(lockFile(), JSON.stringify({ pid, started: startOf(pid) }))
    expect(() => lockState(dir)).toThrow('in use')

    process.kill(pid, 'SIGKILL')
    await expect.poll(() => lockState(dir).tookOver).toBe(true)
    parent.stdin.end()
    await once(parent, 'close')
  },
)

test('another process that got the same id later is no owner', () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: process.ppid, started: 'long ago' }))
  expect(lockState(dir).tookOver).toBe(true)
})

test.each(['', '{"pid":', '[]', '{"pid":"1"}'])('a broken lock (%j) holds nobody off', (text) => {
  writeFileSync(lockFile(), text)
  expect(lockState(dir).tookOver).toBe(true)
})

const startOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
