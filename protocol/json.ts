// A JSON object. The library's record takes a list, too, and a list is not what anybody means by `data`.
import * as v from 'valibot'

export const JsonObject = v.pipe(
  v.custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  ),
  v.record(v.string(), v.unknown()),
)
