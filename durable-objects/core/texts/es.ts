// Spanish. Services have no known gender, so the sentences do without articles.
import type { Texts } from './language.ts'
import { capital, inner, movedFrom, spoken, words } from './write.ts'

const TREND = { increasing: 'en aumento', decreasing: 'en descenso', stable: 'estable' } as const

export const es: Texts = {
  'appointment.booked': (data, write) => {
    const before = movedFrom(data)
    const time = write.time(data.time)
    const title = (did: string) =>
      `${words(data.client_name)} ${did}: ${inner(words(data.service))}`
    return before === null
      ? { title: title('ha reservado'), message: time }
      : { title: title('ha cambiado su cita'), message: `${time} en vez de ${write.time(before)}` }
  },
  'appointment.cancelled': (data, write) => ({
    title: `${words(data.client_name)} ha cancelado: ${inner(words(data.service))}`,
    message: `${write.time(data.time)} vuelve a estar libre`,
  }),
  'appointment.reminder': (data, write) => ({
    title: `Próxima cita: ${words(data.client_name)}, ${inner(words(data.service))}`,
    message: write.time(data.time),
  }),
  'appointment.no_show': (data, write) => ({
    title: `No se presentó: ${words(data.client_name)}, ${write.clock(data.time)} ${inner(words(data.service))}`,
    message: write.time(data.time),
  }),
  'performance.threshold_exceeded': (data, write) => {
    const side = data.value < data.threshold ? 'Por debajo' : 'Por encima'
    return {
      title: `${capital(spoken(data.metric))}: ${write.figure(data.value)}`,
      message: `${side} del límite de ${write.figure(data.threshold)}`,
    }
  },
  'performance.goal_achieved': (data, write) => ({
    title: `Objetivo alcanzado: ${write.figure(data.value)} ${spoken(data.metric)}`,
    message: `El objetivo era ${write.figure(data.goal)}`,
  }),
  'performance.trend': (data, write) => ({
    title: `${capital(spoken(data.metric))}: ${TREND[data.trend]}`,
    message: `Ahora: ${write.figure(data.value)}`,
  }),
  'team.announcement': () => ({ title: 'Aviso del equipo', message: '' }),
  'team.schedule_change': (data, write) => ({
    title: `Nuevo horario desde el ${write.time(data.effective_from)}`,
    message: 'Revisa tus turnos a partir de entonces',
  }),
  'team.policy_update': (data) => ({
    title: `Norma actualizada: ${spoken(data.policy_id)}`,
    message: `Ya se aplica la versión ${words(data.version)}`,
  }),
  'training.course_completed': (data) => ({
    title: `Curso completado: ${words(data.course_name)}`,
    message: 'No queda nada pendiente en este curso',
  }),
  'training.module_available': (data) => ({
    title: `Nueva formación: ${words(data.module_name)}`,
    message: 'Lista para cuando tengas un momento tranquilo',
  }),
  'training.certification_expiring': (data, write) => ({
    title: `${capital(words(data.certification))} caduca el ${write.date(data.expires_on)}`,
    message: 'Conviene renovarlo antes',
  }),
  'achievement.revenue_milestone': (data, write) => ({
    title: `Hito de ingresos: ${write.money(data.amount, data.currency)}`,
    message: `Se han alcanzado ${write.money(data.amount, data.currency)} de ingresos`,
  }),
  'achievement.performance': (data, write) => ({
    title: `Buen trabajo: ${write.figure(data.value)} ${spoken(data.metric)}`,
    message: `${write.figure(data.value)} ${spoken(data.metric)} conseguido`,
  }),
  custom: () => ({ title: 'Una nota para ti', message: '' }),
}
