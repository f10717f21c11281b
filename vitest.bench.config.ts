import { defineConfig } from 'vitest/config'

/** Whether the bench works, on servers of its own; how fast we are is what `npm run bench` says. */
export default defineConfig({
  test: {
    name: 'bench',
    include: ['bench/smoke.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
})
