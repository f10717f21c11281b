// npm run conformance -- --url <base>: holds the numbered rules of docs/SPEC.md against a running Shopbell, over HTTP and
// WebSocket alone, and prints rule by rule what holds. docs/OPERATIONS.md says what it takes to get in.

import { parseArgs } from 'node:util'
import { CHAPTERS } from '../conformance/chapters.ts'
import { linesOf } from '../conformance/report.ts'
import { NoServer, runConformance } from '../conformance/run.ts'
import { PlainFailure, runMain } from './lib/fail.ts'

const HELP = `npm run conformance -- --url <base> [...]
  --only WS,CO5        only rules whose ids begin like this
  --slow               also what takes more than ten seconds
  --faults             also with the archive away (a development server of your own)
  --json               one JSON object instead of lines
  --verbose            each check, also of rules that hold
  --origin <page>      a page on the allow-list (default: the base)
  --client-id <id>     a service key with all scopes; its secret in SHOPBELL_CLIENT_SECRET
  --token-command <c>  prints a subject token for the user in SHOPBELL_USER
  --admin <user id>    an admin whom --token-command can sign in
  SHOPBELL_CLIENT_ID, SHOPBELL_TOKEN_COMMAND, METRICS_TOKEN: the same from the environment`

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    only: { type: 'string', default: '' },
    slow: { type: 'boolean', default: false },
    faults: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    origin: { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'token-command': { type: 'string' },
    admin: { type: 'string' },
  },
})

await runMain(async () => {
  if (values.help) return console.log(HELP)
  const report = await runConformance(CHAPTERS, orderFrom(process.env)).catch((error: unknown) => {
    throw error instanceof NoServer ? new PlainFailure(error.message) : error
  })
  if (values.json) console.log(JSON.stringify(report, null, 2))
  else for (const line of linesOf(report, values.verbose)) console.log(line)
  if (report.findings.some(({ verdict }) => verdict === 'broken')) process.exitCode = 1
})

function orderFrom(env: NodeJS.ProcessEnv) {
  const { url, only, slow, faults, origin } = values
  if (url === undefined || !URL.canParse(url)) {
    throw new PlainFailure('--url is missing or no URL.\n' + HELP)
  }
  const given = {
    clientId: values['client-id'] ?? env['SHOPBELL_CLIENT_ID'],
    clientSecret: values['client-secret'] ?? env['SHOPBELL_CLIENT_SECRET'],
    tokenCommand: values['token-command'] ?? env['SHOPBELL_TOKEN_COMMAND'],
    metricsToken: env['METRICS_TOKEN'],
    admin: values.admin,
  }
  return {
    url,
    given: Object.fromEntries(Object.entries(given).filter(([, one]) => one !== undefined)),
    wishes: { slow, faults, ...(origin !== undefined && { origin }) },
    only: only.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim().toUpperCase()])),
  }
}
