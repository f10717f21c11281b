// Says to a screen reader that something came in, once for many, and never takes the focus.
import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp, useWords } from '../hooks/use-app.ts'

/** A calendar import brings many at once; they are one announcement. */
const QUIET_MS = 1_500

export function Announcer() {
  const arrivals = useApp().reading.arrivals.value
  const words = useWords().inbox
  const said = useRef(arrivals)
  const [text, setText] = useState('')
  useEffect(() => {
    if (arrivals === said.current) return
    // Emptied first: the same words twice in a row would not be read out again.
    setText('')
    const timer = setTimeout(() => {
      setText(words.announce(arrivals - said.current))
      said.current = arrivals
    }, QUIET_MS)
    return () => clearTimeout(timer)
  }, [arrivals, words])
  return (
    <p class="hidden-text" role="status">
      {text}
    </p>
  )
}
