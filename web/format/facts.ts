// What a notification's data says, as lines for a reader. A sender may put anything under any key
// (NO2), so only values of the kind that a key stands for become a line.
import type { Location } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { Messages } from '../messages/en.ts'
import { calendarDay, moment, momentAt, type Viewer } from './times.ts'

export interface Fact {
  key: string
  label: string
  value: string
}

interface Context {
  shop: Location | undefined
  viewer: Viewer
  words: Messages
}

type FactKey = keyof Messages['facts']

/** The order is the reader's: who, what, when. */
const FACTS: Record<string, FactKey[]> = {
  appointment: ['client_name', 'service', 'time'],
  performance: ['metric', 'value', 'goal', 'threshold', 'trend'],
  team: ['effective_from', 'version'],
  training: ['course_name', 'module_name', 'certification', 'expires_on'],
  achievement: ['metric', 'value', 'amount'],
}

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)

function timeWords(value: string, { shop, viewer, words }: Context) {
  if (isDay(value)) return calendarDay(value, viewer)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : momentAt(at, shop, viewer, words.time)
}

function money(amount: number, currency: unknown, locale: string) {
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return null
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount)
}

function valueOf(key: FactKey, data: Record<string, unknown>, context: Context): string | null {
  const value = data[key]
  const { viewer, words } = context
  if (key === 'amount') {
    return typeof value === 'number' ? money(value, data['currency'], viewer.locale) : null
  }
  if (typeof value === 'number') return new Intl.NumberFormat(viewer.locale).format(value)
  if (typeof value !== 'string' || value === '') return null
  if (key === 'time' || key === 'effective_from' || key === 'expires_on') {
    return timeWords(value, context)
  }
  if (key === 'trend')
    return Object.entries(words.trend).find(([name]) => name === value)?.[1] ?? null
  return key === 'metric' ? value.replaceAll('_', ' ') : value
}

export function factsOf(entry: Pick<Notification, 'category' | 'data'>, context: Context): Fact[] {
  return (FACTS[entry.category] ?? []).flatMap((key) => {
    const value = valueOf(key, entry.data, context)
    return value === null ? [] : [{ key, label: context.words.facts[key], value }]
  })
}

/** When it was sent, with the day. */
export const sentWords = (entry: Pick<Notification, 'sent_at'>, viewer: Viewer) =>
  moment(Date.parse(entry.sent_at), viewer)
