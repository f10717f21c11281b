// The send form's rules: what a draft says on the wire, what it lacks, and which field an answer's
// pointer (CO3) belongs to. No words and no signals.
import type { SendInput } from '../../client/types.ts'
import { typeRow, type NotificationType, type Priority } from '../../protocol/notification-types.ts'

/** The types that a person writes by hand; the rest come from the shop's systems. */
export const KINDS = [
  'team.announcement',
  'team.schedule_change',
  'team.policy_update',
  'custom',
] as const satisfies NotificationType[]
export type Kind = (typeof KINDS)[number]

export interface Draft {
  target: 'shop' | 'person'
  shopId: string
  roles: 'everyone' | 'manager' | 'staff'
  personId: string
  kind: Kind
  title: string
  message: string
  effectiveFrom: string
  policyId: string
  version: string
  /** Null: what the type has by itself (NO2). */
  priority: Priority | null
  requiresAck: boolean
}

export type Field = Exclude<keyof Draft, 'target'>

export const EMPTY_DRAFT: Draft = {
  target: 'shop',
  shopId: '',
  roles: 'everyone',
  personId: '',
  kind: 'team.announcement',
  title: '',
  message: '',
  effectiveFrom: '',
  policyId: '',
  version: '',
  priority: null,
  requiresAck: false,
}

export const defaultPriority = (kind: Kind) => typeRow(kind).priority

/** The fields of the type's own data that the form asks for. */
function dataFields(kind: Kind): Field[] {
  if (kind === 'team.schedule_change') return ['effectiveFrom']
  return kind === 'team.policy_update' ? ['policyId', 'version'] : []
}

/** Required fields that are empty, in the order of the form. */
export function missingIn(draft: Draft): Field[] {
  const needed: Field[] = [
    draft.target === 'shop' ? 'shopId' : 'personId',
    ...(typeRow(draft.kind).required === 'title' ? (['title'] as const) : []),
    ...(typeRow(draft.kind).required === 'message' ? (['message'] as const) : []),
    ...dataFields(draft.kind),
  ]
  return needed.filter((field) => String(draft[field] ?? '').trim() === '')
}

function dataOf(draft: Draft): Record<string, unknown> | undefined {
  if (draft.kind === 'team.schedule_change') return { effective_from: draft.effectiveFrom }
  if (draft.kind !== 'team.policy_update') return undefined
  return { policy_id: draft.policyId.trim(), version: draft.version.trim() }
}

/** What is empty is left out, so that the hub writes it in each reader's language (NO2). */
export function toSend(draft: Draft): SendInput {
  const title = draft.title.trim()
  const message = draft.message.trim()
  const data = dataOf(draft)
  const toShop = {
    location_id: draft.shopId.trim(),
    ...(draft.roles === 'everyone' ? {} : { roles: [draft.roles] }),
  }
  return {
    to: draft.target === 'shop' ? toShop : { user_id: draft.personId },
    type: draft.kind,
    ...(title && { title }),
    ...(message && { message }),
    ...(data && { data }),
    ...(draft.priority && { priority: draft.priority }),
    ...(draft.requiresAck && { requires_ack: true }),
  }
}

const FIELD_OF: Record<string, Field> = {
  '/to/location_id': 'shopId',
  '/to/user_id': 'personId',
  '/to/roles': 'roles',
  '/type': 'kind',
  '/title': 'title',
  '/message': 'message',
  '/data/effective_from': 'effectiveFrom',
  '/data/policy_id': 'policyId',
  '/data/version': 'version',
  '/priority': 'priority',
  '/requires_ack': 'requiresAck',
}

/** The form's field for a pointer of the answer; null where the form has none. */
export function fieldOf(pointer: string, draft: Draft): Field | null {
  if (pointer === '/to') return draft.target === 'shop' ? 'shopId' : 'personId'
  return FIELD_OF[pointer] ?? (pointer.startsWith('/to/roles') ? 'roles' : null)
}
