import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inRoot } from './paths.ts'

/**
 * A process that started another in a group of its own, tied to it. The other holds the output too,
 * so that its end can be awaited: a killed process keeps its id until somebody collects it.
 */
async function startOwner(target: 'pid' | 'group', last: string) {
  const code = `
    import { spawn } from 'node:child_process'
    import { dieTogether } from '${inRoot('scripts/lib/die-together.ts')}'
    const child = spawn('sleep', ['60'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] })
    child.unref()
    const release = dieTogether(${target === 'group' ? '-child.pid' : 'child.pid'})
    console.log(child.pid)
    ${last}`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(owner.stdout, 'data')) as [Buffer]
  return { owner, pid: Number(chunk.toString()) }
}

test.each(['pid', 'group'] as const)('a killed owner takes its %s along', async (target) => {
  const { owner, pid } = await startOwner(target, 'setInterval(() => {}, 1000)')
  expect(process.kill(pid, 0)).toBe(true)
  owner.kill('SIGKILL')
  await once(owner, 'close')
  expect(owner.signalCode).toBe('SIGKILL')
})

test('after its release the other lives on', async () => {
  const { owner, pid } = await startOwner('pid', 'release()')
  await once(owner, 'exit')
  expect(owner.stdout.closed).toBe(false)
  process.kill(pid)
  await once(owner.stdout, 'close')
})
