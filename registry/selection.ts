/** Which accounts somebody means: those to onboard, and those that a collector runs on. */
import type { AccountSelection, SelectedAccount } from '../domain/account.ts';
import type { CollectionTarget } from '../domain/collection.ts';
import type { AccountFilter } from '../domain/contract.ts';
import type { Database } from './client.ts';
import { type Milliseconds, toTimeOrNull } from './columns.ts';
import { cutPage, pageRows } from './pages.ts';

/** SQL that is true for accounts of the unit in parameter `name`, or of one below it. */
const inUnit = (unit: string): string =>
  `(${unit} = '/' OR org_unit = ${unit} OR startsWith(org_unit, concat(${unit}, '/')))`;

/** A SELECT of the accounts that left the organization and did not return. */
export const departed = (database: Database): string =>
  `SELECT account_id FROM ${database.name}.aws_account_events FINAL
   WHERE kind IN ('departed', 'returned')
   GROUP BY account_id HAVING argMax(kind, (at, event_id)) = 'departed'`;

/** A page of the ids of all accounts that have not left the organization. */
export const readKnownAccountIds = async (
  database: Database,
  input: { after?: string; limit: number },
): Promise<{ accountIds: string[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const found = await database.read<{ account_id: string }>(
    `${database.name}.aws_accounts`,
    `SELECT account_id FROM ${database.name}.aws_accounts FINAL
     WHERE account_id > {after:String} AND account_id NOT IN (${departed(database)})
     ORDER BY account_id LIMIT {rows:UInt32}`,
    { after: input.after ?? '', rows: limit + 1 },
  );
  const { rows, ...rest } = cutPage(found, limit, (row) => row.account_id);
  return { accountIds: rows.map((row) => row.account_id), ...rest };
};

/** A page of the accounts that a selection means, by account id. */
export const selectAccounts = async (
  database: Database,
  input: AccountSelection & { after?: string; limit: number },
): Promise<{ accounts: SelectedAccount[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const { accountIds = [], statuses = [], orgUnit = '/', after = '' } = input;
  const found = await database.read<SelectedAccount>(
    `${database.name}.aws_accounts`,
    `SELECT account_id AS accountId, account_name AS accountName FROM ${database.name}.aws_accounts FINAL
     WHERE account_id > {after:String}
       AND (empty({ids:Array(String)}) OR account_id IN {ids:Array(String)})
       AND (empty({statuses:Array(String)}) OR polo_status IN {statuses:Array(String)})
       AND ${inUnit('{unit:String}')}
     ORDER BY account_id LIMIT {rows:UInt32}`,
    { after, ids: accountIds, statuses, unit: orgUnit, rows: limit + 1 },
  );
  const { rows, ...rest } = cutPage(found, limit, (account) => account.accountId);
  return { accounts: rows, ...rest };
};

/** SQL for a filter whose lists are the parameters `<name>_ids`, `_units`, `_roles` and `_owners`. */
const fits = (name: string, combine: 'AND' | 'OR'): string => {
  const field = (list: string, condition: string): string => {
    const values = `{${name}_${list}:Array(String)}`;
    return combine === 'AND' ? `(empty(${values}) OR ${condition})` : condition;
  };
  const values = (list: string): string => `{${name}_${list}:Array(String)}`;
  return [
    field('ids', `has(${values('ids')}, account_id)`),
    field('units', `arrayExists(unit -> ${inUnit('unit')}, ${values('units')})`),
    field('roles', `has(${values('roles')}, account_role)`),
    field('owners', `has(${values('owners')}, owner)`),
  ].join(` ${combine} `);
};

const filterParameters = (name: string, filter: AccountFilter = {}): Record<string, string[]> => ({
  [`${name}_ids`]: filter.accountIds ?? [],
  [`${name}_units`]: filter.orgUnits ?? [],
  [`${name}_roles`]: filter.accountRoles ?? [],
  [`${name}_owners`]: filter.owners ?? [],
});

/** A page of the accounts that a collection means, whatever their status, by account id; none that left. */
export const selectTargets = async (
  database: Database,
  input: { include?: AccountFilter; exclude?: AccountFilter; after?: string; limit: number },
): Promise<{ targets: CollectionTarget[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const found = await database.read<Omit<CollectionTarget, 'lastScan'> & { scan_ms: Milliseconds }>(
    `${database.name}.aws_accounts`,
    `SELECT account_id AS accountId, account_name AS accountName, org_unit AS orgUnit, account_role AS accountRole, owner,
       polo_read_role AS readRoleArn, polo_status AS status, substringUTF8(last_scan_error, 1, 300) AS why,
       toUnixTimestamp64Milli(last_successful_scan) AS scan_ms
     FROM ${database.name}.aws_accounts FINAL
     WHERE account_id > {after:String} AND account_id NOT IN (${departed(database)})
       AND (${fits('include', 'AND')}) AND NOT (${fits('exclude', 'OR')})
     ORDER BY account_id LIMIT {rows:UInt32}`,
    {
      after: input.after ?? '',
      rows: limit + 1,
      ...filterParameters('include', input.include),
      ...filterParameters('exclude', input.exclude),
    },
  );
  const targets = found.map(({ scan_ms, ...target }) => ({ ...target, lastScan: toTimeOrNull(scan_ms) }));
  const { rows, ...rest } = cutPage(targets, limit, (target) => target.accountId);
  return { targets: rows, ...rest };
};

/** The ids and units, in the order given, that no account fits which is still in the organization. */
export const findUnmatched = async (
  database: Database,
  { accountIds, orgUnits }: { accountIds: string[]; orgUnits: string[] },
): Promise<string[]> => {
  const [known] = await database.read<{ ids: string[]; units: string[] }>(
    `${database.name}.aws_accounts`,
    `SELECT groupArrayIf(account_id, has({ids:Array(String)}, account_id)) AS ids,
       groupUniqArrayArray(arrayFilter(unit -> ${inUnit('unit')}, {units:Array(String)})) AS units
     FROM ${database.name}.aws_accounts FINAL
     WHERE account_id NOT IN (${departed(database)})`,
    { ids: accountIds, units: orgUnits },
  );
  const matched = new Set([...(known?.ids ?? []), ...(known?.units ?? [])]);
  return [...new Set([...accountIds, ...orgUnits])].filter((named) => !matched.has(named));
};
