import { useEffect, useState } from 'preact/hooks'

const LONG_MS = 1_000

/** True once it has been true for a while: what is over in a moment needs no words. */
export function useLasting(now: boolean): boolean {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (!now) return setLong(false)
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => clearTimeout(timer)
  }, [now])
  return now && isLong
}
