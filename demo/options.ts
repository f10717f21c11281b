// The command line of the demo player.
import { parseArgs } from 'node:util'
import { reasonOf } from './watchdog.ts'
import { ianaZone } from './zones.ts'

export interface Options {
  url: string
  files: string[]
  location: string
  /** Times faster than the calendar was written; null: all within about a minute. */
  speed: number | null
  limit: number
  shift: boolean
  again: boolean
  /** What a day brings besides bookings, or null: bookings only. */
  day: { seed: number } | null
  listen: boolean
  zone: string | null
  days: number
  waitMs: number
  clientId: string
  clientSecret: string
  /** Whose development token looks up the shop's people. */
  as: string
}

export const HELP = `Plays a shop's booking calendar: sends what an outside booking system would send,
and shows how long each took to be accepted and to appear on a socket.

  npm run demo                               two weeks of both demo shops, from today
  npm run demo -- my.ics --location harbour  any iCalendar files, as they are

  --url <url>          where Shopbell runs (http://localhost:8787)
  --location <id>      the shop that the given files are of (downtown)
  --speed <n>          n times faster than the calendar was written, judged by LAST-MODIFIED;
                       3600 is an hour per second, "max" is without waiting
                       (default: as fast as it takes to play all in about a minute)
  --limit <n>          only the first n
  --shift              move given files by whole days, so that their first day is today
  --again              play as news what was already sent; else it is known and rings nobody
  --day                also what the first day brings besides bookings: reminders, no-shows, goals,
                       figures, words of the team, training; its hours are spread over the play
  --seed <n>           which day it is: the same number, the same day (172)
  --days <n>           how far recurrences without an end are played (14)
  --zone <zone>        IANA zone of times without one, if the file names none (the shop's)
  --no-listen          send only; do not wait on sockets
  --wait <s>           how long the last ones may take to appear (10)
  --client-id <id>     the service key (demo-booking)
  --client-secret <s>  its secret (demo-booking-secret)
  --as <user>          whose development token looks up the shop's people (olivia)
  --help`

export type Parsed =
  | { kind: 'play'; options: Options }
  | { kind: 'help' }
  | { kind: 'wrong'; sentence: string }

/** Reads the arguments behind `npm run demo --`. */
export function parseOptions(args: string[]): Parsed {
  const read = readArgs(args)
  if (typeof read === 'string') return { kind: 'wrong', sentence: read }
  const { values, positionals } = read
  if (values.help) return { kind: 'help' }
  const speed = values.speed === 'max' ? Infinity : positive(values.speed)
  const limit = positive(values.limit)
  const days = positive(values.days)
  const wait = positive(values.wait)
  if (speed === 'wrong') return wrong('--speed takes a number above 0, or "max"')
  if (limit === 'wrong') return wrong('--limit takes a number above 0')
  if (days === 'wrong') return wrong('--days takes a number above 0')
  const seed = Number(values.seed)
  if (!/^\d{1,9}$/.test(values.seed)) return wrong('--seed takes a whole number')
  if (wait === 'wrong') return wrong('--wait takes a number of seconds above 0')
  const url = values.url.replace(/\/+$/, '')
  if (!/^https?:\/\/[^/]+/.test(url))
    return wrong('--url takes an address like http://localhost:8787')
  if (values.zone !== undefined && !ianaZone(values.zone)) {
    return wrong('--zone takes an IANA zone like Europe/Lisbon')
  }
  return {
    kind: 'play',
    options: {
      url,
      files: positionals,
      location: values.location,
      speed,
      limit: limit ?? Infinity,
      shift: values.shift || positionals.length === 0,
      again: values.again,
      listen: !values['no-listen'],
      zone: values.zone ?? null,
      day: values.day ? { seed } : null,
      days: days ?? 14,
      waitMs: (wait ?? 10) * 1_000,
      clientId: values['client-id'],
      clientSecret: values['client-secret'],
      as: values.as,
    },
  }
}

function readArgs(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://localhost:8787' },
        location: { type: 'string', default: 'downtown' },
        speed: { type: 'string' },
        limit: { type: 'string' },
        shift: { type: 'boolean', default: false },
        again: { type: 'boolean', default: false },
        'no-listen': { type: 'boolean', default: false },
        zone: { type: 'string' },
        day: { type: 'boolean', default: false },
        seed: { type: 'string', default: '172' },
        days: { type: 'string' },
        wait: { type: 'string' },
        'client-id': { type: 'string', default: 'demo-booking' },
        'client-secret': { type: 'string', default: 'demo-booking-secret' },
        as: { type: 'string', default: 'olivia' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    // Node explains on further lines what else could have been meant.
    return reasonOf(error).split('\n', 1)[0] ?? ''
  }
}

const wrong = (what: string): Parsed => ({
  kind: 'wrong',
  sentence: `${what}; see npm run demo -- --help.`,
})

function positive(text: string | undefined): number | null | 'wrong' {
  if (text === undefined) return null
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? value : 'wrong'
}
