/** `polo-accounts discover`: brings the registry up to date with the organization. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import {
  DISCOVERY_WORKFLOW_ID,
  type DiscoverAccountsInput,
  type DiscoverAccountsResult,
  type StatusChange,
} from '../domain/contract.ts';
import { labelOf } from '../domain/account.ts';
import { tallyLine } from '../domain/discovery.ts';
import { accountIds, checkedInput, count, userName } from './arguments.ts';
import { failureSections, section } from './failureList.ts';
import { EXIT } from './failures.ts';
import { lines } from './output.ts';
import { withTemporal } from './temporal.ts';
import { printData, say } from './terminal.ts';
import { runWorkflow, type Desk } from './workflows.ts';

/** Runs a discovery, or joins the one that runs, and waits for its result. Throws RunFailed. */
export const runDiscovery = (desk: Desk, input: DiscoverAccountsInput): Promise<DiscoverAccountsResult> => {
  const workflowId = `${DISCOVERY_WORKFLOW_ID}/cli-${randomUUID()}`;
  // A full run happens under the one id that locks it.
  const progressOf = input.accountIds ? workflowId : DISCOVERY_WORKFLOW_ID;
  const work = { type: 'discoverAccounts', workflowId, input, summary: `by ${userName()}`, progressOf } as const;
  return runWorkflow(desk, work);
};

/** A discovery's result for people: counts, changes, failures with their runbooks. */
export const discoveryText = (result: DiscoverAccountsResult, dryRun = false): string =>
  lines(
    discoveryLine(result, dryRun),
    ...section(dryRun ? 'Would change' : 'Changes', result.changes.map(changeLine)),
    ...failureSections(result.failures),
  );

/** The counts alone. */
export const discoveryLine = (result: DiscoverAccountsResult, dryRun = false): string => {
  const outcome = result.complete ? 'Discovery complete' : 'Discovery NOT complete';
  return `${outcome}${dryRun ? ' (dry run, nothing was written)' : ''}: ${tallyLine(result)}.`;
};

const changeLine = ({ from, to, reason, ...account }: StatusChange): string =>
  `${labelOf(account)}: ${from === '' ? 'new' : from} -> ${to}` + (reason === '' ? '' : ` (${reason})`);

/** Everything was listed, handled and judged. */
const allWell = ({ complete, failed, failures, inconclusive }: DiscoverAccountsResult): boolean =>
  complete && failed === 0 && failures.length === 0 && inconclusive === 0;

interface Options {
  dryRun?: true;
  account?: string[];
  acceptDepartures?: number;
  acceptRefusals?: true;
  json?: true;
}

const inputOf = ({ dryRun, account, acceptDepartures, acceptRefusals }: Options): DiscoverAccountsInput => ({
  ...(dryRun && { dryRun }),
  ...(account && { accountIds: account }),
  ...(acceptDepartures !== undefined && { acceptDepartures }),
  ...(acceptRefusals && { acceptRefusals }),
});

/** Adds the command to the program. */
export const addDiscovery = (program: Command): void => {
  program
    .command('discover')
    .summary('Read the organization, verify every account, bring the registry up to date.')
    .description(
      'Reads the AWS organization, verifies every account and brings the registry up to date; joins a discovery that runs.\n' +
        'Exits with 1 if it is not complete, or if any account failed or could not be judged.',
    )
    .option('--dry-run', 'list and verify, write nothing, say what would change')
    .option('--account <id...>', 'only these accounts; nobody departs', accountIds)
    .option(
      '--accept-departures <n>',
      'accept that exactly this many accounts left, though over half are missing',
      count,
    )
    .option('--accept-refusals', 'go on although every account of the first sample refuses Polo')
    .option('--json', 'print the result as JSON')
    .action(async (options: Options) => {
      const input = checkedInput('discoverAccounts', inputOf(options));
      await withTemporal(async (desk) => {
        const { accountIds: ids } = input;
        const which = ids?.length === 1 ? ids.join() : `${ids === undefined ? 'all' : String(ids.length)} accounts`;
        say(`Discovering ${which} …`);
        const result = await runDiscovery(desk, input);
        printData(options.json ?? false, result, () => discoveryText(result, input.dryRun));
        return allWell(result) ? EXIT.good : EXIT.notAllWell;
      });
    });
};
