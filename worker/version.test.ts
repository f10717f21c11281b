import { expect, test } from 'vitest'
import { version } from '../package.json'
import { VERSION } from './version.ts'

test('[CO7] the version that /healthz tells is the one of the package', () => {
  expect(VERSION).toBe(version)
})
