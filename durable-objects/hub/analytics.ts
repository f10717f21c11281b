// [OP2] The same counters for Analytics Engine, where it is bound: one data point for each report that D1 took.
import { ENDED, type HubReport } from '../../db/hub-stats.ts'
import { logLine } from './log-line.ts'

/** The order is the interface: queries name doubles by their number (docs/OPERATIONS.md). */
export function writePoint(
  dataset: AnalyticsEngineDataset | undefined,
  { hub, sockets, backlog, parked, counts }: HubReport,
): void {
  if (dataset === undefined) return
  const ended = ENDED.reduce((sum, name) => sum + counts[name], 0)
  try {
    dataset.writeDataPoint({
      indexes: [hub],
      blobs: [hub.slice(0, hub.indexOf(':'))],
      doubles: [
        sockets,
        counts.sent,
        counts.received,
        counts.opened,
        counts.reconnections,
        counts.resumes,
        counts.errors,
        ended,
        counts.ended_s,
        backlog,
        parked,
      ],
    })
  } catch (error) {
    // A figure that is lost there is no reason to lose anything here.
    logLine('analytics.lost', { stream: hub }, error)
  }
}
