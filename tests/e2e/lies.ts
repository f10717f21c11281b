// Lies that a server might tell, one at a time, and the rules that each of them breaks.
import type { Lie, Told } from './lying-proxy.ts'

type Json = Record<string, unknown>

export interface ToldLie {
  /** What is wrong. */
  what: string
  /** Rules that must be found broken; the run looks at these alone. */
  breaks: string[]
  lie: Lie
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Changes the body of an answer, where it is an object. */
function change({ text }: Told, by: (body: Json) => void): string {
  const body = json(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return text
  by(body as Json)
  return JSON.stringify(body)
}

const answer = (by: (told: Told, path: string, method: string) => void): Lie => ({
  tell: (told, { path, method }) => by(told, path, method),
})

const body = (by: (body: Json, told: Told, path: string) => void): Lie =>
  answer((told, path) => {
    told.text = change(told, (value) => by(value, told, path))
  })

const header = (name: string, value: string | null): Lie =>
  answer(({ headers }) => {
    if (!headers.has(name)) return
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  })

/** Changes each frame; null: it is lost. */
const frames = (by: (frame: Json) => Json | null): Lie => ({
  hear: () => (text) => {
    const value = json(text)
    if (typeof value !== 'object' || value === null) return [text]
    const kept = (Array.isArray(value) ? value : [value]).flatMap((one) => by(one as Json) ?? [])
    if (kept.length === 0) return []
    return [JSON.stringify(Array.isArray(value) ? kept : kept[0])]
  },
})

const ofType = (type: string, by: (frame: Json) => Json | null): Lie =>
  frames((frame) => (frame['type'] === type ? by(frame) : frame))

const isNews = (text: string) => text.includes('"type":"notification"')

/** Every second text with an entry comes after the next one. */
function mixer() {
  let kept: string | null = null
  return (text: string): string[] => {
    if (!isNews(text)) return [text]
    const texts = kept === null ? [] : [text, kept]
    kept = kept === null ? text : null
    return texts
  }
}

/** Of two texts with entries the first is lost. */
function loser() {
  let count = 0
  return (text: string): string[] => (isNews(text) && ++count % 2 === 1 ? [] : [text])
}

const isInbox = (path: string) => /\/notifications(\?|$|\/unread(\?|$))/.test(path)
const at = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}

export const LIES: readonly ToldLie[] = [
  {
    what: 'a header is dropped: Idempotent-Replayed',
    breaks: ['CO5'],
    lie: header('idempotent-replayed', null),
  },
  {
    what: 'times lose their milliseconds',
    breaks: ['CO1'],
    lie: answer((told) => {
      told.text = told.text.replaceAll(/(T\d\d:\d\d:\d\d)\.\d{3}Z/g, '$1Z')
    }),
  },
  {
    what: 'failures have no request_id',
    breaks: ['CO3'],
    lie: body((value, { status }) => {
      if (status >= 400) delete value['request_id']
    }),
  },
  {
    what: '200 for 404',
    breaks: ['CO3'],
    lie: answer((told) => {
      if (told.status === 404) told.status = 200
    }),
  },
  {
    what: 'a list is in the wrong order',
    breaks: ['CO4'],
    lie: body((value, _told, path) => {
      if (isInbox(path) && Array.isArray(value['data'])) value['data'].reverse()
    }),
  },
  {
    what: 'an answer has a field of another type',
    breaks: ['CO7'],
    lie: body((value) => {
      if ('memberships' in value) value['name'] = 7
    }),
  },
  {
    what: 'what is not built answers 200',
    breaks: ['CO8'],
    lie: answer((told) => {
      if (told.status === 501) Object.assign(told, { status: 200, text: '{}' })
    }),
  },
  {
    what: 'a request without a token is let in',
    breaks: ['AU1'],
    lie: answer((told) => {
      if (told.status === 401) Object.assign(told, { status: 200, text: '{}' })
    }),
  },
  {
    what: 'the cookie can be read by scripts',
    breaks: ['AU2'],
    lie: answer(({ headers }) => {
      const cookie = headers.get('set-cookie')
      if (cookie !== null) headers.set('set-cookie', cookie.replace('HttpOnly; ', ''))
    }),
  },
  {
    what: 'any page may ask',
    breaks: ['AU6'],
    lie: { ask: ({ headers }) => headers.delete('origin') },
  },
  {
    what: 'a wrong since is no mistake',
    breaks: ['WS2'],
    lie: answer((told, path) => {
      if (path.includes('/ws?') && told.status === 400) told.status = 403
    }),
  },
  {
    what: 'the welcome does not know the limits',
    breaks: ['WS3'],
    lie: ofType('welcome', (frame) => ({ ...frame, limits: {} })),
  },
  {
    what: 'every resume is recovered',
    breaks: ['WS4'],
    lie: ofType('welcome', (frame) => ({ ...frame, recovered: true })),
  },
  {
    what: 'a heartbeat is answered in JSON',
    breaks: ['WS5'],
    lie: { hear: () => (text) => [text === 'pong' ? '{"type":"pong"}' : text] },
  },
  {
    what: 'a bye has another code',
    breaks: ['WS7', 'WS8'],
    lie: ofType('bye', (frame) => ({ ...frame, code: 4001 })),
  },
  {
    what: 'an answer forgets whom it answers',
    breaks: ['WS9'],
    lie: ofType('error', (frame) => ({ ...frame, re: undefined })),
  },
  {
    what: 'every ack is well',
    breaks: ['WS12'],
    lie: ofType('error', ({ re }) => ({ type: 'ok', re })),
  },
  {
    what: 'an epoch is another one each time',
    breaks: ['ST1'],
    lie: ofType('welcome', (frame) => ({
      ...frame,
      epoch: `019e3f5c-1d20-7b11-9c02-${String(Date.now()).slice(-12)}`,
    })),
  },
  {
    what: 'frames are reordered',
    breaks: ['ST3'],
    lie: { hear: mixer },
  },
  {
    what: 'a frame is sent twice',
    breaks: ['ST3'],
    lie: { hear: () => (text) => (isNews(text) ? [text, text] : [text]) },
  },
  {
    what: 'frames are lost',
    breaks: ['ST5', 'ST2'],
    lie: { hear: loser },
  },
  {
    what: 'a snapshot does not say how far it is',
    breaks: ['AR5'],
    lie: body((value) => {
      const as_of = at(value['as_of'])
      for (const stream of Object.keys(as_of)) as_of[stream] = 0
    }),
  },
  {
    what: 'a sender is whoever says so',
    breaks: ['NO1'],
    lie: ofType('notification', (frame) => ({
      ...frame,
      data: { ...at(frame['data']), sender: 'ana' },
    })),
  },
  {
    what: 'a type without its data is taken',
    breaks: ['NO2'],
    lie: answer((told, path) => {
      if (told.status !== 422 || !path.endsWith('/notifications')) return
      const sent = { id: '019e3f60-7a10-7c3e-8f5a-2b9d41c6e803', stream: 'user:x', seq: 1 }
      const text = JSON.stringify({ ...sent, archived: true, status: 'sent' })
      Object.assign(told, { status: 201, text })
    }),
  },
  {
    what: 'a batch has one answer for all',
    breaks: ['NO3'],
    lie: body((value) => {
      if (Array.isArray(value['results'])) value['results'] = value['results'].slice(0, 1)
    }),
  },
  {
    what: 'nothing is said to replace anything',
    breaks: ['NO6'],
    lie: ofType('notification', (frame) => ({
      ...frame,
      data: { ...at(frame['data']), replaces: null },
    })),
  },
  {
    what: 'live events get a seq',
    breaks: ['NO7'],
    lie: ofType('event', (frame) => ({ ...frame, seq: 1 })),
  },
  {
    what: 'nobody hears of a membership',
    breaks: ['NO8'],
    lie: ofType('membership', () => null),
  },
  {
    what: 'one unread too many',
    breaks: ['IN1'],
    lie: body((value, _told, path) => {
      if (!isInbox(path)) return
      const counts = at(value['counts'])
      counts['unread'] = Number(counts['unread']) + 1
    }),
  },
  {
    what: 'other devices hear of no mark',
    breaks: ['IN2'],
    lie: ofType('notification_state', () => null),
  },
  {
    what: 'nobody is ever there',
    breaks: ['TR1'],
    lie: ofType('presence', () => null),
  },
  {
    what: 'everybody sees the totals',
    breaks: ['OP1'],
    lie: body((value) => {
      if ('connected' in value) value['totals'] = {}
    }),
  },
  {
    what: 'what is changed is said to be made',
    breaks: ['DI1'],
    lie: answer((told, path, method) => {
      if (method === 'PUT' && path.includes('/users/') && told.status === 200) told.status = 201
    }),
  },
  {
    what: 'whatever is deleted was there',
    breaks: ['DI2'],
    lie: answer((told, path, method) => {
      if (method === 'DELETE' && path.includes('/service-keys/')) told.status = 204
    }),
  },
]
