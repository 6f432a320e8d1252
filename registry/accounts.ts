/** Rows of `aws_accounts`. */
import type { AccountRow, PoloStatus } from '../domain/contract.ts';
import type { Database } from './client.ts';
import { decode, selectList } from './columns.ts';
import { cutPage, pageRows } from './pages.ts';
import { ACCOUNTS } from './tables.ts';

/** An active account as the first sample of a discovery needs it. */
export interface ActiveAccount {
  accountId: string;
  accountName: string;
  readRoleArn: string;
}

/** Rows by account id; unknown ids are absent. */
export const readRows = async (database: Database, accountIds: string[]): Promise<Map<string, AccountRow>> => {
  const rows = await selectRows(database, 'account_id IN {ids:Array(String)}', { ids: accountIds });
  return new Map(rows.map((row) => [row.account_id, row]));
};

/** Which rows are meant; what is absent doesn't matter. `search` is a part of id, name, unit or owner, in any case. */
export interface AccountQuestion {
  status?: PoloStatus;
  search?: string;
}

const ASKED = `({status:String} = '' OR polo_status = {status:String})
  AND ({search:String} = '' OR arrayExists(text -> positionCaseInsensitiveUTF8(text, {search:String}) > 0,
    [account_id, account_name, org_unit, toString(owner)]))`;

const asked = ({ status = '', search = '' }: { status?: string; search?: string }): Record<string, unknown> => ({
  status,
  search,
});

/** A page of rows by account id. */
export const readAccounts = async (
  database: Database,
  input: AccountQuestion & { after?: string; limit: number },
): Promise<{ accounts: AccountRow[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const found = await selectRows(
    database,
    `account_id > {after:String} AND ${ASKED} ORDER BY account_id LIMIT {rows:UInt32}`,
    { ...asked(input), after: input.after ?? '', rows: limit + 1 },
  );
  const { rows, ...rest } = cutPage(found, limit, (row) => row.account_id);
  return { accounts: rows, ...rest };
};

/** How many rows there are, and how many of them up to and including the id `after`. */
export const countAccounts = async (
  database: Database,
  input: AccountQuestion & { after?: string },
): Promise<{ total: number; before: number }> => {
  const [counts] = await database.read<{ total: number | string; before: number | string }>(
    `${database.name}.aws_accounts`,
    `SELECT count() AS total, countIf(account_id <= {after:String}) AS before
     FROM ${database.name}.aws_accounts FINAL WHERE ${ASKED}`,
    { ...asked(input), after: input.after ?? '' },
  );
  return { total: Number(counts?.total ?? 0), before: Number(counts?.before ?? 0) };
};

/** Some active accounts with a working read role, spread over the whole table; the same ones while nothing changes. */
export const sampleActiveAccounts = async (database: Database, limit: number): Promise<ActiveAccount[]> => {
  const wanted = pageRows(limit);
  const found = await database.read<ActiveAccount>(
    `${database.name}.aws_accounts`,
    `SELECT account_id AS accountId, account_name AS accountName, polo_read_role AS readRoleArn
     FROM ${database.name}.aws_accounts FINAL
     WHERE polo_status = 'active' AND polo_read_role != ''
     ORDER BY cityHash64(account_id) LIMIT {rows:UInt32}`,
    { rows: wanted },
  );
  return cutPage(found, wanted, (account) => account.accountId).rows;
};

const selectRows = async (
  database: Database,
  condition: string,
  params: Record<string, unknown>,
): Promise<AccountRow[]> => {
  const stored = await database.read<Record<string, unknown>>(
    `${database.name}.aws_accounts`,
    `SELECT ${selectList(ACCOUNTS.columns)} FROM ${database.name}.aws_accounts FINAL WHERE ${condition}`,
    params,
  );
  return stored.map((row) => decode(ACCOUNTS.columns, row) as unknown as AccountRow);
};
