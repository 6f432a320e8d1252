/** Exclusions with an end: those that ran out, and those that soon will. */
import type { EndingExclusion, Several } from '../domain/digest.ts';
import type { Database } from './client.ts';
import { type Milliseconds, toTime } from './columns.ts';
import { pageRows } from './pages.ts';
import { departed } from './selection.ts';

/** Which exclusions are meant: those that end between the two times, in milliseconds. */
export interface ExclusionQuestion {
  from: number;
  to: number;
  /** Most accounts that are named. */
  limit: number;
}

/** Excluded accounts in the organization whose latest exclusion ends within a time, the first end first; texts are cut. */
export const readEndingExclusions = async (
  database: Database,
  { from, to, limit }: ExclusionQuestion,
): Promise<Several<EndingExclusion>> => {
  const events = `${database.name}.aws_account_events`;
  const found = await database.read<
    Omit<EndingExclusion, 'until'> & { until_ms: Milliseconds; accounts: number | string }
  >(
    `${database.name}.aws_accounts`,
    `SELECT account_id, substringUTF8(account_name, 1, 200) AS account_name, excluded_by AS by, why AS reason, until_ms,
       count() OVER () AS accounts
     FROM (
       SELECT account_id, account_name FROM ${database.name}.aws_accounts FINAL
       WHERE polo_status = 'excluded' AND account_id NOT IN (${departed(database)})
     ) AS account
     INNER JOIN (
       SELECT account_id AS excluded_id, argMax(kind, (at, event_id)) AS latest, argMax(actor, (at, event_id)) AS excluded_by,
         substringUTF8(argMax(reason, (at, event_id)), 1, 300) AS why,
         toUnixTimestamp64Milli(argMax(until, (at, event_id))) AS until_ms
       FROM ${events} FINAL WHERE kind IN ('excluded', 'included', 'exclusion_ended') GROUP BY account_id
     ) AS exclusion ON exclusion.excluded_id = account.account_id
     WHERE latest = 'excluded' AND until_ms > 0 AND until_ms >= {from:Int64} AND until_ms < {to:Int64}
     ORDER BY until_ms, account_id LIMIT {rows:UInt32}`,
    { from, to, rows: pageRows(limit) },
  );
  return {
    count: Number(found[0]?.accounts ?? 0),
    named: found.map(({ account_id, account_name, by, reason, until_ms }) => ({
      account_id,
      account_name,
      by,
      reason,
      until: toTime(until_ms),
    })),
  };
};
