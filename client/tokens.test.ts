import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../tests/fakes/fake-clock.ts'
import { settled, ShopbellError } from './errors.ts'
import { createTokenSource, SIGN_IN_PATIENCE_MS } from './tokens.ts'

function source(expiresIn = 900) {
  const clock = createFakeClock()
  const signIns: number[] = []
  const state = { fails: false }
  const getToken = createTokenSource(async () => {
    signIns.push(clock.now())
    await Promise.resolve()
    if (state.fails) throw new ShopbellError('network')
    return {
      access_token: `token-${signIns.length}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
    } as const
  }, clock)
  return { clock, getToken, state, signIns }
}

describe('a token source', () => {
  test('signs in when it is first asked, and says when the token ends', async () => {
    const { clock, getToken, signIns } = source()
    expect(signIns).toEqual([])
    expect(await getToken()).toMatchObject({
      token: 'token-1',
      expiresAt: clock.now() + 900_000,
    })
  })

  test('keeps the token while it lives', async () => {
    const { clock, getToken, signIns } = source()
    await getToken()
    await clock.advance(839_999)
    expect((await getToken()).token).toBe('token-1')
    expect(signIns).toHaveLength(1)
  })

  test('[AU3] signs in again 60 s before the end', async () => {
    const { clock, getToken } = source()
    await getToken()
    await clock.advance(840_000)
    expect((await getToken()).token).toBe('token-2')
  })

  test('a token that hardly lives longer than that is kept for half its life', async () => {
    const { clock, getToken } = source(20)
    await getToken()
    await clock.advance(9_999)
    expect((await getToken()).token).toBe('token-1')
    await clock.advance(1)
    expect((await getToken()).token).toBe('token-2')
  })

  test('however many ask at once, it signs in once', async () => {
    const { getToken, signIns } = source()
    const all = await Promise.all([getToken(), getToken(), getToken({ refresh: true })])
    expect(all.map(({ token }) => token)).toEqual(['token-1', 'token-1', 'token-1'])
    expect(signIns).toHaveLength(1)
  })

  test('a refused token is not answered again', async () => {
    const { clock, getToken } = source()
    await getToken()
    await clock.advance(10_000)
    expect((await getToken({ refresh: true })).token).toBe('token-2')
    expect((await getToken()).token).toBe('token-2')
  })

  test('several requests refused at the same moment are one sign-in', async () => {
    const { clock, getToken, signIns } = source()
    await getToken()
    await clock.advance(10_000)
    await getToken({ refresh: true })
    await clock.advance(1_000)
    await getToken({ refresh: true })
    expect(signIns).toHaveLength(2)
  })

  test('a failed sign-in is told, does not bring the refused token back, and is tried again', async () => {
    const { clock, getToken, state } = source()
    await getToken()
    await clock.advance(10_000)
    state.fails = true
    await expect(getToken({ refresh: true })).rejects.toMatchObject({ code: 'network' })
    state.fails = false
    expect((await getToken()).token).toBe('token-3')
  })

  test('a sign-in that hangs is given up, and the next one is asked anew', async () => {
    const clock = createFakeClock()
    let signIns = 0
    const token = { access_token: 'late', token_type: 'Bearer', expires_in: 900 } as const
    const getToken = createTokenSource(
      () => (++signIns === 1 ? new Promise(() => {}) : Promise.resolve(token)),
      clock,
    )
    const outcome = settled(getToken())
    await clock.advance(SIGN_IN_PATIENCE_MS)
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'network' } })
    expect((await getToken()).token).toBe('late')
    expect(clock.timers()).toEqual([])
  })

  test('a sign-in that throws before it asks anybody is asked again, too', async () => {
    let signIns = 0
    const getToken = createTokenSource(() => {
      signIns += 1
      throw new ShopbellError('network')
    }, createFakeClock())
    await expect(getToken()).rejects.toThrow()
    await expect(getToken()).rejects.toThrow()
    expect(signIns).toBe(2)
  })
})
