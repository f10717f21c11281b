import { defineConfig } from 'vitest/config'

/** Browser tests: they drive whole servers and a Chromium (CHROME_PATH), so one file at a time. */
export default defineConfig({
  test: {
    name: 'e2e',
    include: ['tests/e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
