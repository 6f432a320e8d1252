#!/usr/bin/env node
/** The command `polo-accounts`: all data comes and goes through Temporal (design 7). */
import { Command, CommanderError } from 'commander';
import { addAccounts } from './accounts.ts';
import { addCoverage } from './coverage.ts';
import { addDiscovery } from './discovery.ts';
import { addDoctor } from './doctor.ts';
import { EXIT, failureOf } from './failures.ts';
import { addOnboarding } from './onboarding.ts';
import { addSchedules } from './schedules.ts';
import { printData, sayFailure } from './terminal.ts';
import { addVerification } from './verification.ts';

const HELP = `
Exit codes:
  0    all is well
  1    something is not: a discovery incomplete, with failures or inconclusive accounts; coverage not ok;
       a verified account not active; an onboarding that failed; a check of doctor that failed; a workflow that failed
  2    wrong usage, input or configuration
  3    Temporal cannot be reached
  130  left with Ctrl-C; what was started goes on in Temporal

Environment:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and all that the temporal command reads; POLO_TASK_QUEUE (polo-accounts);
  POLO_TEMPORAL_UI_URL, for links; POLO_DISCOVERY_CRON, POLO_COVERAGE_CRON, POLO_DIGEST_CRON, for schedules apply

Data goes to standard output, talk to standard error. With --json an error is { "error": { "code", "message" } }.`;

const program = new Command('polo-accounts')
  .description("The AWS accounts that Polo knows: discover, onboard, verify, exclude them, and see what isn't covered.")
  .addHelpText('after', HELP)
  .showHelpAfterError('(--help tells more)')
  .exitOverride();
const COMMANDS = [addDiscovery, addOnboarding, addVerification, addAccounts, addCoverage, addSchedules, addDoctor];
for (const add of COMMANDS) add(program);

/** Tells the failure on standard error, and as data if JSON was asked for. Returns the exit code. */
const conclude = (error: unknown): number => {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.good;
  const usage = error instanceof CommanderError;
  const failure = usage
    ? { code: 'InvalidInput', message: error.message.replace(/^error: /, ''), exitCode: EXIT.usage }
    : failureOf(error);
  // Of usage errors commander has already told.
  if (!usage) sayFailure(failure);
  const { code, message, exitCode } = failure;
  if (process.argv.includes('--json')) printData(true, { error: { code, message } }, () => '');
  return exitCode;
};

// Somebody who reads only the first lines, such as head, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.good : EXIT.notAllWell);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = conclude(error);
}
