/** The spec reporter, which also writes `N passed, N failed` to the file of its option `output`; a skipped test counts as failed. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { output } = options.reporterOptions as { output: string };
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(output, `${passes} passed, ${failures + pending} failed\n`);
    });
  }
}
