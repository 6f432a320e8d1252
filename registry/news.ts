/** What Slack has been told, and the accounts that there may be news of; `domain/news.ts` decides. */
import type { Happened, Happening, NamedAccount, Several } from '../domain/digest.ts';
import type { ListState, NewsCandidate, SlackState } from '../domain/news.ts';
import type { Database } from './client.ts';
import { type Milliseconds, toMilliseconds, toTime, toTimeOrNull } from './columns.ts';
import { isManagementAccount, statusChanges, UNCERTAIN } from './coverage.ts';
import { pageRows } from './pages.ts';

/** Which accounts may have news: times in milliseconds, `baseline` undefined before the first report. */
export interface NewsQuestion {
  now: number;
  baseline?: number;
  after?: string;
  limit: number;
}

/** What Slack was told of the account list. */
export const readSlackState = async (database: Database): Promise<SlackState> => {
  const [found] = await database.read<{ messages: number | string; list: ListState; baseline_ms: Milliseconds }>(
    `${database.name}.aws_account_events`,
    `SELECT count() AS messages, argMax(reason, (at, event_id)) AS list,
       toUnixTimestamp64Milli(minIf(at, reason != 'never_ran')) AS baseline_ms
     FROM ${database.name}.aws_account_events FINAL WHERE account_id = '' AND kind = 'slack_told'`,
  );
  const baselineAt = toTimeOrNull(found?.baseline_ms ?? 0);
  return {
    ...(found && Number(found.messages) > 0 && { list: found.list }),
    ...(baselineAt !== null && { baselineAt }),
  };
};

/** A page, by account id, of the accounts that aren't plainly covered, were told as a gap, or are new and untold. */
export const readNewsCandidates = async (
  database: Database,
  { now, baseline, after = '', limit }: NewsQuestion,
): Promise<{ candidates: NewsCandidate[]; next?: string }> => {
  const accounts = `${database.name}.aws_accounts`;
  const events = `${database.name}.aws_account_events`;
  const rows = pageRows(limit);
  const uncertain = `polo_status != 'excluded' AND ${UNCERTAIN}`;
  const found = await database.read<
    Omit<NewsCandidate, 'last_successful_scan' | 'since' | 'discovered_at' | 'isManagementAccount'> &
      Record<'scan_ms' | 'discovered_ms' | 'changed_ms', Milliseconds> & { management: number }
  >(
    accounts,
    `SELECT account_id, account_name, org_unit, polo_status, last_scan_error, polo_action_role, scan_ms, discovered_ms,
       management, told, changed_ms, previous_status
     FROM (
       SELECT account_id, substringUTF8(account_name, 1, 200) AS account_name, substringUTF8(org_unit, 1, 200) AS org_unit,
         polo_status, substringUTF8(last_scan_error, 1, 300) AS last_scan_error, polo_action_role, ${uncertain} AS uncertain,
         toUnixTimestamp64Milli(last_successful_scan) AS scan_ms, toUnixTimestamp64Milli(discovered_at) AS discovered_ms,
         ${isManagementAccount(database)} AS management
       FROM ${accounts} FINAL WHERE account_id > {after:String}
     ) AS account
     LEFT JOIN (
       SELECT account_id AS told_id, argMax(reason, (at, event_id)) AS told FROM ${events} FINAL
       WHERE account_id > {after:String} AND kind = 'slack_told' GROUP BY account_id
     ) AS message ON message.told_id = account.account_id
     LEFT JOIN (
       ${statusChanges(database, `account_id > {after:String} AND ${uncertain}`)}
     ) AS change ON change.changed_id = account.account_id AND change.to_status = account.polo_status
     WHERE uncertain OR told NOT IN ('', 'covered', 'excluded', 'new')
       OR (told = '' AND polo_status != 'excluded' AND discovered_ms > {baseline:Int64})
     ORDER BY account_id LIMIT {rows:UInt32}`,
    { now, after, baseline: baseline ?? Number.MAX_SAFE_INTEGER, rows },
  );
  const candidates = found.map(({ scan_ms, discovered_ms, changed_ms, management, ...account }) => ({
    ...account,
    last_successful_scan: toTimeOrNull(scan_ms),
    discovered_at: toTime(discovered_ms),
    since: toTime(Number(changed_ms) === 0 ? discovered_ms : changed_ms),
    ...(management === 1 && { isManagementAccount: true as const }),
  }));
  const last = candidates.length === rows ? candidates.at(-1) : undefined;
  return { candidates, ...(last && { next: last.account_id }) };
};

/** Accounts of each happening that are named. */
const NAMED = 5;

/** What happened since a time (ISO 8601), from the events: accounts, each once per happening, and whether Slack failed. */
export const readHappened = async (database: Database, since: string): Promise<Happened> => {
  const events = `${database.name}.aws_account_events`;
  const [happened, failures] = await Promise.all([
    database.read<{ happening: Happening; accounts: number | string; named: [string, string][] }>(
      events,
      `SELECT happening, count() AS accounts,
         arraySlice(arraySort(groupArray((account_name, account_id))), 1, ${String(NAMED)}) AS named
       FROM (
         SELECT DISTINCT account_id, multiIf(
           kind IN ('discovered', 'departed', 'returned'), kind,
           to_status = 'no_access' AND from_status = 'active', 'lost',
           to_status = 'active' AND from_status = 'no_access', 'recovered',
           to_status = 'active' AND from_status != 'active', 'activated', '') AS happening
         FROM ${events} FINAL
         WHERE account_id != '' AND toUnixTimestamp64Milli(at) >= {since:Int64}
       ) AS event
       LEFT JOIN (
         SELECT account_id AS named_id, substringUTF8(account_name, 1, 200) AS account_name FROM ${database.name}.aws_accounts FINAL
       ) AS account ON account.named_id = event.account_id
       WHERE happening != '' GROUP BY happening`,
      { since: toMilliseconds(since) },
    ),
    database.read<{ reason: string; at_ms: Milliseconds }>(
      events,
      `SELECT reason, toUnixTimestamp64Milli(at) AS at_ms FROM ${events} FINAL
       WHERE account_id = '' AND kind = 'slack_failed' AND at_ms >= {since:Int64} ORDER BY at_ms DESC LIMIT 1`,
      { since: toMilliseconds(since) },
    ),
  ]);
  const several = happened.map(({ happening, accounts, named }): [Happening, Several<NamedAccount>] => [
    happening,
    { count: Number(accounts), named: named.map(([account_name, account_id]) => ({ account_id, account_name })) },
  ]);
  const [failure] = failures;
  return {
    accounts: Object.fromEntries(several),
    ...(failure && { slackFailure: { at: toTime(failure.at_ms), message: failure.reason } }),
  };
};
