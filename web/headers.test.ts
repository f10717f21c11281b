import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const headers = readFileSync(new URL('public/_headers', import.meta.url), 'utf8')
const page = readFileSync(new URL('index.html', import.meta.url), 'utf8')

const policy = new Map(
  (/^\s+Content-Security-Policy: (.+)$/m.exec(headers)?.[1] ?? '')
    .split(';')
    .map((directive) => directive.trim().split(' '))
    .map(([name = '', ...sources]) => [name, sources.join(' ')]),
)

describe('the headers of the app', () => {
  test.each([
    ['default-src', "'none'"],
    ['script-src', "'self'"],
    ['style-src', "'self'"],
    ['connect-src', "'self'"],
    ['worker-src', "'self'"],
    ['base-uri', "'none'"],
    ['form-action', "'self'"],
    ['frame-ancestors', "'none'"],
    ['require-trusted-types-for', "'script'"],
    ['trusted-types', 'service-worker'],
  ])('%s is %s and no wider', (directive, sources) => {
    expect(policy.get(directive)).toBe(sources)
  })

  test('nothing inline and nothing of other hosts is let in', () => {
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*|https?:/)
  })

  test('content is not guessed, and no address leaks to other sites', () => {
    expect(headers).toContain('X-Content-Type-Options: nosniff')
    expect(headers).toContain('Referrer-Policy: no-referrer')
  })

  test('the page has nothing that the policy would stop', () => {
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/)
    expect(page.match(/<script(?! type="module" src=)/g)).toBeNull()
  })
})
