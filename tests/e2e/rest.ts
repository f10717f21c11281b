// The API as anybody asks it who is not in the browser under test.
import type { Server } from './server.ts'

export interface Asking {
  /** Of whom; without it nobody in particular. */
  token?: string
  body?: object
}

/** `POST /notifications` and the like, below the API's base; whatever is refused fails the test. */
export async function ask<Answer>(
  { origin }: Server,
  route: `${'GET' | 'POST'} /${string}`,
  { token, body }: Asking = {},
): Promise<Answer> {
  const [method, path] = route.split(' ') as [string, string]
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${route} answers ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** [AU3] A token of one of the demo people. */
export async function tokenOf(server: Server, user_id: string): Promise<string> {
  const body = { user_id }
  return (await ask<{ access_token: string }>(server, 'POST /auth/dev', { body })).access_token
}

/** Ana says something to her shop, from somewhere else. */
export async function anaTells(server: Server, to: object, title: string): Promise<string> {
  const token = await tokenOf(server, 'ana')
  const body = { to, type: 'custom', title }
  return (await ask<{ id: string }>(server, 'POST /notifications', { token, body })).id
}
