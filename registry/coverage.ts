/** The facts behind "do we see everything?"; `domain/coverage.ts` decides what they mean. */
import { POLO_STATUSES, type Coverage, type PoloStatus, type SlackFailure } from '../domain/contract.ts';
import { SCAN_VALID, type CoverageFacts, type GapCandidate } from '../domain/coverage.ts';
import { DIGEST_ACTOR } from '../domain/digest.ts';
import type { Database } from './client.ts';
import { type Milliseconds, toTime, toTimeOrNull } from './columns.ts';
import { cutPage, pageRows } from './pages.ts';

/** What of the accounts may be a gap, at the time `now` in milliseconds. */
export interface CoverageQuestion {
  now: number;
  /** Whether accounts without a working action role are asked for as well. */
  actionRoleConfigured: boolean;
}

/** SQL: the account isn't plainly covered at the parameter `now`, in milliseconds. */
export const UNCERTAIN = `(polo_status != 'active'
  OR toUnixTimestamp64Milli(last_successful_scan) < {now:Int64} - ${String(SCAN_VALID)})`;

/** SQL: the account is the organization's management account, as the latest discovery was told. */
export const isManagementAccount = (database: Database): string =>
  `account_id = (SELECT argMax(reason, (at, event_id)) FROM ${database.name}.aws_account_events FINAL
     WHERE account_id = '' AND kind = 'management_account')`;

/** SELECT: when the accounts that fit a condition last came to each of their statuses, and from which one. */
export const statusChanges = (database: Database, condition: string): string =>
  `SELECT account_id AS changed_id, to_status, toUnixTimestamp64Milli(max(at)) AS changed_ms,
     argMax(from_status, (at, event_id)) AS previous_status
   FROM ${database.name}.aws_account_events FINAL
   WHERE to_status != '' AND to_status != from_status
     AND account_id IN (SELECT account_id FROM ${database.name}.aws_accounts FINAL WHERE ${condition})
   GROUP BY account_id, to_status`;

/** Counts over all accounts, and every account that may be a gap. */
export const readCoverageFacts = async (database: Database, question: CoverageQuestion): Promise<CoverageFacts> => {
  const [accountsByStatus, candidates, lastCompleteDiscoveryAt, slackFailure] = await Promise.all([
    readStatusCounts(database),
    readCandidates(database, question),
    readLastCompleteDiscovery(database),
    readSlackFailure(database),
  ]);
  return { accountsByStatus, candidates, lastCompleteDiscoveryAt, ...(slackFailure && { slackFailure }) };
};

/** How many accounts have each status. */
const readStatusCounts = async (database: Database): Promise<Record<PoloStatus, number>> => {
  const found = await database.read<{ polo_status: string; accounts: number | string }>(
    `${database.name}.aws_accounts`,
    `SELECT polo_status, count() AS accounts FROM ${database.name}.aws_accounts FINAL GROUP BY polo_status`,
  );
  const counts = new Map(found.map((row) => [row.polo_status, Number(row.accounts)]));
  return Object.fromEntries(POLO_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as never;
};

/** Accounts that aren't plainly covered, each with the time of the latest event that gave it its present status. */
const readCandidates = async (
  database: Database,
  { now, actionRoleConfigured }: CoverageQuestion,
): Promise<GapCandidate[]> => {
  const accounts = `${database.name}.aws_accounts`;
  const uncertain = `polo_status != 'excluded' AND (${UNCERTAIN} ${actionRoleConfigured ? "OR polo_action_role = ''" : ''})`;
  const found = await database.read<
    Omit<GapCandidate, 'last_successful_scan' | 'since' | 'isManagementAccount'> &
      Record<'scan_ms' | 'since_ms', Milliseconds> & { management: number }
  >(
    accounts,
    `SELECT account_id, account_name, polo_status, last_scan_error, polo_action_role, scan_ms, management,
       if(changed_ms = 0, discovered_ms, changed_ms) AS since_ms
     FROM (
       SELECT account_id, account_name, polo_status, last_scan_error, polo_action_role,
         toUnixTimestamp64Milli(last_successful_scan) AS scan_ms, toUnixTimestamp64Milli(discovered_at) AS discovered_ms,
         ${isManagementAccount(database)} AS management
       FROM ${accounts} FINAL WHERE ${uncertain}
     ) AS account
     LEFT JOIN (
       ${statusChanges(database, uncertain)}
     ) AS change ON change.changed_id = account.account_id AND change.to_status = account.polo_status`,
    { now },
  );
  return found.map(({ scan_ms, since_ms, management, ...account }) => ({
    ...account,
    last_successful_scan: toTimeOrNull(scan_ms),
    since: toTime(since_ms),
    ...(management === 1 && { isManagementAccount: true as const }),
  }));
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

/**
 * Since when Slack could not be told of changes, else when it did not get the weekly digest, and why it was last refused;
 * undefined if it has been told of changes since.
 */
const readSlackFailure = async (database: Database): Promise<SlackFailure | undefined> => {
  const events = `${database.name}.aws_account_events`;
  const open = await database.read<{
    digest: number;
    message: string;
    since_ms: Milliseconds;
    last_ms: Milliseconds;
  }>(
    events,
    `SELECT actor = '${DIGEST_ACTOR}' AS digest, argMax(reason, (at, event_id)) AS message,
       toUnixTimestamp64Milli(min(at)) AS since_ms, toUnixTimestamp64Milli(max(at)) AS last_ms
     FROM ${events} FINAL
     WHERE account_id = '' AND kind = 'slack_failed'
       AND at > (SELECT max(at) FROM ${events} FINAL WHERE account_id = '' AND kind = 'slack_told')
     GROUP BY digest`,
  );
  const changes = open.find(({ digest }) => digest === 0);
  const digest = open.find((failure) => failure !== changes);
  const first = changes ?? digest;
  return (
    first && {
      at: toTime(first.since_ms),
      message: first.message,
      missed: { changes: changes !== undefined, ...(digest && { digestAt: toTime(digest.last_ms) }) },
    }
  );
};

/** Coverage with a page of its gaps and lesser gaps by account id; counts and sentence are those of the whole. */
export const coveragePage = (
  coverage: Coverage,
  { after = '', limit }: { after?: string; limit: number },
): { coverage: Coverage; next?: string } => {
  const { gaps, lesserGaps } = coverage;
  const left = [...gaps, ...lesserGaps]
    .filter((gap) => gap.account_id > after)
    .sort((a, b) => (a.account_id < b.account_id ? -1 : 1));
  const { rows, ...rest } = cutPage(left, pageRows(limit), (gap) => gap.account_id);
  const isLesser = new Set(lesserGaps.map((gap) => gap.account_id));
  return {
    coverage: {
      ...coverage,
      gaps: rows.filter((gap) => !isLesser.has(gap.account_id)),
      lesserGaps: rows.filter((gap) => isLesser.has(gap.account_id)),
    },
    ...rest,
  };
};
