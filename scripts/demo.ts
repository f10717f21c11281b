// npm run demo: plays a booking calendar as an outside booking system would. The rules are in demo/.

import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Api, Stop, type ShopFacts } from '../demo/api.ts'
import { createSender } from '../client/server/index.ts'
import { readCalendar } from '../demo/calendar.ts'
import { withDay } from '../demo/day.ts'
import { HELP, parseOptions, type Options } from '../demo/options.ts'
import { plan, type Booking, type Planned } from '../demo/plan.ts'
import { play } from '../demo/play.ts'
import { lineOf, missingOf, summaryOf } from '../demo/report.ts'
import { shiftToStartOn } from '../demo/shift.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { inRoot } from './lib/paths.ts'

/** The demo's own two weeks, and whose they are. */
const OWN_FILES = [
  { path: inRoot('demo', 'calendars', 'downtown.ics'), location: 'downtown' },
  { path: inRoot('demo', 'calendars', 'harbour.ics'), location: 'harbour' },
]

/** A development server is away for some seconds after each change, and may count what it is sent. */
const PATIENCE = { maxAttempts: 8, maxTotalMs: 60_000 }

/** npm runs scripts in the project's directory; paths are meant from where it was called. */
const CALLED_IN = process.env['INIT_CWD'] ?? process.cwd()

interface Source {
  name: string
  text: string
  location: string
}

await runMain(async () => {
  const parsed = parseOptions(process.argv.slice(2))
  if (parsed.kind === 'help') return console.log(HELP)
  if (parsed.kind === 'wrong') throw new PlainFailure(parsed.sentence)
  try {
    await main(parsed.options)
  } catch (error) {
    throw error instanceof Stop ? new PlainFailure(error.message) : error
  }
})

async function main(options: Options) {
  const sources = readSources(options)
  const { url, clientId, clientSecret } = options
  const api = new Api(url)
  await api.ready()
  const shops = await shopsOf(sources, api, options)
  const planned = planOf(sources, shops, options)
  if (planned.length === 0) throw new PlainFailure('There is nothing to play.')

  let isStopped = false
  onInterrupt(() => {
    isStopped = true
  })
  const zoneOf = (one: Planned) => shops.get(one.location)?.zone ?? 'UTC'
  const names = sources.map(({ name }) => name)
  if (options.day) names.push(`a day with the seed ${options.day.seed}`)
  console.log(`Playing ${planned.length} of ${names.join(', ')} …`)
  const outcomes = await play(planned, {
    api,
    sender: createSender({ url, clientId, clientSecret, retry: PATIENCE }),
    people: new Map([...shops].map(([location, { people }]) => [location, people])),
    listen: options.listen,
    speed: options.speed,
    waitMs: options.waitMs,
    tell: (outcome) => console.log(lineOf(outcome, zoneOf(outcome.planned))),
    isStopped: () => isStopped,
  })
  console.log(`\n${summaryOf(outcomes, options.listen).join('\n')}`)
  if (missingOf(outcomes).length > 0 || outcomes.some((outcome) => outcome.failure !== null))
    process.exitCode = 1
}

/** A file that cannot be read is said and left out, the others are played. */
function readSources({ files, location }: Options): Source[] {
  const chosen = files.length === 0 ? OWN_FILES : files.map((path) => ({ path, location }))
  return chosen.flatMap(({ path, location: of }) => {
    try {
      return [
        {
          name: basename(path),
          text: readFileSync(resolve(CALLED_IN, path), 'utf8'),
          location: of,
        },
      ]
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      console.error(`${path}: cannot be read (${code})`)
      process.exitCode = 1
      return []
    }
  })
}

async function shopsOf(sources: Source[], api: Api, options: Options) {
  const shops = new Map<string, ShopFacts>()
  for (const { location } of sources) {
    if (!shops.has(location)) shops.set(location, await shopOf(location, api, options))
  }
  return shops
}

async function shopOf(location: string, api: Api, { as, listen }: Options): Promise<ShopFacts> {
  try {
    return await api.shop(location, as)
  } catch (error) {
    // Who only sends needs no directory, as a booking system has none.
    if (listen || !(error instanceof Stop)) throw error
    console.error(`${error.message} Everything goes to the whole shop.`)
    return { zone: 'UTC', people: [] }
  }
}

/** The first interrupt ends the play with its summary. The launcher passes on what a terminal sends to all. */
function onInterrupt(stop: () => void) {
  let first = Infinity
  process.on('SIGINT', () => {
    first = Math.min(first, Date.now())
    if (Date.now() - first > 1_000) process.exit(130)
    stop()
  })
}

function planOf(sources: Source[], shops: Map<string, ShopFacts>, options: Options): Planned[] {
  // Swedish writes a date as ISO 8601 does.
  const today = new Intl.DateTimeFormat('sv-SE').format(new Date())
  const horizon = { from: options.shift ? -Infinity : Date.parse(today), days: options.days }
  const read = ({ text, location }: Source, shiftDays: number) => {
    const zone = options.zone ?? shops.get(location)?.zone ?? 'UTC'
    return readCalendar(text, { zone, horizon, shiftDays })
  }
  const asWritten = sources.map((source) => read(source, 0))
  for (const [index, { problems }] of asWritten.entries()) {
    for (const { line, message } of problems) {
      console.error(`${sources[index]?.name}:${line}: ${message}`)
    }
  }
  const shiftDays = options.shift ? shiftToStartOn(today, asWritten) : 0
  const edition = options.shift ? today : ''
  const keySuffix = options.again ? `@${Date.now()}` : ''
  const bookings = [...shops].flatMap(([location, { people }]): Booking[] => {
    // Several files of one shop are one story.
    const versions = sources
      .filter((source) => source.location === location)
      .flatMap((source) => read(source, shiftDays).versions)
      .toSorted((a, b) => a.modified - b.modified)
    return plan(versions, { location, people }, { edition, keySuffix })
  })
  const inOrder = bookings.toSorted((a, b) => a.at - b.at)
  const days = [...shops].map(([location, facts]) => ({ location, ...facts }))
  const planned = options.day
    ? withDay(inOrder, days, { seed: options.day.seed, keySuffix })
    : inOrder
  return planned.slice(0, options.limit)
}
