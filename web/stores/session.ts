// Who is signed in, in this window. The name of the person is kept per window, so that two windows
// can be two people and a reload stays signed in; tokens live in the client's memory only (AU5).
import { createModel, signal } from '@preact/signals'
import * as v from 'valibot'
import { createShopbell, ShopbellError, type Shopbell } from '../../client/index.ts'
import { Me } from '../../protocol/api.ts'
import { randomId } from './random-id.ts'

export type SignInProblem = 'failed' | 'unreachable' | 'ended'

export type Session =
  | { name: 'signed_out'; problem: SignInProblem | null }
  | { name: 'signing_in'; userId: string }
  | { name: 'signed_in'; me: Me; shopbell: Shopbell }

/** What is kept between reloads of one window. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export type MakeShopbell = (userId: string) => Shopbell

const KEPT = 'shopbell.me'
const Kept = v.pipe(v.string(), v.parseJson(), Me)

/**
 * The device is unique to one load of the page: a duplicated tab copies its storage, and must not
 * take the other's place (WS7).
 */
export const makeDevShopbell: MakeShopbell = (userId) =>
  createShopbell({ device: `web-${randomId()}`, signIn: (api) => api.signInDev(userId) })

function problemOf(error: unknown): SignInProblem {
  if (!(error instanceof ShopbellError)) throw error
  return error.code === 'network' ? 'unreachable' : 'failed'
}

export const SessionModel = createModel((make: MakeShopbell, keep: Keep) => {
  const kept = v.safeParse(Kept, keep.getItem(KEPT))
  const state = signal<Session>({ name: 'signed_out', problem: null })

  function enter(me: Me, shopbell: Shopbell) {
    keep.setItem(KEPT, JSON.stringify(me))
    state.value = { name: 'signed_in', me, shopbell }
    shopbell.connection.onFrames((frames) => {
      if (frames.some((frame) => frame.type === 'membership')) void learnMe(shopbell)
    })
    shopbell.connection.subscribe((connection) => {
      if (connection.name === 'stopped' && connection.reason === 'unauthorized') signOut('ended')
    })
    shopbell.start()
  }

  function signOut(problem: SignInProblem | null) {
    const now = state.peek()
    keep.removeItem(KEPT)
    state.value = { name: 'signed_out', problem }
    if (now.name === 'signed_in') now.shopbell.stop()
  }

  /** Shops and roles may have changed since they were kept. */
  async function learnMe(shopbell: Shopbell) {
    try {
      const me = await shopbell.api.me()
      const now = state.peek()
      if (now.name !== 'signed_in' || now.shopbell !== shopbell) return
      keep.setItem(KEPT, JSON.stringify(me))
      state.value = { ...now, me }
    } catch (error) {
      // What is kept still holds; the connection says by itself when there is no way in.
      if (!(error instanceof ShopbellError)) throw error
    }
  }

  if (kept.success) {
    const shopbell = make(kept.output.id)
    enter(kept.output, shopbell)
    void learnMe(shopbell)
  }

  return {
    state,
    async signIn(userId: string) {
      if (state.peek().name !== 'signed_out') return
      state.value = { name: 'signing_in', userId }
      const shopbell = make(userId)
      try {
        enter(await shopbell.api.me(), shopbell)
      } catch (error) {
        state.value = { name: 'signed_out', problem: problemOf(error) }
      }
    },
    signOut: () => signOut(null),
  }
})
export type SessionStore = InstanceType<typeof SessionModel>
