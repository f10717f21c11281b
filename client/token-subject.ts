// Whom an access token is for. Read to notice another person's token; the server is who verifies it.
import * as v from 'valibot'

const Payload = v.pipe(v.string(), v.parseJson(), v.object({ sub: v.string() }))

/** Null: nothing that we can read. */
export function subjectOf(token: string): string | null {
  const [, payload = ''] = token.split('.')
  const parsed = v.safeParse(Payload, decoded(payload))
  return parsed.success ? parsed.output.sub : null
}

function decoded(base64url: string): string {
  try {
    return atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
