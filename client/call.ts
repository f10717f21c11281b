// One request over HTTP. Answers are checked against the schemas once, here; failures are ShopbellErrors.
import * as v from 'valibot'
import { networkError, problemOf, ShopbellError } from './errors.ts'
import type { GetToken, HttpOutcome, TabLock } from './types.ts'

export interface ApiOptions {
  /** Where the server is, like `https://bell.example`; the page's own origin if left out. */
  base?: string
  getToken: GetToken
  fetch?: typeof fetch
  /** How tabs of one browser wait for each other; the browser's own locks if left out. */
  lock?: TabLock
  /** Hears how each request ended. */
  onOutcome?: (outcome: HttpOutcome) => void
}

export type Query = Record<string, string | number | boolean | undefined>

export interface Call<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  answer: v.GenericSchema<unknown, T>
  query?: Query
  body?: unknown
  headers?: Record<string, string>
  /**
   * - needed, also if left out
   * - if_there: says who asks where that is known, and goes without where it is not
   * - none
   */
  token?: 'needed' | 'if_there' | 'none'
  /** Only for routes with a cookie: not every runtime knows the word. */
  credentials?: RequestCredentials
}

export type Perform = <T>(call: Call<T>) => Promise<T>

/** Longer than any answer waits on our side; a request that takes this long has lost its network. */
const TIMEOUT_MS = 20_000

export async function perform<T>(options: ApiOptions, call: Call<T>): Promise<T> {
  try {
    const answer = await performAsked(options, call)
    options.onOutcome?.('answered')
    return answer
  } catch (error) {
    if (error instanceof ShopbellError) options.onOutcome?.(outcomeOf(error, call))
    throw error
  }
}

/** [CO3] A problem of ours names its request; a page of somebody in between, and silence, do not. */
function outcomeOf<T>(error: ShopbellError, { token = 'needed' }: Call<T>): HttpOutcome {
  const { code, status, requestId } = error
  // Without a status it is the sign-in that says no.
  const isNo = code === 'unauthorized' && (requestId !== null || status === null)
  if (isNo && token === 'needed') return 'refused'
  return requestId === null ? 'unreachable' : 'answered'
}

async function performAsked<T>(options: ApiOptions, call: Call<T>): Promise<T> {
  if (call.token === 'none') return read(call, await ask(options, call, null))
  if (call.token === 'if_there') return performEitherWay(options, call)
  const token = await tokenOf(options, false)
  const response = await ask(options, call, token)
  if (response.status !== 401) return read(call, response)
  // Once: a token that was just fetched and is refused too will not get better.
  return read(call, await ask(options, call, await tokenOf(options, true)))
}

/** A token that is refused says no more than none. */
async function performEitherWay<T>(options: ApiOptions, call: Call<T>): Promise<T> {
  const token = await tokenOf(options, false).catch(() => null)
  const response = await ask(options, call, token)
  const isRefused = response.status === 401 && token !== null
  return read(call, isRefused ? await ask(options, call, null) : response)
}

/** A sign-in that is not ours may fail in any way; to a caller it is a server that did not answer. */
async function tokenOf({ getToken }: ApiOptions, refresh: boolean): Promise<string> {
  try {
    return (await getToken({ refresh })).token
  } catch (error) {
    throw error instanceof ShopbellError ? error : networkError(error)
  }
}

async function ask<T>(options: ApiOptions, call: Call<T>, token: string | null): Promise<Response> {
  const request: RequestInit = {
    method: call.method,
    headers: {
      ...call.headers,
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    ...(call.credentials !== undefined && { credentials: call.credentials }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }
  try {
    return await (options.fetch ?? fetch)(addressOf(options, call), request)
  } catch (error) {
    throw networkError(error)
  }
}

function addressOf<T>({ base = '' }: ApiOptions, { path, query = {} }: Call<T>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return `${base}/api/v1${path}${search.size > 0 ? `?${search}` : ''}`
}

async function read<T>(call: Call<T>, response: Response): Promise<T> {
  const value = await jsonOf(response)
  if (!response.ok) throw problemOf(response, value)
  const parsed = v.safeParse(call.answer, value)
  if (parsed.success) return parsed.output
  throw new ShopbellError('bad_answer', {
    status: response.status,
    detail: `${call.method} ${call.path}: ${parsed.issues[0].message}`,
  })
}

/** Undefined for what is not JSON: a proxy's page, an empty answer. */
async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw networkError(error)
  }
}
