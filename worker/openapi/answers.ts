// The answers that have no schema of their own in protocol/, because no program of ours parses them.
import * as v from 'valibot'
import { Member, Page } from '../../protocol/api.ts'
import { ERRORS, type ErrorCode, type Problem } from '../../protocol/errors.ts'
import { LocationId, UserId, Uuid } from '../../protocol/ids.ts'
import { Role } from '../../protocol/notification.ts'

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]

const FieldError = v.object({ pointer: v.string(), message: v.string() })

/** [CO3] A field of the interface that is missing here does not compile. */
export const ProblemBody = v.object({
  type: v.string(),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  detail: v.string(),
  code: v.picklist(CODES),
  request_id: Uuid,
  errors: v.optional(v.array(FieldError)),
} satisfies Record<keyof Problem, v.GenericSchema>)

export const Health = v.object({ status: v.literal('ok'), version: v.string() })

export const KeySet = v.object({
  keys: v.array(
    v.object({
      kty: v.literal('EC'),
      crv: v.literal('P-256'),
      x: v.string(),
      y: v.string(),
      kid: v.string(),
      alg: v.literal('ES256'),
      use: v.literal('sig'),
    }),
  ),
})

export const MemberAnswer = v.object({ location_id: LocationId, user_id: UserId, role: Role })

export const MembersAnswer = v.object({ data: v.array(Member), page: Page })

const Sent = v.object({
  id: Uuid,
  stream: v.string(),
  seq: v.number(),
  archived: v.boolean(),
  status: v.picklist([201, 202]),
  idempotent_replayed: v.optional(v.literal(true)),
})

/** [NO3] One item of a batch: accepted, or a problem of its own. */
export const BatchResult = v.union([Sent, ProblemBody])

export const BatchAnswer = v.object({ results: v.array(BatchResult) })
