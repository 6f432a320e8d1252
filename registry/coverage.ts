/** The facts behind "do we see everything?"; `domain/coverage.ts` decides what they mean. */
import type { AccountRow } from '../domain/contract.ts';
import { SCAN_VALID, type CoverageFacts, type GapCandidate } from '../domain/coverage.ts';
import type { Database } from './client.ts';
import { type Milliseconds, toMilliseconds, toTime, toTimeOrNull } from './columns.ts';
import { cutPage, pageRows } from './pages.ts';

type Candidate = Omit<GapCandidate, 'last_successful_scan' | 'since'> & {
  scan_ms: Milliseconds;
  discovered_ms: Milliseconds;
};

/** Which accounts are gaps, and which may also be shown as lesser ones; `now` is a parameter in milliseconds. */
const GAP = `polo_status != 'excluded' AND (polo_status != 'active'
  OR toUnixTimestamp64Milli(last_successful_scan) = 0
  OR {now:Int64} - toUnixTimestamp64Milli(last_successful_scan) > ${String(SCAN_VALID)})`;
const LESSER_GAP = `polo_status = 'active' AND polo_action_role = ''`;

/** Counts over all accounts and one page of the candidates by account id. `now` is ISO 8601. */
export const readCoverage = async (
  database: Database,
  input: { after?: string; limit: number; now: string; actionRoleConfigured: boolean },
): Promise<CoverageFacts & { next?: string }> => {
  const limit = pageRows(input.limit);
  const now = toMilliseconds(input.now);
  const [counts, candidates, lastCompleteDiscoveryAt] = await Promise.all([
    readCounts(database, now),
    database.read<Candidate>(
      `${database.name}.aws_accounts`,
      `SELECT account_id, account_name, polo_status, last_scan_error, polo_action_role,
         toUnixTimestamp64Milli(last_successful_scan) AS scan_ms, toUnixTimestamp64Milli(discovered_at) AS discovered_ms
       FROM ${database.name}.aws_accounts FINAL
       WHERE account_id > {after:String} AND ((${GAP})${input.actionRoleConfigured ? ` OR (${LESSER_GAP})` : ''})
       ORDER BY account_id LIMIT {rows:UInt32}`,
      { after: input.after ?? '', now, rows: limit + 1 },
    ),
    readLastCompleteDiscovery(database),
  ]);
  const withDates = candidates.map(({ scan_ms, discovered_ms, ...account }) => ({
    ...account,
    last_successful_scan: toTimeOrNull(scan_ms),
    since: toTime(discovered_ms),
  }));
  const { rows, ...rest } = cutPage<GapCandidate>(withDates, limit, (account) => account.account_id);
  const since = await readStatusTimes(
    database,
    rows.map((account) => account.account_id),
  );
  return {
    ...counts,
    lastCompleteDiscoveryAt,
    candidates: rows.map((account) => ({ ...account, since: since(account) ?? account.since })),
    ...rest,
  };
};

const readCounts = async (
  database: Database,
  now: number,
): Promise<Pick<CoverageFacts, 'known' | 'excluded' | 'gaps'>> => {
  const [counts] = await database.read<Record<'known' | 'excluded' | 'gaps', number | string>>(
    `${database.name}.aws_accounts`,
    `SELECT count() AS known, countIf(polo_status = 'excluded') AS excluded, countIf(${GAP}) AS gaps
     FROM ${database.name}.aws_accounts FINAL`,
    { now },
  );
  return { known: Number(counts?.known), excluded: Number(counts?.excluded), gaps: Number(counts?.gaps) };
};

/** When the last complete discovery ended; null if none did. */
export const readLastCompleteDiscovery = async (database: Database): Promise<string | null> => {
  const [last] = await database.read<{ at_ms: Milliseconds }>(
    `${database.name}.aws_account_events`,
    `SELECT toUnixTimestamp64Milli(max(at)) AS at_ms FROM ${database.name}.aws_account_events FINAL
     WHERE account_id = '' AND kind = 'discovery_completed'`,
  );
  return toTimeOrNull(last?.at_ms ?? 0);
};

/** Finds when an account's present status began: the latest event that changed it to that. */
const readStatusTimes = async (
  database: Database,
  accountIds: string[],
): Promise<(account: Pick<AccountRow, 'account_id' | 'polo_status'>) => string | undefined> => {
  if (accountIds.length === 0) return () => undefined;
  const found = await database.read<{ account_id: string; to_status: string; at_ms: Milliseconds }>(
    `${database.name}.aws_account_events`,
    `SELECT account_id, to_status, toUnixTimestamp64Milli(max(at)) AS at_ms
     FROM ${database.name}.aws_account_events FINAL
     WHERE account_id IN {ids:Array(String)} AND to_status != '' AND to_status != from_status
     GROUP BY account_id, to_status`,
    { ids: accountIds },
  );
  const times = new Map(found.map((row) => [`${row.account_id} ${row.to_status}`, toTime(row.at_ms)]));
  return (account) => times.get(`${account.account_id} ${account.polo_status}`);
};
