/** Part of `npm test`: gets the Temporal server that the tests start, before any test's time limit runs, and says what is missing. */
import { findChromium } from './findChromium.ts';
import { findTemporal } from './findTemporal.ts';

try {
  await findTemporal((line) => process.stderr.write(`polo-accounts: ${line}\n`));
} catch (error) {
  process.stderr.write(`polo-accounts: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

try {
  findChromium();
} catch (error) {
  process.stderr.write(`polo-accounts: ${error instanceof Error ? error.message : String(error)}\n`);
}
