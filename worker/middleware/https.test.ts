import { expect, test } from 'vitest'
import { isInTheClear } from './https.ts'

test.each([
  ['https://shop.example/', undefined, false],
  ['http://shop.example/', undefined, true],
  ['http://shop.example/', 'https', false],
  ['https://shop.example/', 'http', true],
  ['https://shop.example/', 'http, https', true],
  ['http://localhost:8787/', undefined, false],
  ['http://127.0.0.1:8787/', undefined, false],
  ['http://[::1]:8787/', undefined, false],
  ['http://localhost.shop.example/', undefined, true],
  ['http://127.0.0.1.shop.example/', undefined, true],
])('[CO8] %s forwarded as %s: in the clear %s', (url, forwarded, expected) => {
  expect(isInTheClear(new URL(url), forwarded)).toBe(expected)
})
