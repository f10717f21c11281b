import { existsSync } from 'node:fs'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { configDefaults, defineConfig } from 'vitest/config'
import { makeSigningKeys } from './scripts/lib/signing-keys.ts'
import { makeVapidKey } from './scripts/lib/vapid-key.ts'

const jsx = { runtime: 'automatic', importSource: 'preact' } as const

export default defineConfig({
  test: {
    projects: [
      {
        oxc: { jsx },
        test: {
          name: 'unit',
          // Property tests are bounded by their runs; on a busy machine those take a while.
          testTimeout: 60_000,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [
            ...configDefaults.exclude,
            '**/dist/**',
            'tests/workerd/**',
            'tests/e2e/**',
            'tests/faults/live.test.ts',
            'bench/smoke.test.ts',
          ],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: existsSync('migrations')
                  ? await readD1Migrations('migrations')
                  : [],
                ENVIRONMENT: 'development',
                SIGNING_KEYS: await makeSigningKeys(),
                VAPID_PRIVATE_KEY: await makeVapidKey(),
                VAPID_SUBJECT: 'mailto:ops@shop.example',
                RATE_LIMITS: 'off',
                METRICS_TOKEN: 'the-token-of-the-metrics',
                ALLOWED_ORIGINS: 'http://localhost:8787',
              },
            },
          })),
        ],
        test: {
          name: 'workerd',
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: ['tests/workerd/**/*.test.ts'],
          setupFiles: ['tests/workerd/setup.ts'],
        },
      },
    ],
  },
})
