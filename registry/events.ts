/** The history in `aws_account_events`, and what it tells about an account today. */
import type { AccountRecord, Exclusion } from '../domain/account.ts';
import type { AccountEvent, PoloStatus } from '../domain/contract.ts';
import { commandIdOf } from '../domain/events.ts';
import type { Database } from './client.ts';
import { decode, type Milliseconds, selectList, toMilliseconds, toTime } from './columns.ts';
import { registryError } from './errors.ts';
import { cutPage, pageRows } from './pages.ts';
import { EVENTS } from './tables.ts';

/** The part of an account's record that comes from its events. */
export type Fold = Omit<AccountRecord, 'row' | 'node'>;

/** Most open failures that a record holds, and the most characters of each. */
const OPEN_FAILURES = 50;
const MESSAGE_LENGTH = 1_000;

/** Most acts of operators that a record holds: far more than there are of one account while a sender tries again. */
const ACTS = 10;

interface LatestEvent {
  account_id: string;
  kind: string;
  actor: string;
  message: string;
  until_ms: number | string;
}

/** What all of an account's events tell: whether it ever was active, the operators' latest acts, and the latest two changes of status. */
interface Past {
  account_id: string;
  active: number;
  acts: [at: Milliseconds, eventId: string][];
  moves: [at: Milliseconds, eventId: string, from: PoloStatus | ''][];
}

/** What the events tell about each account. Of events of one matter the latest counts, by time and then by event id. */
export const readFolds = async (database: Database, accountIds: string[]): Promise<(accountId: string) => Fold> => {
  const events = `${database.name}.aws_account_events`;
  const [latest, pasts] = await Promise.all([
    database.read<LatestEvent>(
      events,
      `SELECT account_id, kind, actor, substringUTF8(reason, 1, ${String(MESSAGE_LENGTH)}) AS message,
         toUnixTimestamp64Milli(until) AS until_ms
       FROM ${events} FINAL
       WHERE account_id IN {ids:Array(String)}
         AND kind IN ('departed', 'returned', 'excluded', 'included', 'exclusion_ended', 'scan_failed', 'scan_recovered')
       ORDER BY at DESC, event_id DESC
       LIMIT 1 BY account_id, multiIf(
         kind IN ('departed', 'returned'), 'presence', kind IN ('excluded', 'included', 'exclusion_ended'), 'exclusion', concat('scan ', actor))`,
      { ids: accountIds },
    ),
    database.read<Past>(
      events,
      `SELECT account_id, max(to_status = 'active') AS active, arraySlice(arrayReverseSort(
         groupArrayIf((toUnixTimestamp64Milli(at), event_id), kind IN ('excluded', 'included'))), 1, ${String(ACTS)}) AS acts,
         arraySlice(arrayReverseSort(
         groupArrayIf((toUnixTimestamp64Milli(at), event_id, from_status), kind IN ('discovered', 'status_changed'))), 1, 2) AS moves
       FROM ${events} FINAL
       WHERE account_id IN {ids:Array(String)}
         AND (to_status = 'active' OR kind IN ('excluded', 'included', 'discovered', 'status_changed'))
       GROUP BY account_id`,
      { ids: accountIds },
    ),
  ]);
  const byAccount = new Map<string, LatestEvent[]>();
  for (const event of latest) byAccount.set(event.account_id, [...(byAccount.get(event.account_id) ?? []), event]);
  const pastOf = new Map(pasts.map((past) => [past.account_id, past]));
  return (accountId) => foldOf(byAccount.get(accountId) ?? [], pastOf.get(accountId));
};

const foldOf = (latest: LatestEvent[], past: Past | undefined): Fold => {
  const excluded = latest.find((event) => event.kind === 'excluded');
  return {
    departed: latest.some((event) => event.kind === 'departed'),
    everActive: past?.active === 1,
    ...(excluded && { exclusion: exclusionOf(excluded) }),
    ...(past?.acts.length && { acts: past.acts.map(([at, id]) => ({ commandId: commandIdOf(id), at: toTime(at) })) }),
    ...statusChangeOf(past?.moves ?? []),
    openScanFailures: latest
      .filter((event) => event.kind === 'scan_failed')
      .slice(0, OPEN_FAILURES)
      .map((event) => ({ workflowType: event.actor, message: event.message }))
      .sort((a, b) => (a.workflowType < b.workflowType ? -1 : 1)),
  };
};

/** One command can make two changes: it registers the account, and then verifies it. */
const statusChangeOf = (moves: Past['moves']): Pick<Fold, 'statusChange'> => {
  const [latest, before] = moves.map(([, eventId, from]) => ({ commandId: commandIdOf(eventId), from }));
  if (!latest) return {};
  return { statusChange: before?.commandId === latest.commandId ? before : latest };
};

const exclusionOf = (event: LatestEvent): Exclusion => ({
  by: event.actor,
  reason: event.message,
  ...(Number(event.until_ms) !== 0 && { until: toTime(event.until_ms) }),
});

/** Which page of an account's history; the empty account id is the whole organization's. Oldest first unless asked otherwise. */
export interface HistoryQuestion {
  accountId: string;
  after?: string;
  limit: number;
  newestFirst?: boolean;
}

/** A page of an account's history. */
export const readHistory = async (
  database: Database,
  input: HistoryQuestion,
): Promise<{ history: AccountEvent[]; next?: string }> => {
  const limit = pageRows(input.limit);
  const newestFirst = input.newestFirst === true;
  const [at, eventId] = input.after === undefined ? [newestFirst ? END_OF_TIME : -1, ''] : placeOf(input.after);
  const [follows, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  const stored = await database.read<Record<string, unknown>>(
    `${database.name}.aws_account_events`,
    `SELECT ${selectList(EVENTS.columns)} FROM ${database.name}.aws_account_events FINAL
     WHERE account_id = {account:String} AND (toUnixTimestamp64Milli(at), event_id) ${follows} ({at:Int64}, {event:String})
     ORDER BY at ${order}, event_id ${order} LIMIT {rows:UInt32}`,
    { account: input.accountId, at, event: eventId, rows: limit + 1 },
  );
  const found = stored.map((row) => decode(EVENTS.columns, row) as unknown as AccountEvent);
  const { rows, ...rest } = cutPage(found, limit, (row) => `${String(toMilliseconds(row.at))}/${row.event_id}`);
  return { history: rows, ...rest };
};

/** Later than every event, in milliseconds. */
const END_OF_TIME = 1e15;

/** The place in a history that a cursor `<milliseconds>/<event id>` names. */
const placeOf = (after: string): [number, string] => {
  const [, at, eventId] = /^(\d{1,15})\/(.*)$/s.exec(after) ?? [];
  if (at !== undefined && eventId !== undefined) return [Number(at), eventId];
  throw registryError(
    'RegistryRejected',
    `after: expected the \`next\` of the page before, got ${after.slice(0, 100)}`,
  );
};
