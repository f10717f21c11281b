// Spanish, in the informal "tú" that a team uses among itself.
import type { Messages } from './en.ts'

const s = (count: number) => (count === 1 ? '' : 's')

export const es: Messages = {
  language: 'Español',
  app: 'Shopbell',
  tabs: { inbox: 'Avisos', send: 'Enviar', me: 'Yo', label: 'Principal' },
  close: 'Cerrar',
  back: 'Atrás',
  cancel: 'Cancelar',
  retry: 'Probar otra vez',

  time: {
    now: 'ahora',
    minutes: (count) => `${count} min`,
    inPlace: (time, place) => `${time} en ${place}`,
  },

  connection: {
    connected: 'En directo',
    connecting: 'Conectando',
    reconnecting: 'Reconectando',
    degraded: 'Cada 15 s',
    offline: 'Sin conexión',
    stopped: 'Parado',
    reconnect: 'Reconectar',
    offlineNote: 'Sin conexión. Esto es lo último que se sabía; lo que falte sonará aquí.',
    degradedNote:
      'Esta red bloquea los avisos en directo. La lista se actualiza cada 15 segundos; no se pierde nada.',
    reconnectingNote: 'Se cortó la línea. Volviendo, no se pierde nada.',
    replacedNote: 'Esta ventana se soltó porque la cuenta está abierta en muchas otras.',
    stoppedNote: 'Esta ventana dejó de escuchar. No se pierde nada: reconecta para ponerte al día.',
  },

  signIn: {
    title: '¿Quién está en la puerta?',
    hint: 'Una tienda de prueba para desarrollo. Elige a una persona; otra ventana puede ser otra.',
    list: 'Personas de prueba',
    admin: 'Administradora, todas las tiendas',
    managerOf: (place) => `Responsable, ${place}`,
    staffOf: (place) => `Equipo, ${place}`,
    signingIn: (name) => `Entrando como ${name}`,
    platformTitle: 'Entra por tu tienda',
    platform:
      'La entrada viene de la plataforma de tu tienda. Abre Shopbell desde allí y ya estás dentro; aquí no se escribe ninguna contraseña.',
    arriving: 'Abriendo la puerta',
    problem: {
      failed: 'No se pudo entrar. No cambió nada; prueba otra vez.',
      unreachable: 'Sin conexión con Shopbell. Mira la red y prueba otra vez.',
      busy: 'Shopbell no puede abrirte ahora mismo. No se pierde nada; prueba otra vez en un momento.',
      ended: 'Se cerró tu sesión. No se pierde nada; entra para seguir donde estabas.',
      refused:
        'La página de tu tienda no pudo abrirte la puerta: lo que envió ya no vale. Abre Shopbell desde allí otra vez.',
      unknown:
        'La página de tu tienda te conoce y Shopbell todavía no. Pide a tu responsable que te añada y ábrela otra vez.',
      still_open:
        'Aquí ya saliste. No se pudo avisar a Shopbell, así que allí tu sesión sigue abierta hasta que esta página vuelva a tener conexión.',
      only_here:
        'Aquí ya saliste. No se pudo avisar a Shopbell, así que en tus otros dispositivos sigues dentro.',
    },
  },

  inbox: {
    title: 'Avisos',
    unread: (count) => (count === 0 ? 'Todo leído' : `${count} sin leer`),
    unreadMark: 'Sin leer',
    markAll: 'Marcar todo leído',
    catchingUp: 'poniéndose al día',
    clear: 'Vaciar',
    clearTitle: '¿Vaciar los avisos?',
    clearText: 'Se quita todo para ti, en todos tus dispositivos. Los demás conservan los suyos.',
    clearConfirm: 'Vaciar avisos',
    older: 'Ver anteriores',
    loadingOlder: 'Cargando anteriores',
    end: 'Eso es todo.',
    newer: (count) => (count === 1 ? '1 nuevo' : `${count} nuevos`),
    newerLabel: (count) =>
      count === 1 ? '1 aviso nuevo, ir arriba' : `${count} avisos nuevos, ir arriba`,
    announce: (count) => (count === 1 ? '1 aviso nuevo' : `${count} avisos nuevos`),
    emptyTitle: 'Todo en calma.',
    emptyText: 'Las reservas sonarán aquí.',
    loading: 'Cargando los avisos',
    failedTitle: 'No se pudieron cargar los avisos.',
    failedText: 'No se pierde nada. Los avisos nuevos siguen sonando aquí.',
    actionFailed: 'Ese cambio no se pudo hacer y se deshizo. Prueba otra vez en un momento.',
    fullFailed: 'Ya hay demasiados cambios esperando la red; este se deshizo.',
    unsentMark: 'sin enviar',
    unsentOffline: (count) =>
      count === 1
        ? 'Se enviará 1 cambio cuando vuelva la conexión.'
        : `Se enviarán ${count} cambios cuando vuelva la conexión.`,
    unsentWaiting: (count) =>
      `${count} cambio${s(count)} sin enviar. Shopbell lo sigue intentando.`,
    unsentOpen: (count) =>
      `${count} cambio${s(count)} sin enviar. No cierres esta página: el navegador no puede guardarlos.`,
    pick: 'Elige un aviso para leerlo aquí.',
    list: 'Avisos',
  },

  detail: {
    label: 'Aviso',
    markUnread: 'Marcar sin leer',
    markRead: 'Marcar leído',
    delete: 'Borrar',
    confirm: 'Lo he leído',
    confirmed: 'Confirmaste que lo leíste.',
    unsent: 'Sin enviar; se envía solo.',
    failed: 'No se pudo cargar.',
    missing: 'Este aviso ya no está aquí.',
    missingHint: 'Se borró, o es de otra persona.',
    from: 'De',
    at: 'Enviado',
    shop: 'Tienda',
    toShop: (place) => `Para ${place}`,
    toYou: 'Para ti',
    bookingSystem: 'Sistema de reservas',
    facts: 'Detalles',
  },

  facts: {
    client_name: 'Cliente',
    service: 'Servicio',
    time: 'Hora',
    metric: 'Medida',
    value: 'Valor',
    threshold: 'Límite',
    goal: 'Meta',
    trend: 'Tendencia',
    effective_from: 'Desde',
    version: 'Versión',
    course_name: 'Curso',
    module_name: 'Módulo',
    certification: 'Certificado',
    expires_on: 'Termina',
    amount: 'Importe',
  },

  priority: { low: 'Baja', normal: 'Normal', high: 'Alta', urgent: 'Urgente' },
  trend: { increasing: 'sube', decreasing: 'baja', stable: 'estable' },

  category: {
    appointment: 'Cita',
    performance: 'Rendimiento',
    team: 'Equipo',
    training: 'Formación',
    achievement: 'Logro',
    custom: 'Nota',
  },

  type: {
    'appointment.booked': 'Reserva',
    'appointment.cancelled': 'Cancelación',
    'appointment.reminder': 'Recordatorio',
    'appointment.no_show': 'No vino',
    'performance.threshold_exceeded': 'Límite pasado',
    'performance.goal_achieved': 'Meta alcanzada',
    'performance.trend': 'Tendencia',
    'team.announcement': 'Anuncio',
    'team.schedule_change': 'Cambio de horario',
    'team.policy_update': 'Norma',
    'training.course_completed': 'Curso acabado',
    'training.module_available': 'Módulo nuevo',
    'training.certification_expiring': 'Certificado por terminar',
    'achievement.revenue_milestone': 'Hito',
    'achievement.performance': 'Logro',
    custom: 'Nota',
  },

  send: {
    title: 'Enviar',
    to: 'Para',
    toShop: 'La tienda',
    toPerson: 'Una persona',
    shop: 'Tienda',
    otherShop: 'Otra tienda, por su id',
    shopId: 'Id de la tienda',
    roles: 'Quién allí',
    everyone: 'Todos',
    managers: 'Responsables',
    staff: 'Equipo',
    person: 'Persona',
    choosePerson: 'Elige a una persona',
    nobody: 'Todavía no se conoce a nadie.',
    kind: 'Tipo',
    heading: 'Título',
    message: 'Mensaje',
    optional: 'opcional',
    effectiveFrom: 'Vale desde',
    policy: 'Norma',
    version: 'Versión',
    priority: 'Prioridad',
    ack: 'Pedir a todos que confirmen que lo leyeron',
    submit: (to) => `Enviar a ${to}`,
    required: 'Hace falta para enviarlo.',
    submitPlain: 'Enviar',
    sending: (to) => `Enviando a ${to}`,
    sent: (to) => `Enviado a ${to}`,
    again: 'Enviar otro',
    fix: 'Mira los campos marcados; no se envió nada.',
    forbidden: 'No puedes enviar allí. No se envió nada.',
    failed: 'Shopbell no respondió. Envía otra vez: no llegará dos veces.',
    refused: (why) => `No se envió nada. ${why}`,
  },

  me: {
    title: 'Yo',
    admin: 'Administra todas las tiendas',
    manager: 'Responsable',
    staff: 'Equipo',
    shops: 'Tiendas',
    noShops: 'Sin tienda propia; como administradora llegas a todas.',
    notInShop: 'Todavía no eres de ninguna tienda.',
    connection: 'Conexión',
    signOut: 'Salir',
    someoneElse: 'Ser otra persona en esta ventana',
    everywhere: 'Salir en todas partes',
    everywhereTitle: '¿Salir en todas partes?',
    everywhereText:
      'Se cierran en segundos todas tus ventanas y dispositivos, también esta ventana. Tus avisos quedan como están.',
    unsentStays: (count) =>
      `${count} cambio${s(count)} sin enviar. Si sales, este navegador ${count === 1 ? 'lo guarda y lo envía' : 'los guarda y los envía'} cuando vuelvas a entrar aquí.`,
    unsentDropped: (count) =>
      count === 1
        ? 'Se descarta 1 cambio que Shopbell aún no conoce.'
        : `Se descartan ${count} cambios que Shopbell aún no conoce.`,
    window: 'Esta ventana entra por su cuenta. Al salir aquí, las demás siguen.',
    browser:
      'Al salir aquí se cierran todas las ventanas de este navegador. Otros dispositivos siguen.',
    localTime: (time) => `allí son las ${time}`,
  },
}
