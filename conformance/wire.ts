// What this suite itself understands of answers and frames. Written from docs/SPEC.md, and from nothing of the server's.

export type Json = Record<string, unknown>

export interface Answer {
  status: number
  headers: Headers
  /** Without its parameters. */
  type: string
  text: string
  /** Undefined where the text is no JSON. */
  json: unknown
}

export interface Frame {
  type: string
  seq?: number
  re?: string
  code?: string | number
  data?: unknown
  [field: string]: unknown
}

export interface State {
  delivered_at: string | null
  seen_at: string | null
  read_at: string | null
  is_read: boolean
  archived_at: string | null
  acknowledged_at: string | null
}

export interface Entry {
  id: string
  type: string
  category: string
  priority: string
  title: string
  message: string
  data: Json
  location_id: string | null
  sender: string
  sent_at: string
  created_at: string
  expires_at: string | null
  collapse_key: string | null
  replaces: string | null
  stream: string
  seq: number
  state: State | null
}

export interface Counts {
  unread: number
  unseen: number
  action_required: number
  until: string | null
}

export interface Inbox {
  data: Entry[]
  page: { after: string | null; before: string | null; has_more: boolean }
  counts: Counts
  as_of: Record<string, number>
  epochs: Record<string, string | null>
}

export interface Sent {
  id: string
  stream: string
  seq: number
  archived: boolean
  status: string
}

export interface StateChange {
  notification_ids?: string[]
  up_to?: Record<string, number>
  state: string
  at: string
  stream: string
  seq: number
}

export interface Welcome extends Frame {
  stream: string
  epoch: string
  seq: number
  recovered: boolean
  connection_id: string
  heartbeat_interval_s: number
  server_time: string
  memberships?: Record<string, string>
  heads?: Record<string, { epoch: string; seq: number }>
  presence?: { user_id: string; status: string; last_seen: string | null }[]
}

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
export const UTC_MS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const asObject = (value: unknown): Json => (isObject(value) ? value : {})

/** Null: no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface Token {
  header: Json
  claims: Json
  /** What is signed, and the signature. */
  signed: string
  signature: Buffer
}

/** Opens a JWT without believing it. */
export function decodeToken(token: string): Token {
  const [head = '', body = '', mark = ''] = token.split('.')
  const open = (part: string) => asObject(parseJson(Buffer.from(part, 'base64url').toString()))
  return {
    header: open(head),
    claims: open(body),
    signed: `${head}.${body}`,
    signature: Buffer.from(mark, 'base64url'),
  }
}

export const frameEntry = (frame: Frame): Entry => frame.data as Entry
export const frameState = (frame: Frame): StateChange => frame.data as StateChange
