// A calendar file as what happened to its appointments: text in, versions in the order in which they
// were written out. It knows iCalendar (RFC 5545); it knows nothing of shops.
import ICAL from 'ical.js'
import type { EventRevision, ZoneOf } from './event.ts'
import { readEvent } from './event.ts'
import type { Block, Problem } from './lines.ts'
import { blocksOf, unfold } from './lines.ts'
import type { ReadOptions, Version } from './versions.ts'
import { versionsOf } from './versions.ts'
import { reasonOf, withinMs } from './watchdog.ts'
import { ianaZone } from './zones.ts'

export interface Calendar {
  versions: Version[]
  problems: Problem[]
}

const MAX_ZONE_MS = 1_000
const SOME_DAY = new ICAL.Time(
  { year: 2030, month: 1, day: 1, isDate: true },
  ICAL.Timezone.utcTimezone,
)

/** Reads a calendar. What is broken is reported with its line and left out, the rest is read. */
export function readCalendar(text: string, options: ReadOptions): Calendar {
  const { blocks, problems } = blocksOf(unfold(text))
  const calendars = blocks.filter((block) => block.name === 'VCALENDAR')
  if (calendars.length === 0) {
    const message = text.trim() === '' ? 'the file is empty' : 'this is not an iCalendar file'
    return { versions: [], problems: [{ line: 1, message }] }
  }
  const revisions: EventRevision[] = []
  for (const calendar of calendars) revisions.push(...revisionsOf(calendar, options.zone, problems))
  const versions = versionsOf(revisions, options, problems)
  return { versions, problems: problems.toSorted((a, b) => a.line - b.line) }
}

function revisionsOf(calendar: Block, shopZone: string, problems: Problem[]): EventRevision[] {
  const zoneOf = zonesOf(calendar, shopZone, problems)
  // A calendar that is sent to take events back says so once, for all of them (RFC 5546, 3.2.5).
  const takesBack = headerOf(calendar, 'METHOD').toUpperCase() === 'CANCEL'
  const revisions: EventRevision[] = []
  for (const block of calendar.blocks) {
    if (block.name !== 'VEVENT') continue
    const read = readEvent(block, zoneOf)
    if ('message' in read) problems.push(read)
    else revisions.push(takesBack ? { ...read, cancelled: true } : read)
  }
  return revisions
}

/** The zones of a calendar: those it defines, those everybody knows, and for the rest the shop's. */
function zonesOf(calendar: Block, shopZone: string, problems: Problem[]): ZoneOf {
  const own = ianaZone(headerOf(calendar, 'X-WR-TIMEZONE'))
  const floating = own ?? ianaZone(shopZone) ?? ICAL.Timezone.utcTimezone
  const zones = new Map<string, ICAL.Timezone>()
  for (const block of calendar.blocks) {
    if (block.name !== 'VTIMEZONE') continue
    const zone = definedZone(block, problems)
    if (zone) zones.set(zone.tzid, zone)
  }
  return (tzid, line) => {
    if (tzid === null) return floating
    const zone = zones.get(tzid) ?? ianaZone(tzid)
    if (zone) return zone
    problems.push({ line, message: `time zone "${tzid}" is not known; taken as the shop's own` })
    zones.set(tzid, floating)
    return floating
  }
}

function definedZone(block: Block, problems: Problem[]): ICAL.Timezone | null {
  // A zone without a single rule is UTC to ical.js.
  if (block.blocks.length === 0) return null
  try {
    const zone = new ICAL.Timezone(new ICAL.Component(ICAL.parse(textOf(block))))
    // Its rules are read when a time is asked for; better now, where its line is known.
    withinMs(MAX_ZONE_MS, () => zone.utcOffset(SOME_DAY))
    return zone
  } catch (error) {
    problems.push({
      line: block.line,
      message: `this time zone cannot be read: ${reasonOf(error)}`,
    })
    return null
  }
}

const textOf = (block: Block): string =>
  [
    `BEGIN:${block.name}`,
    ...block.lines.map((line) => line.text),
    ...block.blocks.map(textOf),
    `END:${block.name}`,
  ].join('\r\n')

function headerOf(calendar: Block, name: string): string {
  const line = calendar.lines.find(({ text }) => text.toUpperCase().startsWith(`${name}:`))
  return line?.text.slice(name.length + 1).trim() ?? ''
}
