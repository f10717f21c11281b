import { useEffect, useRef } from 'preact/hooks'

let isFirstPage = true

/** Focus goes to a page's heading when somebody comes there, so that a screen reader starts there too. */
export function usePageHeading() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // The first page of a load is the browser's own affair.
    if (!isFirstPage) heading.current?.focus()
    isFirstPage = false
  }, [])
  return heading
}
