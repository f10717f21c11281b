// What of the inbox is on the screen. While a person reads further down, newer entries wait behind a
// pill instead of pushing away what is being read; at the top they come in at once.
import { computed, createModel, effect, signal, type ReadonlySignal } from '@preact/signals'
import type { InboxEntry, InboxState } from '../../client/types.ts'

/** Lists are ordered by this pair (CO4). */
type Position = Pick<InboxEntry, 'sent_at' | 'id'>

/** Older than anything: in an inbox that was empty everything is new. */
const BEGINNING: Position = { sent_at: '', id: '' }

function isNewer(one: Position, than: Position) {
  if (one.sent_at !== than.sent_at) return one.sent_at > than.sent_at
  return one.id > than.id
}

export const ReadingModel = createModel((inbox: ReadonlySignal<InboxState>) => {
  /** Set while the person has scrolled away: nothing above this line is shown. */
  const line = signal<Position | null>(null)
  /** The newest that was there when the list came on the screen; what is above it has just arrived. */
  const settled = signal<Position | null>(null)
  const newest = computed<Position>(() => inbox.value.notifications[0] ?? BEGINNING)
  const arrivals = signal(0)

  let last: Position | null = null
  effect(() => {
    const { status } = inbox.value
    const top = newest.value
    if (status === 'loading' || status === 'failed') return
    if (last === null) {
      // The first list is what was there, however new; only what comes after it rings.
      settled.value = top
    } else if (isNewer(top, last)) {
      const before = last
      const came = inbox.value.notifications.filter((one) => isNewer(one, before)).length
      arrivals.value = arrivals.peek() + came
    }
    if (last === null || isNewer(top, last)) last = top
  })

  const shown = computed(() => {
    const held = line.value
    const all = inbox.value.notifications
    return held === null ? all : all.filter((one) => !isNewer(one, held))
  })

  return {
    shown,
    /** How many wait behind the pill. */
    waiting: computed(() => inbox.value.notifications.length - shown.value.length),
    /** Rises by what comes in after the first list: the bell swings when it does. */
    arrivals: arrivals as ReadonlySignal<number>,
    hasJustArrived: (entry: Position) => settled.value !== null && isNewer(entry, settled.value),
    scrolledAway() {
      line.value ??= newest.value
    },
    backAtTop() {
      line.value = null
    },
    /** The list left the screen: what is there now is not new when it comes back. */
    settle() {
      line.value = null
      if (last !== null) settled.value = last
    },
  }
})
export type Reading = InstanceType<typeof ReadingModel>
