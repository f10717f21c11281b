import { describe, expect, test } from 'vitest'
import { pushPayload } from '../../durable-objects/push/payload.ts'
import { landingOf, shownOf } from './shown.ts'

const ORIGIN = 'https://shop.example'
const payload = pushPayload({
  tag: 'the id',
  title: 'New booking',
  body: 'At noon.',
  navigate: `${ORIGIN}/n/1`,
  at: 1_000,
  priority: 'urgent',
  replaces: 'the one before',
  badge: 3,
})

describe('shownOf', () => {
  test('[RE3] shows what the server declares', () => {
    expect(shownOf(payload)).toEqual({
      title: 'New booking',
      options: {
        body: 'At noon.',
        dir: 'auto',
        tag: 'the id',
        timestamp: 1_000,
        silent: false,
        requireInteraction: true,
        data: { navigate: `${ORIGIN}/n/1` },
      },
      replaces: 'the one before',
      badge: 3,
    })
  })

  test.each([
    null,
    '',
    'hello',
    'null',
    '[]',
    '{}',
    '{"notification":7}',
    '{"notification":{"title":7}}',
  ])('[RE3] of %s it shows that there is something', (text) => {
    expect(shownOf(text)).toMatchObject({ title: 'Shopbell', replaces: null, badge: null })
  })
})

describe('landingOf', () => {
  test.each([
    [`${ORIGIN}/n/1`, '/n/1'],
    ['/n/1', '/n/1'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['data:text/html,hello', '/'],
    ['https://', '/'],
    [7, '/7'],
    [undefined, '/'],
  ])('a click on what says %s leads to %s here', (navigate, path) => {
    expect(landingOf({ navigate }, ORIGIN)).toBe(`${ORIGIN}${path}`)
  })

  test('without data it leads to the start', () => {
    expect(landingOf(null, ORIGIN)).toBe(`${ORIGIN}/`)
  })
})
