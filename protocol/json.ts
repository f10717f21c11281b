// A JSON object. The library's record takes a list, too, and a list is not what anybody means by `data`.
import * as v from 'valibot'

export const NoList = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)

export const JsonObject = v.pipe(NoList, v.record(v.string(), v.unknown()))
