/** `polo-accounts accounts` and `history`: what the registry holds. */
import { Option, type Command } from 'commander';
import { POLO_STATUSES, type AccountEvent, type AccountRow, type PoloStatus } from '../domain/contract.ts';
import { accountId } from './arguments.ts';
import { EXIT } from './failures.ts';
import { cut, minute, table } from './output.ts';
import { readAllAccounts, readHistory } from './registry.ts';
import { withTemporal } from './temporal.ts';
import { outputWidth, printData, say } from './terminal.ts';

/** One long name must not push what matters off the screen; `--json` has it whole. A sixth of a terminal is enough. */
const widest = (width: number): number => Math.min(32, Math.floor(width / 6));

/** Accounts for people; lines take at most `width` columns. No account, no text. */
export const accountsTable = (rows: AccountRow[], width = Infinity): string =>
  rows.length === 0
    ? ''
    : table(
        ['ACCOUNT', 'NAME', 'ORG UNIT', 'STATUS', 'LAST SCAN', 'WHY'],
        rows.map((row) => [
          row.account_id,
          cut(row.account_name, widest(width)),
          cut(row.org_unit, widest(width)),
          row.polo_status,
          minute(row.last_successful_scan),
          row.last_scan_error,
        ]),
        width,
      );

/** An account's history for people; lines take at most `width` columns. No event, no text. */
export const historyTable = (events: AccountEvent[], width = Infinity): string =>
  events.length === 0
    ? ''
    : table(
        ['AT', 'WHAT', 'STATUS', 'BY', 'UNTIL', 'REASON'],
        events.map((event) => [
          minute(event.at),
          event.kind,
          statusCell(event),
          event.actor,
          event.until === null ? '' : minute(event.until),
          event.reason,
        ]),
        width,
      );

const statusCell = ({ from_status: from, to_status: to }: AccountEvent): string =>
  from === to || from === '' ? to : `${from} -> ${to}`;

/** Adds the commands to the program. */
export const addAccounts = (program: Command): void => {
  program
    .command('accounts')
    .description('List the accounts of the registry.')
    .addOption(new Option('--status <status>', 'only accounts with this status').choices(POLO_STATUSES))
    .option('--json', 'print the rows as JSON, with the columns of the registry')
    .action(async ({ status, json = false }: { status?: PoloStatus; json?: boolean }) => {
      await withTemporal(async (desk) => {
        const rows = await readAllAccounts(desk, status);
        printData(json, rows, () => accountsTable(rows, outputWidth()));
        if (rows.length === 0) {
          say(
            status === undefined
              ? 'The registry is empty. Next: polo-accounts discover.'
              : `No account is ${status}. polo-accounts accounts lists all of them.`,
          );
        }
        return EXIT.good;
      });
    });

  program
    .command('history')
    .description('Tell what happened to an account, and who did it.')
    .argument('<id>', 'id of the account', accountId)
    .option('--json', 'print the events as JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      await withTemporal(async (desk) => {
        const events = await readHistory(desk, id);
        printData(json, events, () => historyTable(events, outputWidth()));
        if (events.length === 0)
          say(`The registry has no history of ${id}. Next: polo-accounts discover --account ${id}.`);
        return EXIT.good;
      });
    });
};
