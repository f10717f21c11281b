// The shape of the AsyncAPI document, as far as we use it.
import type { Schema } from '../openapi/json-schema.ts'
import type { Reference } from '../openapi/types.ts'
import type { Stream } from './frames.ts'

export interface Message {
  name: string
  title: string
  summary: string
  description?: string
  contentType: string
  payload: Schema
  examples: { name: string; payload: unknown }[]
  /** The streams on whose sockets it is said. */
  'x-streams'?: readonly Stream[]
}

export interface Channel {
  address: string
  title: string
  description: string
  messages: Record<string, Reference>
  bindings: { ws: { method: 'GET'; query: Schema } }
}

export interface AsyncOperation {
  action: 'send' | 'receive'
  channel: Reference
  summary: string
  messages: Reference[]
  reply?: { channel: Reference; messages: Reference[] }
}

export interface CloseCodeRow {
  reason: string
  /** `soon`, `after_refresh`, `slowly`, `never`. */
  retry: string
}

export interface AsyncApi {
  asyncapi: '3.0.0'
  info: { title: string; version: string; description: string }
  defaultContentType: string
  servers: Record<
    string,
    {
      host: string
      protocol: string
      description: string
      variables: Record<string, { default: string; description: string }>
      security: Reference[]
    }
  >
  channels: Record<Stream, Channel>
  operations: Record<string, AsyncOperation>
  components: {
    securitySchemes: Record<string, Record<string, string>>
    messages: Record<string, Message>
    schemas: Record<string, Schema>
  }
  /** [WS8] */
  'x-close-codes': Record<string, CloseCodeRow>
}
