// The shape of the OpenAPI document, as far as we use it.
import type { Schema } from './json-schema.ts'

export interface Reference {
  $ref: string
}

export interface Example {
  summary: string
  value: unknown
}

export interface MediaType {
  schema: Schema
  examples?: Record<string, Example>
}

export interface Header {
  description: string
  schema: Schema
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  description: string
  required: boolean
  schema?: Schema
  content?: Record<string, MediaType>
  example?: unknown
}

export interface ResponseObject {
  description: string
  headers?: Record<string, Header | Reference>
  content?: Record<string, MediaType>
}

export interface RequestBody {
  required: boolean
  content: Record<string, MediaType>
}

/** One row of the table of permissions that lets somebody in. */
export type AccessRow = { rule: string } & Record<string, string>

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters: Parameter[]
  requestBody?: RequestBody
  responses: Record<string, ResponseObject | Reference>
  /** [AU7] Who may call it; one of these rows must allow it. */
  'x-access'?: AccessRow[]
  /** [CO8] Specified; a later version brings it. */
  'x-not-built-yet'?: true
}

export interface OpenApi {
  openapi: '3.1.0'
  info: { title: string; version: string; summary: string; description: string }
  servers: { url: string; description: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    securitySchemes: Record<string, Record<string, unknown>>
    headers: Record<string, Header>
    responses: Record<string, ResponseObject>
    schemas: Record<string, Schema>
  }
}
