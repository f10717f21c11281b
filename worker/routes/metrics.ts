// [OP2] The counters as Prometheus reads them.
import { ENDED } from '../../db/hub-stats.ts'
import { DURATION_BOUNDS_S } from '../../durable-objects/core/durations.ts'
import { bearerToken } from '../auth/guard.ts'
import { hashSecret, isSecret } from '../auth/secrets.ts'
import type { RequestContext } from '../context.ts'
import { HttpProblem, notFound } from '../problem.ts'
import { backlogAge, readSums, type Sums } from '../totals.ts'
import { VERSION } from '../version.ts'

/** GET /metrics. Where no token is set there is no such path: figures are nobody's by accident. */
export async function readMetrics(c: RequestContext): Promise<Response> {
  const token = c.var.configuration.settings.METRICS_TOKEN
  if (token === undefined) throw notFound('There is no such path.')
  if (!(await isSecret(bearerToken(c) ?? '', await hashSecret(token)))) {
    throw new HttpProblem('unauthorized', 'The token of the metrics is needed.', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
  }
  return c.text(metricsText(await readSums(c)), 200, {
    'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
  })
}

type Kind = 'gauge' | 'counter'

const PREFIX = 'shopbell_'

/** Pure: the text format of Prometheus, 0.0.4. */
export function metricsText(sums: Sums): string {
  const figures: [name: string, kind: Kind, help: string, value: number][] = [
    ['connections', 'gauge', 'Open sockets.', sums.sockets],
    ['users_online', 'gauge', 'People with an open socket of their own.', sums.users],
    ['messages_sent_total', 'counter', 'Texts sent on sockets.', sums.sent],
    ['messages_received_total', 'counter', 'Texts received on sockets.', sums.received],
    ['connections_opened_total', 'counter', 'Sockets opened.', sums.opened],
    ['reconnections_total', 'counter', 'Sockets opened by who had been here.', sums.reconnections],
    ['resumes_total', 'counter', 'Reconnections that missed nothing.', sums.resumes],
    ['errors_total', 'counter', 'Frames refused, and sockets that broke.', sums.errors],
    ['archive_backlog', 'gauge', 'Entries that D1 does not have yet.', sums.backlog],
    ['archive_backlog_age_seconds', 'gauge', 'Age of the oldest of them.', backlogAge(sums)],
    ['archive_parked', 'gauge', 'Entries that D1 refused.', sums.parked],
  ]
  const lines = figures.flatMap(([name, kind, help, value]) => [
    `# HELP ${PREFIX}${name} ${help}`,
    `# TYPE ${PREFIX}${name} ${kind}`,
    `${PREFIX}${name} ${value}`,
  ])
  return [...lines, ...durationLines(sums), ...buildLines(), ''].join('\n')
}

function durationLines(sums: Sums): string[] {
  const name = `${PREFIX}connection_duration_seconds`
  let count = 0
  const buckets = ENDED.map((bucket, index) => {
    count += sums[bucket]
    return `${name}_bucket{le="${DURATION_BOUNDS_S[index] ?? '+Inf'}"} ${count}`
  })
  return [
    `# HELP ${name} How long connections lasted that have ended.`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_sum ${sums.ended_s}`,
    `${name}_count ${count}`,
  ]
}

const buildLines = () => [
  `# HELP ${PREFIX}build_info The version that answers.`,
  `# TYPE ${PREFIX}build_info gauge`,
  `${PREFIX}build_info{version="${VERSION}"} 1`,
]
