// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from 'vitest'
import { browserHints, NO_HINTS } from './system.ts'
import type { Hint } from './types.ts'

afterEach(() => vi.restoreAllMocks())

describe("a window's hints", () => {
  function heard() {
    const hints: Hint[] = []
    const end = browserHints().listen((hint) => hints.push(hint))
    return { hints, end }
  }

  const show = (state: 'visible' | 'hidden') => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
    document.dispatchEvent(new Event('visibilitychange'))
  }

  test.each<[string, Hint]>([
    ['online', 'online'],
    ['offline', 'offline'],
    ['focus', 'focus'],
    ['pageshow', 'visible'],
  ])('%s', (event, hint) => {
    const { hints, end } = heard()
    window.dispatchEvent(new Event(event))
    expect(hints).toEqual([hint])
    end()
  })

  test('seen, and not seen any more', () => {
    const { hints, end } = heard()
    show('hidden')
    show('visible')
    expect(hints).toEqual(['hidden', 'visible'])
    end()
  })

  test('who stopped listening hears nothing', () => {
    const { hints, end } = heard()
    end()
    window.dispatchEvent(new Event('online'))
    show('hidden')
    expect(hints).toEqual([])
  })

  test('how it is now', () => {
    const hints = browserHints()
    show('hidden')
    expect(hints.isVisible()).toBe(false)
    show('visible')
    expect(hints.isVisible()).toBe(true)
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect(hints.isOnline()).toBe(false)
  })
})

test('a program without a window is online and visible, and nobody says otherwise', () => {
  expect(NO_HINTS.isOnline() && NO_HINTS.isVisible()).toBe(true)
  expect(NO_HINTS.listen(() => expect.unreachable())()).toBeUndefined()
})
