// Who sits in this window, and what of it is kept: by the window between its reloads, and never a token (AU5).
import { signal } from '@preact/signals'
import * as v from 'valibot'
import { ShopbellError, type Shopbell } from '../../client/index.ts'
import { Me } from '../../protocol/api.ts'
import { asDemoPerson, bySession, watched, type MakeShopbell, type SignIn } from './ways-in.ts'

/**
 * - failed: the server did not let them in
 * - unreachable: no answer
 * - busy: it answers, and cannot do it now
 * - ended: they were signed in, and are not any more
 * - refused: what the platform's page brought is not taken
 * - unknown: it is, but the person is not in the directory
 * - still_open, only_here: they signed out, here or everywhere, and the server has not heard of it
 */
export type SignInProblem =
  | 'failed'
  | 'unreachable'
  | 'busy'
  | 'ended'
  | 'refused'
  | 'unknown'
  | 'still_open'
  | 'only_here'

/** `demo`: in this window alone; `session`: by the cookie, in every window of the browser. */
export type By = 'demo' | 'session'

export type Session =
  /** Asking who is here. */
  | { name: 'arriving' }
  | { name: 'signed_out'; problem: SignInProblem | null }
  | { name: 'signing_in'; userId: string }
  | { name: 'signed_in'; me: Me; shopbell: Shopbell; by: By }

export type SignedIn = Extract<Session, { name: 'signed_in' }>

export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const KEPT = 'shopbell.me'
const Kept = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ by: v.picklist(['demo', 'session']), me: Me }),
)
type Kept = v.InferOutput<typeof Kept>

/** What is not a failure of ours is a bug, and goes on being thrown. */
export function failureOf(error: unknown): ShopbellError {
  if (error instanceof ShopbellError) return error
  throw error
}

export function createSeat(make: MakeShopbell, keep: Keep) {
  const state = signal<Session>({ name: 'arriving' })
  let wishes = 0

  function ifTheirs(shopbell: Shopbell, run: (now: SignedIn) => void) {
    const now = state.peek()
    if (now.name === 'signed_in' && now.shopbell === shopbell) run(now)
  }

  function sit(now: Omit<SignedIn, 'name'>) {
    keep.setItem(KEPT, JSON.stringify({ by: now.by, me: now.me }))
    state.value = { name: 'signed_in', ...now }
  }

  /** Leaves the window; the server is not told. */
  function leave(problem: SignInProblem | null) {
    const now = state.peek()
    wishes += 1
    keep.removeItem(KEPT)
    state.value = { name: 'signed_out', problem }
    if (now.name === 'signed_in') now.shopbell.stop()
  }

  const end = (shopbell: Shopbell) => ifTheirs(shopbell, () => leave('ended'))

  return {
    state,
    leave,
    /** Answers whether this is still the last thing that was wished for: another's answer counts no more. */
    wish() {
      const mine = (wishes += 1)
      return () => mine === wishes
    },
    kept(): Kept | null {
      const kept = v.safeParse(Kept, keep.getItem(KEPT))
      return kept.success ? kept.output : null
    },
    make(signIn: SignIn): Shopbell {
      const shopbell = make(watched(signIn, () => end(shopbell)))
      return shopbell
    },
    enter(me: Me, shopbell: Shopbell, by: By) {
      sit({ me, shopbell, by })
      const learn = () =>
        learnMe(shopbell, (news) => ifTheirs(shopbell, (now) => sit({ ...now, me: news })))
      shopbell.connection.onFrames((frames) => {
        if (frames.some((frame) => frame.type === 'membership')) void learn()
      })
      shopbell.connection.subscribe((now) => {
        if (now.name === 'stopped' && now.reason === 'unauthorized') end(shopbell)
      })
      shopbell.start()
      return learn
    },
  }
}
export type Seat = ReturnType<typeof createSeat>

/** Shops and roles may have changed since they were kept. */
async function learnMe({ api }: Shopbell, tell: (me: Me) => void): Promise<void> {
  try {
    tell(await api.me())
  } catch (error) {
    // What is kept still holds; the connection says by itself when there is no way in.
    failureOf(error)
  }
}

/** Back in at once after a reload, with or without a network. */
export function resume(seat: Seat, { by, me }: Kept): void {
  const signIn = by === 'demo' ? asDemoPerson(me.id) : bySession(null, me.id)
  const learn = seat.enter(me, seat.make(signIn), by)
  void learn()
}
