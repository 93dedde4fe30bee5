import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source'] };
const ssr = { resolve: { conditions: ['source'] } };

/** Unit tests need no server; integration tests start real ones; e2e tests start the whole system. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: [
            '{proto,packages,services}/**/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'tests/{tidy,contract}/**/*.test.ts',
            'tests/security/dependencies.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'integration',
          include: [
            '{proto,packages,services}/**/src/**/*.integration.test.ts',
            'tests/contract/**/*.integration.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each file has servers of its own; more at once would tell of the machine, not of the code.
          maxWorkers: 2,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['tests/{e2e,chaos,security}/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'tests/security/dependencies.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
