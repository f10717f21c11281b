// One Shopbell is one person's: what they did must not leave under another's name, whoever signs in beside them.
import { ShopbellError } from './errors.ts'
import { subjectOf } from './token-subject.ts'
import type { GetToken } from './types.ts'

/** The first token says whose it is; one of somebody else is refused. Null: a token that we cannot read. */
export function ofOnePerson(getToken: GetToken, begin: (userId: string | null) => void): GetToken {
  let person: string | null = null
  return async (options) => {
    const answer = await getToken(options)
    const subject = subjectOf(answer.token)
    if (person !== null && subject !== person) {
      throw new ShopbellError('unauthorized', { detail: 'somebody else signed in here' })
    }
    person = subject
    begin(person)
    return answer
  }
}
