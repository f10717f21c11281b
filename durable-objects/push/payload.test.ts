import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barePayload, MAX_PAYLOAD_BYTES, pushPayload, type Shown } from './payload.ts'

const shown: Shown = {
  tag: '019e3f60-7a10-7c3e-8f5a-2b9d41c6e803',
  title: 'New booking',
  body: 'Nora Lind booked a cut.',
  navigate: 'https://shop.example/n/019e3f60-7a10-7c3e-8f5a-2b9d41c6e803',
  at: Date.UTC(2026, 10, 23, 9),
  priority: 'high',
  replaces: null,
  badge: 3,
}

interface Message {
  notification: { title: string; body?: string; silent: boolean; data: object }
  app_badge?: number
}
const written = (change: Partial<Shown> = {}) =>
  JSON.parse(pushPayload({ ...shown, ...change })) as Message
const sizeOf = (text: string) => new TextEncoder().encode(text).length

describe('pushPayload', () => {
  test('[RE3] is the shape of Declarative Web Push', () => {
    expect(written()).toEqual({
      web_push: 8030,
      notification: {
        title: 'New booking',
        body: 'Nora Lind booked a cut.',
        dir: 'auto',
        tag: shown.tag,
        navigate: shown.navigate,
        timestamp: shown.at,
        silent: false,
        data: { priority: 'high' },
      },
      mutable: true,
      app_badge: 3,
    })
  })

  test('[RE3] what is not known is not said; what is of low priority makes no noise', () => {
    expect(written({ badge: null })).not.toHaveProperty('app_badge')
    expect(written({ priority: 'low' }).notification.silent).toBe(true)
    expect(written({ replaces: 'an id' }).notification.data).toEqual({
      priority: 'high',
      replaces: 'an id',
    })
  })

  test.each([
    ['letters', 'x'],
    ['three bytes each', '€'],
    ['four bytes each', '🔔'],
    ['what JSON writes longer', '\n'],
    ['control characters', '\u0001'],
  ])('[RE3] a body of %s is cut where it must be, and shows it', (_what, unit) => {
    const body = `Start${unit.repeat(4_000)}`
    const text = pushPayload({ ...shown, body })
    expect(sizeOf(text)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
    const cut = (JSON.parse(text) as Message).notification.body ?? ''
    expect(cut.startsWith('Start') && cut.endsWith('…')).toBe(true)
    // No code point is split, and there is no room left for one more.
    expect(cut.isWellFormed()).toBe(true)
    if (unit.trim() !== '') expect(sizeOf(text)).toBeGreaterThan(MAX_PAYLOAD_BYTES - 12)
  })

  test('[RE3] whatever is sent fits, and what fits is whole', () => {
    const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength })
    fc.assert(
      fc.property(text(200), text(4_000), (title, body) => {
        const payload = pushPayload({ ...shown, title, body })
        expect(sizeOf(payload)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
        const said = (JSON.parse(payload) as Message).notification
        expect(said.title).toBe(title)
        if (said.body !== undefined && !said.body.endsWith('…')) expect(said.body).toBe(body)
      }),
      { numRuns: 200 },
    )
  })

  test('[RE3] for a service that wants less there is the title alone', () => {
    const { notification } = JSON.parse(barePayload(shown)) as Message
    expect(notification).not.toHaveProperty('body')
    expect(notification.title).toBe('New booking')
  })
})
