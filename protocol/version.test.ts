import { createHash } from 'node:crypto'
import { toJsonSchema } from '@valibot/to-json-schema'
import { expect, test } from 'vitest'
import { ClientFrame } from './client-frames.ts'
import { ServerFrame } from './server-frames.ts'
import { PROTOCOL_VERSION } from './version.ts'

const wireHash = () => {
  const wire = [ClientFrame, ServerFrame].map((schema) =>
    toJsonSchema(schema, { errorMode: 'ignore' }),
  )
  return createHash('sha256').update(JSON.stringify(wire)).digest('hex').slice(0, 12)
}

test('[WS3] the wire cannot change by accident: a new hash asks whether older clients still understand it', () => {
  // Additive changes (a new frame, an optional field) keep the version; anything else raises it.
  expect({ version: PROTOCOL_VERSION, wire: wireHash() }).toEqual({
    version: 1,
    wire: 'd2a33e3dda38',
  })
})
