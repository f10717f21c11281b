// Section 1: lists, and how far one may go.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import { asObject, type Entry, type Inbox } from '../wire.ts'
import type { Person } from '../world.ts'

const ENTRIES = 25
const SEND = '/api/v1/notifications'

/** Somebody whose inbox holds this many, in the order in which they were sent. */
async function readerOf(t: Tester, count: number): Promise<{ reader: Person; ids: string[] }> {
  const reader = await t.person()
  const items = Array.from({ length: count }, (_, at) => ({
    to: { user_id: reader.id },
    type: 'custom',
    title: `Entry ${at}`,
  }))
  const results = await t.batch(items)
  const ids = results.map(({ id }) => String(id))
  await t.archived(reader, ids.at(-1) ?? '')
  return { reader, ids }
}

/** From the newest to the oldest, a page at a time. */
async function walk(t: Tester, reader: Person, limit: number): Promise<Inbox[]> {
  const pages: Inbox[] = []
  let after: string | null = null
  do {
    const from: string = after === null ? '' : `&after=${encodeURIComponent(after)}`
    const page: Inbox = await t.inbox(reader, `?limit=${limit}${from}`)
    pages.push(page)
    after = page.page.after
    must(pages.length <= 30, 'an end of the list', `${pages.length} pages`)
  } while (after !== null)
  return pages
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id)

export const LISTS: Chapter = {
  name: 'lists',
  checks: [
    check('CO4', 'without a limit a page has 20, newest first by (sent_at, id)', async (t) => {
      const { reader, ids } = await readerOf(t, ENTRIES)
      const { data } = await t.inbox(reader)
      mustEqual(idsOf(data), ids.toReversed().slice(0, 20), 'the newest 20')
      const keys = data.map((one) => `${one.sent_at} ${one.id}`)
      mustEqual(keys, keys.toSorted().toReversed(), 'newest first')
    }),
    check('CO4', 'after goes on until null, with everything once', async (t) => {
      const { reader, ids } = await readerOf(t, ENTRIES)
      const pages = await walk(t, reader, 7)
      mustEqual(
        pages.flatMap(({ data }) => idsOf(data)),
        ids.toReversed(),
        'everything once',
      )
      const more = pages.map(({ page }) => page.has_more)
      mustEqual(more, [true, true, true, false], 'has_more on all but the last page')
    }),
    check('CO4', 'before goes back to where one came from', async (t) => {
      const { reader } = await readerOf(t, 9)
      const [first, second] = await walk(t, reader, 4)
      const before = second?.page.before ?? ''
      must(before !== '', 'a cursor that goes back', second?.page)
      const back = await t.inbox(reader, `?limit=4&before=${encodeURIComponent(before)}`)
      mustEqual(idsOf(back.data), idsOf(first?.data ?? []), 'the page before')
    }),
    check('CO4', 'what arrives while one turns pages moves nothing', async (t) => {
      const { reader, ids } = await readerOf(t, 6)
      const first = await t.inbox(reader, '?limit=3')
      const { id } = await t.send({ user_id: reader.id })
      await t.archived(reader, id)
      const after = encodeURIComponent(first.page.after ?? '')
      const second = await t.inbox(reader, `?limit=3&after=${after}`)
      mustEqual(idsOf([...first.data, ...second.data]), ids.toReversed(), 'the six of before')
    }),
    check('CO4', 'a limit is 1 to 100; anything else is 422', async (t) => {
      const { staff } = await t.shop()
      for (const limit of ['1', '100']) await t.inbox(staff, `?limit=${limit}`)
      for (const limit of ['0', '101', '-1', 'ten', '1.5']) {
        const path = `/api/v1/notifications?limit=${limit}`
        await t.invalid('GET', path, { token: staff.token }, '/limit')
      }
    }),
    check('CO4', "a cursor that is none is the caller's mistake", async (t) => {
      const { token } = (await t.shop()).staff
      const { status } = await t.get('/api/v1/notifications?after=%00nonsense', token)
      must(status === 422 || status === 400, '422', status)
    }),
    check('CO4', 'an inbox list has counts, as_of and epochs', async (t) => {
      const { staff } = await t.shop()
      const inbox = await t.inbox(staff)
      for (const field of ['unread', 'unseen', 'action_required'] as const) {
        must(Number.isInteger(inbox.counts?.[field]), `counts.${field}`, inbox.counts)
      }
      const streams = Object.keys(inbox.as_of).toSorted()
      mustEqual(Object.keys(inbox.epochs).toSorted(), streams, 'the same streams in both')
    }),
    check('CO4', 'an empty list is whole, and has no cursor', async (t) => {
      const { data, page, counts } = await t.inbox(await t.person())
      mustEqual([data, page.after, page.has_more], [[], null, false], 'nothing, and no more')
      mustEqual(counts, { unread: 0, unseen: 0, action_required: 0, until: null }, 'counts')
    }),
    check('CO4', 'members come a page at a time, too', async (t) => {
      const { id, manager, staff } = await t.newShop()
      const path = `/api/v1/locations/${id}/members`
      const seen: string[] = []
      let after: unknown = null
      do {
        const from = after === null ? '' : `&after=${encodeURIComponent(String(after))}`
        const { token } = manager
        const body = await t.well<Inbox>('GET', `${path}?limit=1${from}`, { token }, 200)
        seen.push(...body.data.map((one) => String(asObject(one)['user_id'])))
        after = body.page.after
      } while (after !== null && seen.length < 5)
      mustEqual(seen.toSorted(), [manager.id, staff.id].toSorted(), 'each member once')
    }),
    check('CO6', 'a body over 64 KiB is 413 too_large', async (t) => {
      const { staff } = await t.shop()
      const data = { text: 'x'.repeat(66_000) }
      const body = { to: { user_id: staff.id }, type: 'custom', title: 'Big', data }
      const asked = { token: await t.service(), body }
      await t.refused('POST', '/api/v1/notifications', asked, 413, 'too_large')
    }),
    check('CO6', 'a batch may be larger than 64 KiB, but not than 1 MiB', async (t) => {
      const { staff } = await t.shop()
      const big = {
        to: { user_id: staff.id },
        type: 'custom',
        title: 'x',
        data: { a: 'x'.repeat(30_000) },
      }
      const [first] = await t.batch([big, big, big])
      mustEqual(Number(first?.['status']) < 300, true, 'an item that is taken')
      const body = { notifications: Array.from({ length: 40 }, () => big) }
      const asked = { token: await t.service(), body }
      await t.refused('POST', '/api/v1/notifications/batch', asked, 413, 'too_large')
    }),
    check(
      'CO6',
      'answers say how much is left: a person has 500 reads and 200 sends',
      async (t) => {
        const { id, manager } = await t.shop()
        const read = await t.get('/api/v1/me', manager.token)
        demandLimits(t, read.headers)
        mustEqual(read.headers.get('ratelimit-limit'), '500', 'RateLimit-Limit of reads')
        const asked = {
          token: manager.token,
          body: { to: { location_id: id }, type: 'custom', title: 'x' },
        }
        const send = await t.ask('POST', '/api/v1/notifications', asked)
        mustEqual(send.headers.get('ratelimit-limit'), '200', 'RateLimit-Limit of sends')
      },
    ),
    check('CO6', 'a service has 20,000 sends, and each item of a batch is one', async (t) => {
      const { staff } = await t.shop()
      const token = await t.service()
      const item = { to: { user_id: staff.id }, type: 'custom', title: 'x' }
      const body = { notifications: Array.from({ length: 300 }, () => item) }
      const answer = await t.ask('POST', '/api/v1/notifications/batch', { token, body })
      demandLimits(t, answer.headers)
      mustEqual(answer.headers.get('ratelimit-limit'), '20000', 'RateLimit-Limit')
      const left = Number(answer.headers.get('ratelimit-remaining'))
      // Other chapters send, too, and what is used comes back at 2,000 a second.
      must(left < 20_000, 'fewer than 20,000 left', left)
    }),
    check(
      'CO6',
      'over the limit: 429 rate_limited with Retry-After, and later it goes on',
      async (t) => {
        const { token } = (await t.newShop()).manager
        demandLimits(t, (await t.get('/api/v1/me', token)).headers)
        // What is not valid counts, too, and reaches nobody.
        const asked = { token, body: {} }
        const startedAt = performance.now()
        for (let round = 0; round < 8; round += 1) {
          const sends = Array.from({ length: 50 }, () => t.askOnce('POST', SEND, asked))
          const refused = (await Promise.all(sends)).find(({ status }) => status === 429)
          if (refused === undefined) continue
          mustEqual(asObject(refused.json)['code'], 'rate_limited', 'the code')
          const seconds = Number(refused.headers.get('retry-after'))
          must(seconds >= 1, 'Retry-After in seconds', refused.headers.get('retry-after'))
          await t.wait(seconds * 1_000)
          const { status } = await t.askOnce('POST', SEND, asked)
          return mustEqual(status, 422, 'an answer after Retry-After')
        }
        // What is used comes back at 20 a second.
        if (performance.now() - startedAt > 9_000) t.skip('the server answered too slowly for that')
        must(false, '429 within 400 sends', 'none')
      },
    ),
    check('CO6', "ten wrong secrets in 15 minutes are a client's last: 429", async (t) => {
      const { staff } = await t.shop()
      demandLimits(t, (await t.get('/api/v1/me', staff.token)).headers)
      const { client_id } = await t.newKey(['status:read'])
      const body = { grant_type: 'client_credentials', client_id, client_secret: 'wrong' }
      for (let at = 0; at < 10; at += 1) {
        await t.refused('POST', '/api/v1/auth/token', { body }, 401, 'unauthorized')
      }
      const answer = await t.askOnce('POST', '/api/v1/auth/token', { body })
      mustEqual(answer.status, 429, 'the eleventh')
    }),
  ],
}

function demandLimits(t: Tester, headers: Headers): void {
  if (headers.has('ratelimit-limit')) return
  must(t.access.isDevelopment, 'RateLimit-Limit: production refuses RATE_LIMITS=off', 'no header')
  t.skip('needs RATE_LIMITS=on at the server')
}
