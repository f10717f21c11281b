// [TR6] What the person did and the server has not taken yet: a mark where it shows, and one line for all of it.
import CloudUpload from '~icons/lucide/cloud-upload'
import { useNotifications, useWebSocket } from '../../client/preact.ts'
import { useWords } from '../hooks/use-app.ts'
import { useLasting } from '../hooks/use-lasting.ts'

/** It fades in late (`.late`): with a network the change is sent before anybody sees it. */
export function UnsentMark({ id }: { id: string }) {
  const { unsent } = useNotifications()
  if (!unsent.ids.has(id)) return null
  return <CloudUpload class="late unsent-mark" data-testid="unsent" width={16} height={16} />
}

export function UnsentDetail({ id }: { id: string }) {
  const { unsent } = useNotifications()
  const words = useWords().detail
  if (!unsent.ids.has(id)) return null
  return (
    <p class="late soft detail-unsent">
      <CloudUpload width={20} height={20} />
      {words.unsent}
    </p>
  )
}

/** Nothing while all of it leaves at once. */
export function UnsentNote() {
  const { count, isLasting } = useNotifications().unsent
  const { name } = useWebSocket().connection
  const words = useWords().inbox
  if (!useLasting(count > 0)) return null
  const hasNetwork = name === 'live' || name === 'degraded' || name === 'stopped'
  const say = hasNetwork ? words.unsentWaiting : words.unsentOffline
  return (
    <p class="note note-plain" role="status">
      <CloudUpload width={20} height={20} />
      <span>{isLasting ? say(count) : words.unsentOpen(count)}</span>
    </p>
  )
}
