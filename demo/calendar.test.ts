import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCalendar } from './calendar.ts'
import type { ReadOptions } from './versions.ts'

/** Properties are many runs, and the machine may be busy. */
const PATIENCE_MS = 60_000

const OPTIONS: ReadOptions = {
  zone: 'Europe/Madrid',
  horizon: { from: Date.parse('2026-03-01T00:00:00Z'), days: 14 },
  shiftDays: 0,
}

const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']
const calendar = (...lines: (string | string[])[]) =>
  ['BEGIN:VCALENDAR', ...lines.flat(), 'END:VCALENDAR'].join('\r\n')

const read = (text: string, options: Partial<ReadOptions> = {}) =>
  readCalendar(text, { ...OPTIONS, ...options })

/** The starts of one event that has only these lines. */
const startsOf = (...lines: string[]) =>
  read(calendar(event('UID:one', ...lines))).versions.map(({ start }) =>
    new Date(start).toISOString().replace(':00.000Z', 'Z'),
  )

const LONDON = [
  'BEGIN:VTIMEZONE',
  'TZID:The wall at home',
  'BEGIN:STANDARD',
  'DTSTART:19701025T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0000',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:19700329T010000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'TZOFFSETFROM:+0000',
  'TZOFFSETTO:+0100',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
]

describe('times', () => {
  test.each([
    ['in UTC', 'DTSTART:20260907T130000Z', '2026-09-07T13:00Z'],
    [
      'in a zone that everybody knows',
      'DTSTART;TZID=America/New_York:20260907T090000',
      '2026-09-07T13:00Z',
    ],
    ['floating, by the shop’s own clock', 'DTSTART:20260907T090000', '2026-09-07T07:00Z'],
    ['a whole day, from its midnight', 'DTSTART;VALUE=DATE:20260907', '2026-09-06T22:00Z'],
    ['a whole day that does not say so', 'DTSTART:20260907', '2026-09-06T22:00Z'],
    [
      'in the hour that is left out',
      'DTSTART;TZID=Europe/Madrid:20260329T023000',
      '2026-03-29T01:30Z',
    ],
    [
      'in the hour that comes twice',
      'DTSTART;TZID=Europe/Madrid:20261025T023000',
      '2026-10-25T00:30Z',
    ],
  ])('%s', (_name, line, start) => {
    expect(startsOf(line)).toEqual([start])
  })

  test('in a zone of the file’s own, by its rules', () => {
    const at = (line: string) => read(calendar(LONDON, event('UID:1', line))).versions[0]?.start
    expect(at('DTSTART;TZID=The wall at home:20260701T090000')).toBe(
      Date.parse('2026-07-01T08:00Z'),
    )
    expect(at('DTSTART;TZID=The wall at home:20261201T090000')).toBe(
      Date.parse('2026-12-01T09:00Z'),
    )
  })

  test('in a zone that nobody knows: said once, and by the shop’s clock', () => {
    const line = 'DTSTART;TZID=Mars/Base:20260907T090000'
    const { versions, problems } = read(calendar(event('UID:1', line), event('UID:2', line)))
    expect(versions.map(({ start }) => start)).toEqual(
      Array(2).fill(Date.parse('2026-09-07T07:00Z')),
    )
    expect(problems).toEqual([
      { line: 4, message: 'time zone "Mars/Base" is not known; taken as the shop\'s own' },
    ])
  })

  test('floating ones follow the zone that the calendar names for itself', () => {
    const text = calendar(
      'X-WR-TIMEZONE:America/New_York',
      event('UID:1', 'DTSTART:20260907T090000'),
    )
    expect(read(text).versions[0]?.start).toBe(Date.parse('2026-09-07T13:00Z'))
  })
})

describe('recurrences', () => {
  const MADRID = 'DTSTART;TZID=Europe/Madrid:20260327T100000'

  test('keep the clock on the wall across a change of clocks', () => {
    const wanted = [
      '2026-03-27T09:00Z',
      '2026-03-28T09:00Z',
      '2026-03-29T08:00Z',
      '2026-03-30T08:00Z',
    ]
    expect(startsOf(MADRID, 'RRULE:FREQ=DAILY;COUNT=4')).toEqual(wanted)
    expect(startsOf(MADRID, 'RRULE:FREQ=DAILY;UNTIL=20260330T080000Z')).toEqual(wanted)
    expect(startsOf(MADRID, 'RRULE:FREQ=DAILY;UNTIL=20260330')).toEqual(wanted)
    expect(startsOf(MADRID, 'RRULE:FREQ=DAILY;UNTIL=20260330T100000')).toEqual(wanted)
  })

  test.each([
    ['a time in the zone', 'EXDATE;TZID=Europe/Madrid:20260328T100000'],
    ['a time in UTC', 'EXDATE:20260328T090000Z'],
    ['a whole day', 'EXDATE;VALUE=DATE:20260328'],
    ['a list', 'EXDATE;TZID=Europe/Madrid:20260101T100000,20260328T100000'],
  ])('leave out a date that is excepted by %s', (_name, line) => {
    expect(startsOf(MADRID, 'RRULE:FREQ=DAILY;COUNT=3', line)).toEqual([
      '2026-03-27T09:00Z',
      '2026-03-29T08:00Z',
    ])
  })

  test('take extra dates', () => {
    expect(startsOf(MADRID, 'RDATE:20260401T120000Z,20260402T120000Z')).toEqual([
      '2026-03-27T09:00Z',
      '2026-04-01T12:00Z',
      '2026-04-02T12:00Z',
    ])
  })

  test('without an end are played from today for so many days', () => {
    const starts = startsOf('DTSTART:20200106T090000Z', 'RRULE:FREQ=WEEKLY;BYDAY=MO')
    expect(starts).toEqual(['2026-03-02T09:00Z', '2026-03-09T09:00Z'])
  })

  test.each([
    ['never comes', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', /took too long/],
    ['never ends', 'RRULE:FREQ=SECONDLY;COUNT=100000', /too many dates/],
  ])('that %s are cut off and said', (_name, rule, message) => {
    const { versions, problems } = read(calendar(event('UID:1', 'DTSTART:20260301T090000Z', rule)))
    expect(problems).toEqual([{ line: 2, message: expect.stringMatching(message) }])
    expect(versions.length).toBeLessThanOrEqual(1_000)
  })

  test(
    'daily times on a wall stay there, whatever the zone and the season',
    { timeout: PATIENCE_MS },
    () => {
      const zone = fc.constantFrom(
        'Europe/Lisbon',
        'America/New_York',
        'Australia/Lord_Howe',
        'Asia/Kolkata',
      )
      const day = fc.integer({ min: 0, max: 364 })
      // Between 1 and 3 at night clocks change; there the wall shows another time.
      const hour = fc.integer({ min: 4, max: 23 })
      fc.assert(
        fc.property(zone, day, hour, (tzid, days, hours) => {
          const first = new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10)
          const clock = `${String(hours).padStart(2, '0')}:30`
          const start = `${first.replaceAll('-', '')}T${clock.replace(':', '')}00`
          const { versions } = read(
            calendar(event('UID:1', `DTSTART;TZID=${tzid}:${start}`, 'RRULE:FREQ=DAILY;COUNT=20')),
          )
          const format = new Intl.DateTimeFormat('sv-SE', { timeZone: tzid, timeStyle: 'short' })
          expect(versions.map((one) => format.format(one.start))).toEqual(Array(20).fill(clock))
        }),
        { numRuns: 50 },
      )
    },
  )
})

describe('what happened to an appointment', () => {
  const story = (...events: string[][]) =>
    read(calendar(...events)).versions.map(({ recurrenceId, sequence, cancelled, start }) => ({
      ...(recurrenceId === null ? {} : { of: recurrenceId.slice(5, 16) }),
      sequence,
      ...(cancelled ? { cancelled } : {}),
      start: new Date(start).toISOString().slice(5, 16),
    }))
  const at = (modified: string, sequence: number, ...lines: string[]) =>
    event('UID:one', `LAST-MODIFIED:202603${modified}T100000Z`, `SEQUENCE:${sequence}`, ...lines)
  const MONDAY = 'DTSTART:20260309T090000Z'
  const TUESDAY = 'DTSTART:20260310T090000Z'

  test('versions come in order, however the file has them', () => {
    const first = at('01', 0, MONDAY)
    const moved = at('02', 1, TUESDAY)
    const wanted = [
      { sequence: 0, start: '03-09T09:00' },
      { sequence: 1, start: '03-10T09:00' },
    ]
    expect(story(first, moved)).toEqual(wanted)
    expect(story(moved, first)).toEqual(wanted)
  })

  test('of two with the same SEQUENCE the newer counts', () => {
    expect(story(at('02', 0, TUESDAY), at('01', 0, MONDAY))).toEqual([
      { sequence: 0, start: '03-10T09:00' },
    ])
  })

  test('a cancellation comes last, also without a raised SEQUENCE', () => {
    expect(story(at('02', 0, MONDAY, 'STATUS:CANCELLED'), at('01', 0, MONDAY))).toEqual([
      { sequence: 0, start: '03-09T09:00' },
      { sequence: 0, cancelled: true, start: '03-09T09:00' },
    ])
  })

  test('METHOD:CANCEL takes back every event of its file', () => {
    const { versions } = read(calendar('METHOD:CANCEL', at('01', 1, MONDAY)))
    expect(versions).toMatchObject([{ cancelled: true }])
  })

  const SERIES = [MONDAY, 'RRULE:FREQ=WEEKLY;COUNT=3']
  const SECOND = 'RECURRENCE-ID:20260316T090000Z'

  test('one date of a series is moved for itself', () => {
    const moved = at('05', 1, SECOND, 'DTSTART:20260317T140000Z')
    expect(story(at('01', 0, ...SERIES), moved)).toEqual([
      { of: '03-09T09:00', sequence: 0, start: '03-09T09:00' },
      { of: '03-16T09:00', sequence: 0, start: '03-16T09:00' },
      { of: '03-23T09:00', sequence: 0, start: '03-23T09:00' },
      { of: '03-16T09:00', sequence: 1, start: '03-17T14:00' },
    ])
  })

  test('one date that was never anything else stands in for the series', () => {
    const own = at('01', 0, SECOND, 'DTSTART:20260317T140000Z')
    expect(story(at('01', 0, ...SERIES), own).map(({ start }) => start)).toEqual([
      '03-09T09:00',
      '03-23T09:00',
      '03-17T14:00',
    ])
  })

  test('a later exception takes one date back, and is no news for the others', () => {
    const excepted = at('05', 1, ...SERIES, 'EXDATE:20260316T090000Z')
    expect(story(at('01', 0, ...SERIES), excepted).slice(3)).toEqual([
      { of: '03-16T09:00', sequence: 1, cancelled: true, start: '03-16T09:00' },
    ])
  })

  test('moved by whole days, the clock on the wall stays, also of times in UTC', () => {
    // From summer time into winter time: 11:00 in Madrid is 9:00 and then 10:00 in UTC.
    const text = calendar(
      event('UID:1', 'DTSTART:20260907T090000Z'),
      event('UID:2', 'DTSTART;TZID=Europe/Madrid:20260907T110000'),
    )
    const { versions } = read(text, { shiftDays: 77 })
    expect(versions.map(({ start, day }) => [new Date(start).toISOString(), day])).toEqual(
      Array.from({ length: 2 }, () => ['2026-11-23T10:00:00.000Z', '2026-11-23']),
    )
  })
})

describe('guests', () => {
  test('are read from folded, quoted and odd lines', () => {
    const { versions } = read(
      calendar(
        event(
          'UID:1',
          'DTSTART:20260309T090000Z',
          'ATTENDEE;CN="Estrada, Emi";PARTSTAT=ACC',
          ' EPTED:mailto:Emi@Example.com',
          'ATTENDEE;PARTSTAT=DECLINED:MAILTO:ben@example.com',
          'ATTENDEE;CN=Zoë;EMAIL="zoe@example.net":invalid:nomail',
        ),
      ),
    )
    expect(versions[0]?.attendees).toEqual([
      { email: 'emi@example.com', name: 'Estrada, Emi', declined: false },
      { email: 'ben@example.com', name: null, declined: true },
      { email: 'zoe@example.net', name: 'Zoë', declined: false },
    ])
  })
})

describe('broken files', () => {
  const GOOD = event('UID:good', 'DTSTART:20260309T090000Z')

  test.each<[string, string[], number, RegExp]>([
    ['without a start', ['UID:1'], 2, /no DTSTART/],
    ['without an id', ['DTSTART:20260309T090000Z'], 2, /no UID/],
    ['with a start that is none', ['UID:1', 'DTSTART:tomorrow'], 4, /DTSTART is not/],
    ['on 30 February', ['UID:1', 'DTSTART:20260230T090000Z'], 4, /DTSTART is not/],
    ['with a cut line', ['UID:1', 'DTSTART:20260309T090000Z', 'SUMM'], 5, /"SUMM"/],
    [
      'with an open quote',
      ['UID:1', 'DTSTART:20260309T090000Z', 'ATTENDEE;CN="Z:mailto:z'],
      5,
      /quote/,
    ],
    [
      'with a rule that is none',
      ['UID:1', 'DTSTART:20260309T090000Z', 'RRULE:FREQ=NEVER'],
      5,
      /NEVER/,
    ],
    [
      'with an end that is none',
      ['UID:1', 'DTSTART:20260309T090000Z', 'RRULE:FREQ=DAILY;UNTIL=20260230'],
      5,
      /UNTIL/,
    ],
    [
      'with a SEQUENCE that is none',
      ['UID:1', 'DTSTART:20260309T090000Z', 'SEQUENCE:two'],
      5,
      /SEQUENCE/,
    ],
  ])('an event %s is said with its line, the rest is played', (_name, lines, line, message) => {
    const { versions, problems } = read(calendar(event(...lines), GOOD))
    expect(problems).toEqual([{ line, message: expect.stringMatching(message) }])
    expect(versions.map(({ uid }) => uid)).toEqual(['good'])
  })

  test.each([
    ['empty', '', 'the file is empty'],
    ['blank', ' \r\n\r\n', 'the file is empty'],
    ['an image', '\u0089PNG\r\n\u001a\n\0\0\0\rIHDR', 'this is not an iCalendar file'],
    ['a web page', '<!doctype html>\n<p>Sign in', 'this is not an iCalendar file'],
  ])('a file that is %s is said in one line', (_name, text, message) => {
    expect(read(text)).toEqual({ versions: [], problems: [{ line: 1, message }] })
  })

  test('a file that breaks off is played as far as it goes', () => {
    const text = calendar(GOOD, event('UID:2', 'DTSTART:20260310T090000Z')).slice(0, -40)
    expect(read(text).versions.map(({ uid }) => uid)).toEqual(['good'])
    expect(read(text).problems).toMatchObject([{ line: 6 }])
  })

  test(
    'whatever is done to a file, it never throws, and every problem has a line of it',
    { timeout: PATIENCE_MS },
    () => {
      const whole = calendar(
        LONDON,
        GOOD,
        event('UID:2', 'DTSTART;TZID=The wall at home:20260310T090000'),
      )
      const damage = fc.array(
        fc.tuple(fc.nat(whole.length), fc.nat(12), fc.string({ unit: 'binary', maxLength: 12 })),
        { maxLength: 4 },
      )
      fc.assert(
        fc.property(damage, (cuts) => {
          const text = cuts.reduce(
            (t, [at, gone, put]) => t.slice(0, at) + put + t.slice(at + gone),
            whole,
          )
          const lines = text.split(/\r\n|\n|\r/).length
          for (const { line } of read(text).problems) {
            expect(line).toBeGreaterThanOrEqual(1)
            expect(line).toBeLessThanOrEqual(lines)
          }
        }),
        { numRuns: 300 },
      )
    },
  )
})
