// What happens in a shop in a day that no calendar knows: words of the team, training, figures.
// Texts that the data can say are left to the server, which writes them in each reader's language.
import type { Notice } from '../client/server/index.ts'
import type { Colleague } from './plan.ts'
import { pick, type Random } from './random.ts'

export interface Setting {
  location: string
  /** "2026-11-23" by the shop's own clock. */
  day: string
  currency: string
  people: readonly Colleague[]
  random: Random
}

interface Happening {
  what: string
  /** When in the day: 0 as the shop opens, 1 as it closes. */
  share: number
  /** Null: nobody is there whom it could happen to. */
  notice(setting: Setting): Notice | null
}

/** The choices are written here in the file and never empty. */
function oneOf<T>(random: Random, first: T, ...others: T[]): T {
  return pick(random, [first, ...others]) ?? first
}

const DAY_MS = 24 * 3_600_000
const daysAfter = (day: string, days: number) =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)

const managerOf = (people: readonly Colleague[]) => people.find(({ role }) => role === 'manager')
const firstName = ({ name }: Colleague) => name.split(' ', 1)[0] ?? name

/** To one barber, about the shop; null in a shop without any. */
const barberOf = ({ random, people, location: location_id }: Setting) => {
  const barber = pick(
    random,
    people.filter(({ role }) => role === 'staff'),
  )
  return barber ? { to: { user_id: barber.id }, location_id } : null
}

const announcement = ({ location, people, random }: Setting): Notice => {
  const manager = managerOf(people)
  const whom = manager ? firstName(manager) : 'the front desk'
  const [title, message] = oneOf(
    random,
    ['Open until 20:00 on Saturday', `Two chairs stay late. Tell ${whom} if one can be yours.`],
    ['Team breakfast tomorrow, 8:15', 'Coffee and bread are on the shop. Doors open as always.'],
    ['The new clippers are here', 'Second drawer. The old ones stay until everybody has tried.'],
  )
  return { type: 'team.announcement', to: { location_id: location }, title, message }
}

/** Who asks need not confirm it, so it goes to the others. */
const policy = ({ location, people, random }: Setting): Notice => {
  const manager = managerOf(people)
  const [policy_id, version, message] = oneOf(
    random,
    ['hygiene', 3, 'A fresh blade for each client, opened where they see it.'],
    ['cancellation', 2, 'Free until 4 hours before; after that, half of the price.'],
    ['photos', 4, 'Ask before a picture is taken, and again before it is shown.'],
  )
  return {
    type: 'team.policy_update',
    to: { location_id: location, roles: ['staff'] },
    title: `${manager ? firstName(manager) : 'The shop'} needs you to confirm the new ${policy_id} policy`,
    message,
    data: { policy_id, version },
    requires_ack: true,
  }
}

const note = ({ location, random }: Setting): Notice => {
  const [title, message] = oneOf(
    random,
    ['Towel delivery at 14:00', 'They ring at the back door; somebody must sign.'],
    ['Lost and found: a grey scarf', 'It hung at the second chair, and is under the counter now.'],
    ['The card reader is slow today', 'It works. Give it ten seconds before you try again.'],
  )
  return { type: 'custom', to: { location_id: location }, title, message }
}

const module = ({ location, random }: Setting): Notice => {
  const [module_id, module_name] = oneOf(
    random,
    ['scissor-over-comb', 'Scissor over comb'],
    ['curly-hair', 'Cutting curly hair dry'],
    ['first-visit', 'The first five minutes with a new client'],
  )
  const data = { module_id, module_name }
  return { type: 'training.module_available', to: { location_id: location }, data }
}

const course = (setting: Setting): Notice | null => {
  const address = barberOf(setting)
  const [course_id, course_name] = oneOf(
    setting.random,
    ['beard-basics', 'Beard shaping basics'],
    ['colour-1', 'Colour, part 1'],
    ['hot-towel', 'The hot towel shave'],
  )
  const data = { course_id, course_name }
  return address && { type: 'training.course_completed', ...address, data }
}

const certificate = (setting: Setting): Notice | null => {
  const address = barberOf(setting)
  const [certification, days] = oneOf(
    setting.random,
    ['barber license', 30],
    ['first aid certificate', 14],
  )
  const data = { certification, expires_on: daysAfter(setting.day, days) }
  return address && { type: 'training.certification_expiring', ...address, data }
}

const threshold = ({ location, random }: Setting): Notice => {
  const [metric, limit] = oneOf(
    random,
    ['clients_turned_away', 5],
    ['clients_waiting', 4],
    ['minutes_behind_schedule', 15],
  )
  const data = { metric, value: limit + 1 + Math.floor(random() * 2), threshold: limit }
  return { type: 'performance.threshold_exceeded', to: { location_id: location }, data }
}

const trend = ({ location, random }: Setting): Notice => {
  const metric = oneOf(random, 'product_sales_today', 'online_bookings_today')
  const data = {
    metric,
    value: 8 + Math.floor(random() * 12),
    trend: oneOf<'increasing' | 'decreasing' | 'stable'>(
      random,
      'increasing',
      'decreasing',
      'stable',
    ),
  }
  return { type: 'performance.trend', to: { location_id: location }, data }
}

const praise = (setting: Setting): Notice | null => {
  const address = barberOf(setting)
  const data = {
    metric: oneOf(setting.random, 'five_star_reviews_this_month', 'regulars_rebooked_this_week'),
    value: oneOf(setting.random, 10, 15, 20),
  }
  return address && { type: 'achievement.performance', ...address, data }
}

const revenue = ({ location, currency, random }: Setting): Notice => {
  const data = { amount: oneOf(random, 1_000, 1_500, 2_000), currency }
  return { type: 'achievement.revenue_milestone', to: { location_id: location }, data }
}

const schedule = ({ location, day }: Setting): Notice => {
  const data = { effective_from: daysAfter(day, 7) }
  return { type: 'team.schedule_change', to: { location_id: location }, data }
}

/** [NO2] Every type that is not an appointment's, but for the goal, which the calendar knows. */
export const HAPPENINGS: readonly Happening[] = [
  { what: 'word', share: 0.06, notice: announcement },
  { what: 'expiring', share: 0.16, notice: certificate },
  { what: 'module', share: 0.27, notice: module },
  { what: 'schedule', share: 0.36, notice: schedule },
  { what: 'policy', share: 0.45, notice: policy },
  { what: 'note', share: 0.53, notice: note },
  { what: 'trend', share: 0.6, notice: trend },
  { what: 'threshold', share: 0.68, notice: threshold },
  { what: 'course', share: 0.77, notice: course },
  { what: 'praise', share: 0.85, notice: praise },
  { what: 'revenue', share: 0.94, notice: revenue },
]
