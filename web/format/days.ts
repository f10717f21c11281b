// The inbox is grouped by day as a person in one place counts days. Nothing here reads the clock.

interface Day<T> {
  /** The calendar day in the viewer's zone, as YYYY-MM-DD. */
  key: string
  items: T[]
}

const partsByZone = new Map<string, Intl.DateTimeFormat>()

function partsIn(zone: string) {
  let format = partsByZone.get(zone)
  if (!format) {
    const options = { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' } as const
    format = new Intl.DateTimeFormat('en', { ...options, calendar: 'iso8601' })
    partsByZone.set(zone, format)
  }
  return format
}

/** The day on the wall calendar of `zone`. Sorts as text. */
export function dayKey(at: number, zone: string) {
  const parts = partsIn(zone).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** Whole days from one key to another: 1 is tomorrow, -1 yesterday. A day of 23 or 25 hours counts as one. */
export const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)

/** Keeps the order it is given; a run of the same day becomes one group. */
export function groupByDay<T>(items: readonly T[], at: (item: T) => number, zone: string) {
  const days: Day<T>[] = []
  for (const item of items) {
    const key = dayKey(at(item), zone)
    const last = days.at(-1)
    if (last?.key === key) last.items.push(item)
    else days.push({ key, items: [item] })
  }
  return days
}
