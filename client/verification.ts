/** `polo-accounts verify`, `exclude` and `include`: acts on single accounts. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import PQueue from 'p-queue';
import { outcomeLine } from '../domain/change.ts';
import type { AccountRow, ExcludeAccountInput, IncludeAccountInput, VerifyAccountInput } from '../domain/contract.ts';
import { accountId, accountIds, checkedInput, userName } from './arguments.ts';
import { EXIT, failureOf, type Failure } from './failures.ts';
import { lines } from './output.ts';
import { withTemporal } from './temporal.ts';
import { printData, say, sayFailure, showProgress } from './terminal.ts';
import { runWorkflow, type Desk, type Work } from './workflows.ts';

/** Verifications that one command has in flight. */
const LANES = 10;

const run = (
  desk: Desk,
  type: Work['type'],
  idPrefix: string,
  input: VerifyAccountInput | ExcludeAccountInput | IncludeAccountInput,
  by: string,
): Promise<AccountRow> => {
  const workflowId = `${idPrefix}/${input.accountId}/${randomUUID()}`;
  return runWorkflow(desk, { type, workflowId, input, summary: `by ${by}` });
};

/** What came of one of several verifications. */
type Outcome = { row: AccountRow } | { account_id: string; failure: Failure };

/** Verifies accounts side by side; a failing one does not stop the others. Outcomes come in the order of the ids. */
const verifyAll = async (desk: Desk, ids: string[]): Promise<Outcome[]> => {
  const lanes = new PQueue({ concurrency: LANES });
  let done = 0;
  return lanes.addAll(
    ids.map((id) => async (): Promise<Outcome> => {
      try {
        return { row: await run(desk, 'verifyAccount', 'verify-account', { accountId: id }, userName()) };
      } catch (error) {
        return { account_id: id, failure: failureOf(error) };
      } finally {
        showProgress(`${String((done += 1))}/${String(ids.length)} verified`);
      }
    }),
  );
};

const verify = async (desk: Desk, ids: string[], json: boolean): Promise<number> => {
  const outcomes = await verifyAll(desk, ids);
  const rows = outcomes.flatMap((outcome) => ('row' in outcome ? [outcome.row] : []));
  const failed = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome] : []));
  const data = outcomes.map((outcome) => {
    if ('row' in outcome) return outcome.row;
    const { code, message } = outcome.failure;
    return { account_id: outcome.account_id, error: { code, message } };
  });
  printData(json, data, () => lines(...rows.map((row) => outcomeLine(row, ''))));
  for (const { account_id, failure } of failed) {
    sayFailure({ ...failure, message: `${account_id}: ${failure.message}` });
  }
  if (failed.length > 0) return Math.max(EXIT.notAllWell, ...failed.map(({ failure }) => failure.exitCode));
  return rows.every((row) => row.polo_status === 'active') ? EXIT.good : EXIT.notAllWell;
};

const verifyOne = async (desk: Desk, id: string, json: boolean): Promise<number> => {
  const row = await run(desk, 'verifyAccount', 'verify-account', { accountId: id }, userName());
  printData(json, row, () => lines(outcomeLine(row, '')));
  return row.polo_status === 'active' ? EXIT.good : EXIT.notAllWell;
};

interface ExcludeOptions {
  reason: string;
  until?: string;
  by: string;
  json?: boolean;
}

/** Adds the commands to the program. */
export const addVerification = (program: Command): void => {
  program
    .command('verify')
    .summary('Verify the roles of accounts now.')
    .description('Verifies the roles of accounts now. Exits with 1 if one of them is not active.')
    .argument('<id...>', 'ids of accounts', accountIds)
    .option('--json', 'print the row as JSON, or for several accounts an array of rows')
    .action(async (ids: string[], { json = false }: { json?: boolean }) => {
      await withTemporal((desk) => {
        const [first] = ids;
        say(`Verifying ${ids.length === 1 ? String(first) : `${String(ids.length)} accounts`} …`);
        return ids.length === 1 && first !== undefined ? verifyOne(desk, first, json) : verify(desk, ids, json);
      });
    });

  program
    .command('exclude')
    .description('Take an account out of verification, collection and coverage.')
    .argument('<id>', 'id of the account', accountId)
    .requiredOption('--reason <text>', 'why; it stands in the registry and in the history')
    .option(
      '--until <date>',
      'last day, or time with zone, in ISO 8601; without it until somebody includes the account',
    )
    .option('--by <name>', 'who decided', userName())
    .option('--json', 'print the row as JSON')
    .action(async (id: string, { reason, until, by, json = false }: ExcludeOptions) => {
      const given = { accountId: id, reason, ...(until !== undefined && { until }), by };
      const input = checkedInput<ExcludeAccountInput>('excludeAccount', given);
      await withTemporal(async (desk) => {
        const row = await run(desk, 'excludeAccount', 'exclude-account', input, by);
        printData(json, row, () => lines(outcomeLine(row, '')));
        return EXIT.good;
      });
    });

  program
    .command('include')
    .description('End the exclusion of an account, and verify it.')
    .argument('<id>', 'id of the account', accountId)
    .option('--by <name>', 'who decided', userName())
    .option('--json', 'print the row as JSON')
    .action(async (id: string, { by, json = false }: { by: string; json?: boolean }) => {
      const input = checkedInput<IncludeAccountInput>('includeAccount', { accountId: id, by });
      await withTemporal(async (desk) => {
        const row = await run(desk, 'includeAccount', 'include-account', input, by);
        printData(json, row, () => lines(outcomeLine(row, '')));
        return EXIT.good;
      });
    });
};
