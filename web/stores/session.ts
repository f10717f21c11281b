// Coming in and going: somebody whom the platform's page hands over, a demo person kept in this window, or whom the
// browser's cookie names, in this order (AU2, AU3).
import { createModel } from '@preact/signals'
import type { ShopbellError } from '../../client/index.ts'
import { createLeaving, type Leaving } from './leaving.ts'
import {
  createSeat,
  failureOf,
  resume,
  type Keep,
  type Seat,
  type SignedIn,
  type SignInProblem,
} from './seat.ts'
import { asDemoPerson, asNobody, bySession, type MakeShopbell } from './ways-in.ts'

const TO_TRY_AGAIN: readonly SignInProblem[] = ['unreachable', 'busy', 'still_open', 'only_here']
export const canTryAgain = (problem: SignInProblem | null) =>
  problem !== null && TO_TRY_AGAIN.includes(problem)

/** Having no session is no problem of who comes without being handed over. */
function problemOnArrival(error: ShopbellError, isHandedOver: boolean): SignInProblem | null {
  if (error.code === 'network') return 'unreachable'
  if (error.retryable) return 'busy'
  if (!isHandedOver) return error.code === 'unauthorized' ? null : 'failed'
  return error.code === 'forbidden' ? 'unknown' : 'refused'
}

/** By the platform's JWT, or else by the cookie. */
async function arrive(seat: Seat, subjectToken: string | null): Promise<void> {
  const isCurrent = seat.wish()
  const shopbell = seat.make(bySession(subjectToken, null))
  try {
    const me = await shopbell.api.me()
    if (isCurrent()) seat.enter(me, shopbell, 'session')
  } catch (error) {
    const problem = problemOnArrival(failureOf(error), subjectToken !== null)
    if (isCurrent()) seat.leave(problem)
  }
}

async function signInDemo(seat: Seat, userId: string): Promise<void> {
  const isCurrent = seat.wish()
  seat.state.value = { name: 'signing_in', userId }
  const shopbell = seat.make(asDemoPerson(userId))
  try {
    const me = await shopbell.api.me()
    if (isCurrent()) seat.enter(me, shopbell, 'demo')
  } catch (error) {
    const { code } = failureOf(error)
    if (isCurrent()) seat.leave(code === 'network' ? 'unreachable' : 'failed')
  }
}

/** From here at once; the server is told as soon as it can be. */
async function depart(seat: Seat, leaving: Leaving, now: SignedIn, everywhere: boolean) {
  const { shopbell, by } = now
  seat.leave(null)
  const isCurrent = seat.wish()
  // Who leaves every device leaves nothing of theirs on this one.
  if (everywhere) void shopbell.forgetUnsent()
  // A demo person is this window's own; the cookie may be of the person in another window.
  const end = () => shopbell.api.signOut({ everywhere, keepCookie: by === 'demo' })
  const isDone = await leaving.begin(end, { byCookie: by === 'session' })
  if (!isDone && isCurrent()) seat.leave(everywhere ? 'only_here' : 'still_open')
}

export const SessionModel = createModel((make: MakeShopbell, keep: Keep, browser: Keep) => {
  const seat = createSeat(make, keep)
  const leaving = createLeaving(browser, () => seat.make(asNobody).api.signOut())
  /** Of the last hand-over, for trying it again. */
  let subjectToken: string | null = null

  async function come() {
    const isCurrent = seat.wish()
    seat.state.value = { name: 'arriving' }
    if (!leaving.isPending()) return arrive(seat, subjectToken)
    const isDone = await leaving.finish()
    if (!isCurrent()) return
    if (subjectToken === null) return seat.leave(isDone ? null : 'still_open')
    return isDone ? arrive(seat, subjectToken) : seat.leave('unreachable')
  }

  return {
    state: seat.state,
    /** `handedOver`: the JWT that the platform's page brought; it counts before everybody who is here. */
    async begin(handedOver: string | null) {
      subjectToken = handedOver
      const kept = seat.kept()
      const mayStay = kept?.by === 'demo' || !leaving.isPending()
      if (handedOver === null && kept && mayStay) return resume(seat, kept)
      seat.leave(null)
      await come()
    },
    /** Comes or goes again, where the last try failed for now. */
    async tryAgain() {
      const now = seat.state.peek()
      if (now.name === 'signed_out' && canTryAgain(now.problem)) await come()
    },
    async signIn(userId: string) {
      if (seat.state.peek().name !== 'signed_out') return
      subjectToken = null
      // The cookie is about to be another one.
      leaving.drop()
      await signInDemo(seat, userId)
    },
    async signOut({ everywhere }: { everywhere: boolean }) {
      const now = seat.state.peek()
      if (now.name !== 'signed_in') return
      subjectToken = null
      await depart(seat, leaving, now, everywhere)
    },
    /** Only this window: the session goes on, and somebody else can be here. */
    stepAside: () => seat.leave(null),
    /** Another window of this browser has signed out. */
    leftElsewhere() {
      const now = seat.state.peek()
      if (now.name === 'signed_in' && now.by === 'session') seat.leave('ended')
    },
  }
})
export type SessionStore = InstanceType<typeof SessionModel>
