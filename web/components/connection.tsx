// The state of the line, plainly: a word and a picture in the header, a sentence when it matters.
import type { ComponentType, SVGAttributes } from 'preact'
import Check from '~icons/lucide/circle-check'
import Pause from '~icons/lucide/circle-pause'
import Clock from '~icons/lucide/clock'
import Refresh from '~icons/lucide/refresh-cw'
import WifiOff from '~icons/lucide/wifi-off'
import { useWebSocket } from '../../client/preact.ts'
import { connectionLook, type ConnectionLook } from '../format/connection.ts'
import { useWords } from '../hooks/use-app.ts'

const PICTURES: Record<ConnectionLook, ComponentType<SVGAttributes<SVGSVGElement>>> = {
  connected: Check,
  connecting: Refresh,
  reconnecting: Refresh,
  degraded: Clock,
  offline: WifiOff,
  stopped: Pause,
}

export function ConnectionBadge() {
  const look = connectionLook(useWebSocket().connection)
  const words = useWords()
  const Picture = PICTURES[look]
  return (
    <p class={`connection connection-${look}`} role="status">
      <Picture width={16} height={16} />
      {words.connection[look]}
    </p>
  )
}

/** Nothing while all is well or about to be. */
export function ConnectionNote() {
  const { connection, reconnect } = useWebSocket()
  const words = useWords().connection
  if (connection.name === 'stopped') {
    return (
      <p class="note note-bad">
        <span>{connection.reason === 'replaced' ? words.replacedNote : words.stoppedNote}</span>
        <button type="button" class="button" onClick={reconnect}>
          {words.reconnect}
        </button>
      </p>
    )
  }
  const look = connectionLook(connection)
  if (look === 'offline') return <p class="note note-bad">{words.offlineNote}</p>
  if (look === 'degraded') return <p class="note">{words.degradedNote}</p>
  return look === 'reconnecting' ? <p class="note">{words.reconnectingNote}</p> : null
}
