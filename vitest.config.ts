import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/global.ts'],
    reporters: ['default', './test/setup/reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // Google's clients look for a cloud metadata server even when an emulator is named.
    env: { METADATA_SERVER_DETECTION: 'none' },
    // kafkajs sets timers with a negative delay; Node runs them at once and warns each time.
    execArgv: ['--disable-warning=TimeoutNegativeWarning']
  }
})
