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

/** A page of rows by account id, of one status or of all. */
export const readAccounts = async (
  database: Database,
  input: { status?: PoloStatus; after?: string; limit: number },
): Promise<{ accounts: AccountRow[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const found = await selectRows(
    database,
    `account_id > {after:String} AND ({status:String} = '' OR polo_status = {status:String})
     ORDER BY account_id LIMIT {rows:UInt32}`,
    { after: input.after ?? '', status: input.status ?? '', rows: limit + 1 },
  );
  const { rows, ...rest } = cutPage(found, limit, (row) => row.account_id);
  return { accounts: rows, ...rest };
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
