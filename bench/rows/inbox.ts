// Inboxes of people who were told much, and read it one by one or all at once.
import { mapAtOnce } from '../load/at-once.ts'
import type { Load } from '../load/load.ts'
import { type Aim, assertCount, type Bench, type Figures, type Row } from '../row.ts'
import { Shop } from '../shop.ts'

const IN_A_BATCH = 500
const PAGE = 100
const READS_AT_ONCE = 16
const LIMIT = 2

const ALL_READ = ['one by one', 'read-all'] as const
const LOOKS = ['count', 'first page', 'deep page'] as const

interface Reader {
  size: number
  how: (typeof ALL_READ)[number]
  id: string
  /** Where to look, by what is looked at. */
  paths: Record<(typeof LOOKS)[number], string>
}

const isFlat: Aim = {
  text: `at the most entries at most ${LIMIT} times the time at the fewest, everywhere`,
  holds: (medians) =>
    Object.entries(medians).every(([name, value]) => !name.endsWith('ratio') || value <= LIMIT),
}

export const inbox: Row = {
  id: 'inbox',
  title: 'inbox: count, first page, a deep page at 100, 1,000, 10,000 and 50,000 entries a person',
  against: 'the inbox with 100 entries',
  aims: [isFlat],
  async open(bench) {
    const sizes = bench.pick({
      full: [100, 1_000, 10_000, 50_000],
      quick: [100, 2_000],
      smoke: [30, 120],
    })
    const times = bench.pick({ full: 40, quick: 20, smoke: 2 })
    const shop = new Shop(await bench.server('ours'))
    const load = bench.load()
    const readers: Reader[] = []
    for (const how of ALL_READ) {
      for (const size of sizes) readers.push(await readerOf(bench, shop, how, size))
    }
    return {
      async run() {
        const figures: Figures = {}
        for (const look of LOOKS) {
          for (const reader of readers) {
            const token = await shop.personToken(reader.id)
            figures[nameOf(look, reader)] = await timeOf(
              load,
              shop,
              reader.paths[look],
              token,
              times,
            )
          }
        }
        return { ...figures, ...ratiosOf(figures, readers) }
      },
    }
  },
}

const nameOf = (look: string, { how, size }: Pick<Reader, 'how' | 'size'>) =>
  `${look}, ${how}, ${size}: ms`

function ratiosOf(figures: Figures, readers: readonly Reader[]): Figures {
  const sizes = readers.map(({ size }) => size)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const pairs = LOOKS.flatMap((look) =>
    ALL_READ.map((how) => {
      const at = (size: number) => figures[nameOf(look, { how, size })] ?? NaN
      return [`${look}, ${how} ratio`, at(most) / at(least)] as const
    }),
  )
  return Object.fromEntries(pairs)
}

async function timeOf(load: Load, shop: Shop, path: string, token: string, count: number) {
  const url = `${shop.origin}/api/v1${path}`
  const asks = [{ method: 'GET', url, headers: { Authorization: `Bearer ${token}` } }]
  const { latency, statuses } = await load.do('ask', { asks, count, inFlight: 1 })
  assertCount(`answers from ${path}`, statuses['200'] ?? 0, count)
  return latency.p50
}

async function readerOf(
  bench: Bench,
  shop: Shop,
  how: Reader['how'],
  size: number,
): Promise<Reader> {
  const id = `inbox-${how.replaceAll(' ', '-')}-${size}`
  bench.tell(`inbox: ${size} entries, ${how}`)
  await shop.addPeople([id])
  const ids: string[] = []
  while (ids.length < size) {
    const count = Math.min(IN_A_BATCH, size - ids.length)
    const to = Array.from({ length: count }, () => ({ user_id: id }))
    ids.push(...(await sendBatch(shop, to)))
  }
  await readAll(shop, id, how, ids)
  const whole = { first: `/notifications?limit=20`, deep: await deepPath(shop, id, size) }
  return {
    size,
    how,
    id,
    paths: {
      count: '/notifications/unread/count',
      'first page': whole.first,
      'deep page': whole.deep,
    },
  }
}

async function sendBatch(shop: Shop, to: { user_id: string }[]): Promise<string[]> {
  const { url, headers = {}, body = '' } = await shop.sendBatch(to)
  const json = { ...headers, 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers: json, body })
  const { results } = (await response.json()) as { results: { id?: string }[] }
  const ids = results.flatMap((one) => one.id ?? [])
  assertCount('sends of a batch that were taken', ids.length, to.length)
  return ids
}

async function readAll(
  shop: Shop,
  id: string,
  how: Reader['how'],
  ids: readonly string[],
): Promise<void> {
  let token = await shop.personToken(id)
  if (how === 'read-all') {
    await call(shop, token, 'POST', '/notifications/read-all', {})
    return
  }
  await mapAtOnce(ids, READS_AT_ONCE, async (one, index) => {
    // Fifty thousand take longer than a token lives.
    if (index % 5_000 === 4_999) token = await shop.personToken(id)
    await call(shop, token, 'PUT', `/notifications/${one}/read`)
  })
}

/** The page in the middle, by walking there. */
async function deepPath(shop: Shop, id: string, size: number): Promise<string> {
  const token = await shop.personToken(id)
  let path = `/notifications?limit=20`
  for (let seen = 0; seen < size / 2; seen += PAGE) {
    const from = new URL(path, 'http://local').searchParams.get('after')
    const query = from === null ? '' : `&after=${encodeURIComponent(from)}`
    const page = await call(
      shop,
      token,
      'GET',
      `/notifications?limit=${Math.min(PAGE, Math.ceil(size / 4))}${query}`,
    )
    const { after } = (page as { page: { after: string | null } }).page
    if (after === null) break
    path = `/notifications?limit=20&after=${encodeURIComponent(after)}`
  }
  return path
}

async function call(shop: Shop, token: string, method: string, path: string, body?: object) {
  const response = await fetch(`${shop.origin}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok)
    throw new Error(`${method} ${path} is answered with ${response.status}: ${text}`)
  return text === '' ? null : (JSON.parse(text) as unknown)
}
