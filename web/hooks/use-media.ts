import { useEffect, useState } from 'preact/hooks'

/** Does the window match a media query now? */
function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const onChange = () => setMatches(list.matches)
    onChange()
    list.addEventListener('change', onChange)
    return () => list.removeEventListener('change', onChange)
  }, [query])
  return matches
}

/** List and detail stand side by side from here on; styles/inbox.css has the same number. */
export const useIsWide = () => useMedia('(min-width: 900px)')
