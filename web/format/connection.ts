// Nine states of a connection are six words for a person.
import type { ConnectionState } from '../../client/types.ts'

export type ConnectionLook =
  | 'connected'
  | 'connecting'
  | 'reconnecting'
  | 'degraded'
  | 'offline'
  | 'stopped'

export function connectionLook(state: ConnectionState): ConnectionLook {
  switch (state.name) {
    case 'live':
      return 'connected'
    case 'connecting':
    case 'resuming':
      return state.attempt > 0 ? 'reconnecting' : 'connecting'
    case 'waiting':
    case 'paused':
      return 'reconnecting'
    case 'idle':
      return 'connecting'
    default:
      return state.name
  }
}
