import { useEffect } from 'preact/hooks'
import { useNotifications } from '../../client/preact.ts'
import { useApp } from './use-app.ts'

/** [IN3] Seen = the inbox was open on it. What waits behind the pill was not. */
export function useMarkSeen() {
  const { counts, markSeen } = useNotifications()
  const { reading, now } = useApp()
  const waiting = reading.waiting.value
  // `now` moves when the window is looked at again, so what came meanwhile is marked then.
  const at = now.value
  useEffect(() => {
    if (counts.unseen > 0 && waiting === 0 && document.visibilityState === 'visible') markSeen()
  }, [counts.unseen, waiting, markSeen, at])
}
