/** Counts what vitest ran: tests, and files or hooks that broke before a test could. */
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export class Counting implements Reporter {
  passed = 0;
  failed = 0;

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.failed += errors.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      this.passed += tests.filter((test) => test.result().state === 'passed').length;
      const failures = tests.filter((test) => test.result().state === 'failed').length;
      this.failed += module.state() === 'failed' ? Math.max(failures, 1) : failures;
    }
  }
}
