import { describe, expect, test } from 'vitest'
import { takeSubjectToken } from './hand-over.ts'
import { subjectOf } from '../../client/token-subject.ts'

function take(address: string) {
  const shown: unknown[][] = []
  const token = takeSubjectToken(new URL(address), {
    state: 'kept',
    replaceState: (...all) => void shown.push(all),
  })
  return { token, shown }
}

describe('[AU2] the fragment of a hand-over', () => {
  test.each([
    ['a JWT', '#subject_token=aa.b-b.c_c', 'aa.b-b.c_c'],
    ['an escaped one', '#subject_token=a%3Db', 'a=b'],
    ['among others', '#theme=dark&subject_token=t', 't'],
    ['an empty one', '#subject_token=', ''],
    ['the first of two', '#subject_token=a&subject_token=b', 'a'],
  ])('%s is taken out of the address, which stays otherwise', (_what, fragment, token) => {
    const taken = take(`https://bell.test/n/1?from=shop${fragment}`)
    expect(taken).toEqual({ token, shown: [['kept', '', '/n/1?from=shop']] })
  })

  test.each(['', '#', '#inbox', '#subject=1', '?subject_token=a'])('%j brings nobody', (end) => {
    expect(take(`https://bell.test/${end}`)).toEqual({ token: null, shown: [] })
  })
})

test.each([
  ['a token', `h.${btoa('{"sub":"ben","x":"~~~???"}')}.s`, 'ben'],
  ['one in base64url', 'h.eyJzdWIiOiJiZW4iLCJ4Ijoifn5-Pz8_In0.s', 'ben'],
  ['no payload', 'opaque', null],
  ['no JSON', `h.${btoa('hello')}.s`, null],
  ['no subject', `h.${btoa('{}')}.s`, null],
  ['no base64', 'h.*.s', null],
])('whom it is for: %s', (_what, token, subject) => {
  expect(subjectOf(token)).toBe(subject)
})
