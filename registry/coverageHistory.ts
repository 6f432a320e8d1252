/** What the events tell of access over time; `domain/coverageHistory.ts` makes a picture of it. */
import { historyWindow, type CoverageChanges, type StatusMove } from '../domain/coverageHistory.ts';
import { DISCOVERY_VALID } from '../domain/coverage.ts';
import type { Database } from './client.ts';
import type { Milliseconds } from './columns.ts';

/** Changes of status by step, and complete discoveries, until `now` in milliseconds; undefined before the first account. */
export const readCoverageChanges = async (database: Database, now: number): Promise<CoverageChanges | undefined> => {
  const events = `${database.name}.aws_account_events`;
  const [first] = await database.read<{ at_ms: Milliseconds }>(
    events,
    `SELECT toUnixTimestamp64Milli(min(at)) AS at_ms FROM ${events} WHERE account_id != '' AND to_status != ''`,
  );
  if (Number(first?.at_ms ?? 0) === 0) return undefined;
  const window = historyWindow(Number(first?.at_ms), now);
  const [moves, discoveries] = await Promise.all([
    database.read<{ [Field in keyof StatusMove]: StatusMove[Field] | string }>(
      events,
      `SELECT intDiv(toUnixTimestamp64Milli(at) - {from:Int64}, {step:Int64}) AS step,
         from_status AS from, to_status AS to, count() AS accounts
       FROM ${events} FINAL
       WHERE account_id != '' AND to_status != '' AND to_status != from_status
         AND toUnixTimestamp64Milli(at) BETWEEN {from:Int64} AND {to:Int64}
       GROUP BY step, from, to`,
      { ...window },
    ),
    database.read<{ at_ms: Milliseconds }>(
      events,
      `SELECT toUnixTimestamp64Milli(at) AS at_ms FROM ${events} FINAL
       WHERE account_id = '' AND kind = 'discovery_completed'
         AND toUnixTimestamp64Milli(at) BETWEEN {from:Int64} AND {to:Int64}
       ORDER BY at_ms`,
      { from: window.from - DISCOVERY_VALID, to: now },
    ),
  ]);
  return {
    window,
    moves: moves.map((move) => ({ ...move, step: Number(move.step), accounts: Number(move.accounts) }) as StatusMove),
    discoveries: discoveries.map(({ at_ms }) => Number(at_ms)),
  };
};
