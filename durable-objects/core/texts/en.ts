// English. Who, what, when, in the order that a person needs them.
import type { Texts } from './language.ts'
import { capital, inner, movedFrom, spoken, words } from './write.ts'

const TREND = { increasing: 'rising', decreasing: 'falling', stable: 'steady' } as const

/** "a skin fade", "an ombré", "highlights": services are names, so what has no article gets none. */
function some(service: string): string {
  const name = inner(words(service))
  const takesNone = /^(?:an?|the|my|our)\s|^[^a-zà-ÿ]/iu.test(name) || /[^s'’u]s$/iu.test(name)
  if (takesNone) return name
  return /^(?:[aeioà-åè-ïò-ö]|u(?!ni|s))/iu.test(name) ? `an ${name}` : `a ${name}`
}

export const en: Texts = {
  'appointment.booked': (data, write) => {
    const before = movedFrom(data)
    const time = write.time(data.time)
    const title = (did: string) => `${words(data.client_name)} ${did} ${some(data.service)}`
    return before === null
      ? { title: title('booked'), message: time }
      : { title: title('moved'), message: `${time} instead of ${write.time(before)}` }
  },
  'appointment.cancelled': (data, write) => ({
    title: `${words(data.client_name)} cancelled ${some(data.service)}`,
    message: `${write.time(data.time)} is free again`,
  }),
  'appointment.reminder': (data, write) => ({
    title: `Coming up: ${words(data.client_name)}, ${inner(words(data.service))}`,
    message: write.time(data.time),
  }),
  'appointment.no_show': (data, write) => ({
    title: `No-show: ${words(data.client_name)}, ${write.clock(data.time)} ${inner(words(data.service))}`,
    message: write.time(data.time),
  }),
  'performance.threshold_exceeded': (data, write) => {
    const side = data.value < data.threshold ? 'Under' : 'Over'
    return {
      title: `${capital(spoken(data.metric))} at ${write.figure(data.value)}`,
      message: `${side} the threshold of ${write.figure(data.threshold)}`,
    }
  },
  'performance.goal_achieved': (data, write) => ({
    title: `Goal reached: ${write.figure(data.value)} ${spoken(data.metric)}`,
    message: `The goal was ${write.figure(data.goal)}`,
  }),
  'performance.trend': (data, write) => ({
    title: `${capital(spoken(data.metric))} ${TREND[data.trend]}`,
    message: `Now at ${write.figure(data.value)}`,
  }),
  'team.announcement': () => ({ title: 'Word from the team', message: '' }),
  'team.schedule_change': (data, write) => ({
    title: `New schedule from ${write.time(data.effective_from)}`,
    message: 'Check your shifts from then on',
  }),
  'team.policy_update': (data) => ({
    title: `Policy updated: ${spoken(data.policy_id)}`,
    message: `Version ${words(data.version)} applies now`,
  }),
  'training.course_completed': (data) => ({
    title: `Course completed: ${words(data.course_name)}`,
    message: 'Nothing left to do in this course',
  }),
  'training.module_available': (data) => ({
    title: `New training: ${words(data.module_name)}`,
    message: 'Ready when you have a quiet moment',
  }),
  'training.certification_expiring': (data, write) => ({
    title: `${capital(words(data.certification))} expires on ${write.date(data.expires_on)}`,
    message: 'Renew it before then',
  }),
  'achievement.revenue_milestone': (data, write) => ({
    title: `Revenue milestone: ${write.money(data.amount, data.currency)}`,
    message: `${write.money(data.amount, data.currency)} in revenue reached`,
  }),
  'achievement.performance': (data, write) => ({
    title: `Well done: ${write.figure(data.value)} ${spoken(data.metric)}`,
    message: `${write.figure(data.value)} ${spoken(data.metric)} reached`,
  }),
  custom: () => ({ title: 'A note for you', message: '' }),
}
