// Sends through the worker, as a booking system makes them.
import type { SendAnswer } from '../../../protocol/api.ts'
import type { Send } from '../../../protocol/notification.ts'
import { call, must, type Answer } from './api.ts'
import { serviceToken } from './tokens.ts'

type To = Send['to']
type More = Partial<Omit<Send, 'to'>> & { key?: string }

/** Sends a notification that asks for nothing but a title; whatever the answer is. */
export async function trySend(to: To, { key, ...more }: More = {}): Promise<Answer<SendAnswer>> {
  return call<SendAnswer>('POST /api/v1/notifications', {
    token: await serviceToken(),
    body: { to, type: 'custom', title: 'Hello', ...more },
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  })
}

/** The same, and it must be accepted. */
export async function send(to: To, more: More = {}): Promise<SendAnswer> {
  const { status, body } = await trySend(to, more)
  if (status !== 201 && status !== 202) {
    throw new Error(`a send answers ${status}: ${JSON.stringify(body)}`)
  }
  return body
}

/** Many at once, in one call; all of them must be accepted. */
export async function sendMany(to: To, count: number, more: More = {}): Promise<SendAnswer[]> {
  const all: SendAnswer[] = []
  for (let from = 0; from < count; from += 500) {
    const notifications = Array.from({ length: Math.min(500, count - from) }, (_, index) => ({
      to,
      type: 'custom',
      title: `Number ${from + index + 1}`,
      ...more,
    }))
    const { results } = await must<{ results: SendAnswer[] }>('POST /api/v1/notifications/batch', {
      token: await serviceToken(),
      body: { notifications },
    })
    const refused = results.find((one) => one.id === undefined)
    if (refused) throw new Error(`an item answers ${JSON.stringify(refused)}`)
    all.push(...results)
  }
  return all
}
