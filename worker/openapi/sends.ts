// [NO2][NO3] What a schema of fields cannot say about a send is checked in code (protocol/notification.ts); here the same
// table of types says it in JSON Schema.
import {
  NOTIFICATION_TYPES,
  typeRow,
  type NotificationType,
} from '../../protocol/notification-types.ts'
import { convert, refTo, type Schema } from './json-schema.ts'

const TYPES = Object.keys(NOTIFICATION_TYPES) as NotificationType[]

/** Adds to `Send` and `Recipient` what depends on a value, and makes `BatchItem` and one schema of data per type. */
export function describeSends(components: Record<string, Schema>): Record<string, Schema> {
  const send = { ...components.Send, allOf: TYPES.flatMap(demandsOf) }
  const batch = components.Batch ?? {}
  return {
    ...components,
    ...dataSchemas(),
    Send: send,
    Recipient: { ...components.Recipient, ...exactlyOne(['user_id', 'location_id', 'all']) },
    BatchItem: {
      ...send,
      description: 'A send, and optionally a key of its own in place of the header’s.',
      properties: { ...send.properties, idempotency_key: refTo('IdempotencyKey') },
    },
    Batch: {
      ...batch,
      properties: {
        notifications: { ...batch.properties?.notifications, items: refTo('BatchItem') },
      },
    },
  }
}

function exactlyOne(names: string[]): Schema {
  return {
    oneOf: names.map((name) => ({ required: [name], properties: { [name]: {} } })),
    dependentRequired: { roles: ['location_id'] },
  }
}

/** `appointment.no_show` has its data under `AppointmentNoShowData`. */
export const dataName = (type: NotificationType) =>
  `${type
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Data`

const holdsSomething = ({ properties = {} }: Schema) => Object.keys(properties).length > 0

function dataSchemas(): Record<string, Schema> {
  const converted = convert(
    Object.fromEntries(TYPES.map((type) => [dataName(type), typeRow(type).data])),
  )
  return Object.fromEntries(
    TYPES.flatMap((type) => {
      const schema = converted[dataName(type)]
      if (schema === undefined || !holdsSomething(schema)) return []
      const description = `What \`data\` must hold for \`${type}\`; other keys are allowed and kept.`
      return [[dataName(type), { description, ...schema }]]
    }),
  )
}

/** `if` it is of this type, `then` these fields must be there. */
function demandsOf(type: NotificationType): Schema[] {
  const { data, required } = typeRow(type)
  const { data: schema } = convert({ data })
  const then: Schema = {}
  if (holdsSomething(schema)) {
    then.required = ['data']
    then.properties = { data: refTo(dataName(type)) }
  }
  if (required !== undefined) {
    then.required = [...(then.required ?? []), required]
    then.properties = { ...then.properties, [required]: { type: 'string' } }
  }
  if (then.required === undefined) return []
  // oxlint-disable-next-line unicorn/no-thenable -- the word of JSON Schema, in what is only written as JSON
  return [{ if: { required: ['type'], properties: { type: { const: type } } }, then }]
}
