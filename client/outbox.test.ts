import { describe, expect, test } from 'vitest'
import { SharedDisk } from '../tests/client/shared-disk.ts'
import { createFakeClock, flush } from '../tests/fakes/fake-clock.ts'
import { MAX_AGE_MS } from './core/outbox.ts'
import { ShopbellError } from './errors.ts'
import { ofOnePerson } from './one-person.ts'
import { createOutbox } from './outbox.ts'
import type { Api, Mark, OutboxStore, Wish } from './types.ts'

const LOST = new ShopbellError('network')
const read = (id: string): Wish => ({ verb: 'mark', id, mark: 'read' })

interface Call {
  what: string
  answer(): Promise<void>
  fail(error: unknown): Promise<void>
}

/** Tabs of one browser, each with an outbox and a network whose every request waits for the test. */
function browser() {
  const disk = new SharedDisk()
  const clock = createFakeClock()
  const calls: Call[] = []
  const ask = (what: string) =>
    new Promise((resolve, reject) => {
      calls.push({
        what,
        answer: () => (resolve({ archived: false }), flush()),
        fail: (error) => (reject(error), flush()),
      })
    })
  const api = {
    mark: (id: string, mark: Mark) => ask(`${mark} ${id}`),
    unmark: (id: string, mark: Mark) => ask(`un${mark} ${id}`),
    remove: (id: string) => ask(`remove ${id}`),
    readAll: (body: unknown) => ask(`read all ${JSON.stringify(body)}`),
    clear: (body: unknown) => ask(`clear ${JSON.stringify(body)}`),
  } as unknown as Api
  const open = (userId = 'ben', store: () => Promise<OutboxStore> = async () => disk.tab()) => {
    const outbox = createOutbox({ api, clock, random: () => 0 })
    outbox.begin(userId, store)
    outbox.start()
    return outbox
  }
  const last = () => calls.at(-1) as Call
  return { disk, clock, calls, open, last, asked: () => calls.map(({ what }) => what) }
}

/** What the promise says so far. */
async function so(promise: Promise<boolean>): Promise<boolean | 'nothing'> {
  await flush()
  return Promise.race([promise, Promise.resolve('nothing' as const)])
}

describe('[TR6] what a verb answers', () => {
  test('true once the server has done it, and not before', async () => {
    const { open, clock, last } = browser()
    const held = open().do(read('n1'), clock.now())
    expect(await so(held)).toBe('nothing')
    await last().answer()
    expect(await so(held)).toBe(true)
  })

  test('true when it cannot be asked for now and is on the disk', async () => {
    const { open, clock, last, disk } = browser()
    const outbox = open()
    const held = [outbox.do(read('n1'), clock.now()), outbox.do(read('n2'), clock.now())]
    await flush()
    await last().fail(LOST)
    expect(await Promise.all(held)).toEqual([true, true])
    expect(await disk.rows.all('ben')).toHaveLength(2)
    expect(outbox.getState().waiting).toHaveLength(2)
    expect(await so(outbox.do(read('n3'), clock.now()))).toBe(true)
  })

  test('false when the server refuses it, also after it was kept', async () => {
    const { open, clock, last } = browser()
    const outbox = open()
    const settled: unknown[] = []
    outbox.subscribe((all) => settled.push(...all))
    const held = outbox.do(read('n1'), clock.now())
    await flush()
    await last().fail(new ShopbellError('forbidden', { status: 403, requestId: 'r1' }))
    expect(await held).toBe(false)
    expect(settled).toMatchObject([{ outcome: { kind: 'refused', code: 'forbidden' } }])
    expect(outbox.getState().waiting).toEqual([])
  })
})

describe('[TR6] in order, once', () => {
  test('one at a time', async () => {
    const { open, clock, last, asked } = browser()
    const outbox = open()
    for (const id of ['n1', 'n2', 'n3']) void outbox.do(read(id), clock.now())
    await flush()
    expect(asked()).toEqual(['read n1'])
    await last().answer()
    expect(asked()).toEqual(['read n1', 'read n2'])
  })

  test('a tab that comes later sends what another one left, first of all', async () => {
    const { open, clock, last, asked, disk } = browser()
    const first = disk.tab()
    void open('ben', async () => first).do(read('n1'), clock.now())
    await flush()
    first.die()
    const second = open()
    await flush()
    expect(second.getState().waiting).toMatchObject([{ isSent: true }])
    void second.do(read('n2'), clock.now())
    await last().answer()
    expect(asked()).toEqual(['read n1', 'read n1', 'read n2'])
  })

  test('two tabs: one sends, both show it, both know what became of it', async () => {
    const { open, clock, last, asked } = browser()
    const [here, there] = [open(), open()]
    await flush()
    const held = here.do(read('n1'), clock.now())
    await flush()
    expect(there.getState().waiting).toMatchObject([{ isSent: true }])
    await last().answer()
    expect(await held).toBe(true)
    expect([here, there].map((one) => one.getState().waiting)).toEqual([[], []])
    there.wake()
    await flush()
    expect(asked()).toEqual(['read n1'])
  })

  test('stopped it sends nothing; started again it does', async () => {
    const { open, clock, asked } = browser()
    const outbox = open()
    await flush()
    outbox.stop()
    expect(await so(outbox.do(read('n1'), clock.now()))).toBe(true)
    expect(asked()).toEqual([])
    expect(clock.timers()).toEqual([])
    outbox.start()
    await flush()
    expect(asked()).toEqual(['read n1'])
  })

  test('tries again by itself, and at once when woken', async () => {
    const { open, clock, last, asked } = browser()
    const outbox = open()
    void outbox.do(read('n1'), clock.now())
    await flush()
    await last().fail(LOST)
    await clock.advance(499)
    expect(asked()).toHaveLength(1)
    await clock.advance(1)
    expect(asked()).toHaveLength(2)
    await last().fail(LOST)
    outbox.wake()
    await flush()
    expect(asked()).toHaveLength(3)
  })
})

describe('[TR6] whose it is', () => {
  test("another person's tab neither shows nor sends it; their own next one does", async () => {
    const { open, clock, asked, disk } = browser()
    const tab = disk.tab()
    const ben = open('ben', async () => tab)
    await flush()
    ben.stop()
    await ben.do(read('n1'), clock.now())
    const cleo = open('cleo')
    await flush()
    expect(cleo.getState().waiting).toEqual([])
    expect(asked()).toEqual([])
    open('ben')
    await flush()
    expect(asked()).toEqual(['read n1'])
  })

  test('a token of somebody else is refused, so nothing leaves under their name', async () => {
    const tokenOf = (sub: string) => `h.${btoa(JSON.stringify({ sub })).replaceAll('=', '')}.s`
    let who = 'ben'
    const begun: (string | null)[] = []
    const getToken = ofOnePerson(
      async () => ({ token: tokenOf(who), expiresAt: 0 }),
      (userId) => begun.push(userId),
    )
    await getToken()
    who = 'cleo'
    await expect(getToken()).rejects.toMatchObject({ code: 'unauthorized' })
    who = 'ben'
    await getToken()
    expect(begun).toEqual(['ben', 'ben'])
  })

  test('given up, nothing of it stays on the disk', async () => {
    const { open, clock, disk } = browser()
    const outbox = open()
    await flush()
    outbox.stop()
    await outbox.do(read('n1'), clock.now())
    await outbox.forget()
    expect(await disk.rows.all('ben')).toEqual([])
    expect(outbox.getState().waiting).toEqual([])
  })

  test('what is a month old is dropped, and never shown', async () => {
    const { open, clock, asked, disk } = browser()
    await disk.rows.add({
      key: 'k',
      userId: 'ben',
      at: clock.now() - MAX_AGE_MS - 1,
      wish: read('n1'),
    })
    const outbox = open()
    await flush()
    expect(outbox.getState().waiting).toEqual([])
    expect(asked()).toEqual([])
    expect(await disk.rows.all('ben')).toEqual([])
  })
})

describe('[TR6] a disk that fails', () => {
  test('what is done goes on in memory, and the state says so', async () => {
    const { open, clock, last, asked, disk } = browser()
    const tab = disk.tab()
    const outbox = open('ben', async () => tab)
    void outbox.do(read('n1'), clock.now())
    await flush()
    expect(outbox.getState().isLasting).toBe(true)
    tab.breakDown()
    void outbox.do(read('n2'), clock.now())
    await flush()
    expect(outbox.getState()).toMatchObject({ isLasting: false })
    expect(outbox.getState().waiting).toHaveLength(2)
    await last().answer()
    await last().answer()
    expect(asked()).toEqual(['read n1', 'read n2'])
    expect(outbox.getState().waiting).toEqual([])
  })

  test('one that cannot be opened, or never answers, keeps nothing from leaving', async () => {
    const { open, clock, asked } = browser()
    const broken = open('ben', async () => {
      throw new Error('SecurityError')
    })
    const asleep = open('ben', () => new Promise(() => {}))
    void broken.do(read('n1'), clock.now())
    void asleep.do(read('n2'), clock.now())
    await clock.advance(5_000)
    expect(asked()).toEqual(['read n1', 'read n2'])
    expect([broken, asleep].map((one) => one.getState().isLasting)).toEqual([false, false])
  })
})

test('nobody is told of what nobody sees', async () => {
  const { open, clock, last } = browser()
  const outbox = open()
  await flush()
  let told = 0
  outbox.subscribe(() => (told += 1))
  void outbox.do(read('n1'), clock.now())
  await flush()
  await last().answer()
  // It waits, it is on its way, it is done; that it was written and removed changes nothing.
  expect(told).toBe(3)
})
