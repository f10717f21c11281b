// The report as people read it: a line for each rule, and what is behind it where it does not simply hold.
import { RULES } from './check.ts'
import type { Finding, Report, Verdict } from './run.ts'
import { redacted } from './trace.ts'

const SIGNS: Record<Verdict, string> = {
  holds: '✓',
  broken: '✗',
  not_built: '○',
  not_checked: '–',
}

/** One broken promise breaks the rule; what was not looked at never makes it hold. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const order: Verdict[] = ['broken', 'holds', 'not_built', 'not_checked']
  return order.find((one) => findings.some(({ verdict }) => verdict === one)) ?? 'not_checked'
}

export function linesOf(report: Report, isVerbose: boolean): string[] {
  const byRule = Map.groupBy(report.findings, ({ rule }) => rule)
  const rules = RULES.filter((rule) => byRule.has(rule))
  return [
    ...rules.flatMap((rule) => ruleLines(rule, byRule.get(rule) ?? [], isVerbose)),
    '',
    ...summaryLines(report),
  ]
}

function ruleLines(rule: string, findings: Finding[], isVerbose: boolean): string[] {
  const verdict = verdictOf(findings)
  const head = `${SIGNS[verdict]} ${rule.padEnd(5)}${headline(verdict, findings)}`
  // One reason for all is said once.
  const isSaid = verdict === 'not_checked' && whysOf(findings).length === 1
  if (isSaid && !isVerbose) return [head]
  return [head, ...findings.flatMap((one) => findingLines(one, verdict, isVerbose))]
}

const whysOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ why }) => why))]

function headline(verdict: Verdict, findings: readonly Finding[]): string {
  const count = (which: Verdict) => findings.filter((one) => one.verdict === which).length
  const all = findings.length
  switch (verdict) {
    case 'broken':
      return `broken (${count('broken')} of ${all} checks)`
    case 'holds':
      return count('holds') === all
        ? `holds (${all} ${all === 1 ? 'check' : 'checks'})`
        : `holds as far as checked (${count('holds')} of ${all} checks)`
    case 'not_built':
      return 'not built (501)'
    case 'not_checked': {
      const [why = '', ...others] = whysOf(findings)
      return others.length === 0 ? `not checked (${why})` : 'not checked'
    }
  }
}

function findingLines(one: Finding, whole: Verdict, isVerbose: boolean): string[] {
  const line = `    ${SIGNS[one.verdict]} ${one.says}`
  switch (one.verdict) {
    case 'holds':
      return isVerbose ? [line] : []
    case 'not_built':
      return whole === 'not_built' && !isVerbose ? [] : [`${line}: not built (501)`]
    case 'not_checked':
      return [`${line}: not checked (${one.why ?? ''})`]
    case 'broken':
      return [
        line,
        `        expected: ${redacted(one.expected ?? '')}`,
        `        came:     ${redacted(one.came ?? '')}`,
        ...(one.said ?? []).map((said) => `        ${said}`),
      ]
  }
}

function summaryLines({ findings, left, url, version, development, ms }: Report): string[] {
  const byRule = [...Map.groupBy(findings, ({ rule }) => rule).values()].map(verdictOf)
  const rules = (which: Verdict) => byRule.filter((one) => one === which).length
  const checks = (which: Verdict) => findings.filter((one) => one.verdict === which).length
  const where = `Shopbell ${version} on ${url}${development ? ', in development' : ''}`
  return [
    `${where}: ${rules('holds')} rules hold, ${rules('broken')} broken, ` +
      `${rules('not_built')} not built, ${rules('not_checked')} not checked`,
    `${findings.length} checks: ${checks('holds')} hold, ${checks('broken')} broken, ` +
      `${checks('not_built')} not built, ${checks('not_checked')} not checked, ` +
      `in ${(ms / 1_000).toFixed(1)} s`,
    ...left.map((path) => `left behind: ${path}`),
  ]
}
