import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Reading } from '../stores/reading.ts'

/** Less than this is still the top: a thumb at rest, or a bounce. */
const TOP_PX = 8

/** Tells the store when the list is scrolled away from its top, and that it left the screen. */
export function useScrollLine(reading: Reading): {
  scroller: RefObject<HTMLDivElement | null>
  onScroll: () => void
  toTop: () => void
} {
  const scroller = useRef<HTMLDivElement>(null)
  useEffect(() => () => reading.settle(), [reading])
  const onScroll = () => {
    if ((scroller.current?.scrollTop ?? 0) > TOP_PX) reading.scrolledAway()
    else reading.backAtTop()
  }
  const toTop = () => {
    reading.backAtTop()
    const list = scroller.current
    if (!list) return
    list.scrollTop = 0
    // The pill that had the focus goes away; the newest row is where the person wants to be.
    requestAnimationFrame(() => list.querySelector<HTMLElement>('.row-link')?.focus())
  }
  return { scroller, onScroll, toTop }
}
