// The time now, for words like "12 min". It moves when a minute begins, and at once when the window
// is looked at again, because a sleeping phone runs no timers.
import { createModel, effect, signal, type ReadonlySignal } from '@preact/signals'

const MINUTE_MS = 60_000

export const ClockModel = createModel((read: () => number, page: Document) => {
  const now = signal(read())
  effect(() => {
    let timer: ReturnType<typeof setTimeout>
    const tick = () => {
      clearTimeout(timer)
      const at = read()
      now.value = at
      timer = setTimeout(tick, MINUTE_MS - (at % MINUTE_MS))
    }
    const onVisible = () => {
      if (page.visibilityState === 'visible') tick()
    }
    tick()
    page.addEventListener('visibilitychange', onVisible)
    return () => {
      clearTimeout(timer)
      page.removeEventListener('visibilitychange', onVisible)
    }
  })
  return { now: now as ReadonlySignal<number> }
})
