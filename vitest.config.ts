import { defineConfig } from 'vitest/config';

// *.cloud.test.ts are the contract of the OpenStack stand-in; where OS_AUTH_URL is set they run against that cloud as well.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need a real OpenStack: npm run test:lab.
    exclude: ['test/lab/**'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
