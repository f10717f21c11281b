// Signing out without a network: it holds in this browser at once, and the server hears of it when it can be reached.
import { failureOf, type Keep } from './seat.ts'

/**
 * The browser's note of a sign-out that the server has not heard of. The cookie, which no script can take away, lets
 * nobody in while it stands.
 */
export const LEAVING = 'shopbell.leaving'

/** `endByCookie`: tells the server after a reload, when the cookie is all there is. */
export function createLeaving(browser: Keep, endByCookie: () => Promise<void>) {
  let pending: (() => Promise<void>) | null = null

  function drop() {
    pending = null
    browser.removeItem(LEAVING)
  }

  /** Answers whether the server knows now. */
  async function finish(): Promise<boolean> {
    try {
      await (pending ?? endByCookie)()
    } catch (error) {
      // Refused: nobody is signed in there any more.
      if (failureOf(error).code !== 'unauthorized') return false
    }
    drop()
    return true
  }

  return {
    drop,
    finish,
    isPending: () => pending !== null || browser.getItem(LEAVING) !== null,
    /** `end` tells the server. Noted before it is asked: the window may be closed before it answers. */
    begin(end: () => Promise<void>, { byCookie }: { byCookie: boolean }): Promise<boolean> {
      pending = end
      if (byCookie) browser.setItem(LEAVING, 'yes')
      return finish()
    },
  }
}
export type Leaving = ReturnType<typeof createLeaving>
