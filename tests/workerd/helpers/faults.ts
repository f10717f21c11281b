// [AR8] The faults of development, set as anybody sets them: over REST.
import type { FaultsBody } from '../../../protocol/api.ts'
import { must } from './api.ts'

/** What is missing is off; without an argument everything is. */
export const setFaults = (faults: FaultsBody = {}) =>
  must<FaultsBody>('PUT /__faults', { body: faults })

/** Time passes: deadlines are met, hubs try again what failed. Nobody waits for it. */
export const letPass = (ms: number) => setFaults({ clock_ahead_ms: ms })
