import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need a real OpenStack, or programs that have to be built: npm run test:lab, npm run test:kubernetes.
    exclude: ['test/lab/**', 'test/kubernetes/cluster.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
