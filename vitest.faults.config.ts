import { defineConfig } from 'vitest/config'

/** A few seeded schedules of faults on a server that is killed and started again; hundreds with `npm run faults`. */
export default defineConfig({
  test: {
    name: 'faults',
    include: ['tests/faults/live.test.ts'],
    hookTimeout: 280_000,
  },
})
