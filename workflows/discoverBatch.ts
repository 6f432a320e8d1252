/** A batch of a discovery: one `account/<id>` workflow per account, in bounded lanes. */
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { label } from '../domain/account.ts';
import type { AccountCommand, CommandResult } from '../domain/commands.ts';
import {
  COUNTER,
  emptyTally,
  failureLines,
  tagsDueOf,
  tagsDueToday,
  tallyLine,
  withinRoom,
  type BatchEntry,
  type Room,
  type TagsDue,
  type Tally,
} from '../domain/discovery.ts';
import type { Origin } from '../domain/events.ts';
import type { AccountFacts } from '../domain/organization.ts';
import { accountSettings, type Settings } from '../domain/settings.ts';
import { applyAsChild } from './accountCommands.ts';
import { factsOf } from './accountFacts.ts';
import { readSettings } from './activities.ts';
import { fail, failureOf, isOurCancellation } from './failures.ts';
import { checkInput } from './parseInput.ts';
import { limit } from './limit.ts';

/** What a batch has to handle, and for whom. */
export interface DiscoverBatchInput {
  entries: BatchEntry[];
  origin: Origin;
  dryRun: boolean;
  /** Accounts that are worked on at a time; part of the input, since a batch under way must keep its number. */
  lanes?: number;
  /** How many changes and failures the discovery can still name: what it would drop must not fill its history. */
  room?: Room;
}

/** What came of it, and whose tags to read later. */
export interface DiscoverBatchResult {
  tally: Tally;
  tagsDue: TagsDue[];
}

/** Lanes of the batches that version 0.1.0 has started. */
const LANES_OF_OLD = 25;

/** Verifies every account of the batch. An account that fails is counted and named; it never fails the batch. */
export async function discoverBatch(input: DiscoverBatchInput): Promise<DiscoverBatchResult> {
  checkInput('discoverBatch', input);
  const { entries, origin, dryRun, lanes = LANES_OF_OLD, room } = input;
  const settings = await readSettings();
  const tally = emptyTally();
  const tagsDue: TagsDue[] = [];
  const lane = limit(lanes);
  await Promise.all(
    entries.map((entry) =>
      lane(async () => {
        try {
          const { command, result } = await handle(entry, origin, dryRun, settings);
          count(tally, command, result, dryRun ? [] : tagsDue);
        } catch (error) {
          if (isOurCancellation(error)) throw error;
          tally.listed++;
          tally.failed++;
          tally.failures.push({ ...named(entry), ...failureOf(error) });
        }
        setCurrentDetails([tallyLine(tally), ...failureLines(tally)].join('\n'));
      }),
    ),
  );
  return { tally: room ? withinRoom(tally, room) : tally, tagsDue };
}

const idOf = (entry: BatchEntry): string =>
  'facts' in entry ? entry.facts.id : 'named' in entry ? entry.named : entry.missing;

const named = (entry: BatchEntry): { accountId: string; accountName: string } => ({
  accountId: idOf(entry),
  accountName: 'facts' in entry ? entry.facts.name : '',
});

const handle = async (
  entry: BatchEntry,
  origin: Origin,
  dryRun: boolean,
  settings: Settings,
): Promise<{ command: AccountCommand; result: CommandResult }> => {
  const accountId = idOf(entry);
  const facts = 'facts' in entry ? entry.facts : await factsOf(accountId, settings.durations.listingPatience);
  if (facts === undefined && 'named' in entry) {
    throw fail('AccountNotFound', `the organization has no account ${accountId}`);
  }
  const command = commandFor(facts, origin, dryRun);
  const summary = `${command.kind} ${label({ account_id: accountId, account_name: facts?.name ?? '' })}`;
  return { command, result: await applyAsChild(accountId, command, summary, accountSettings(settings)) };
};

/** Without facts the account is missing from a complete listing and unknown to DescribeAccount: it departs (rule 3). */
const commandFor = (facts: AccountFacts | undefined, origin: Origin, dryRun: boolean): AccountCommand => {
  const base = { origin, ...(dryRun && { dryRun }) };
  const id = `${origin.runId}/${facts ? 'verify' : 'depart'}`;
  return facts
    ? { ...base, id, kind: 'verify', facts, amongMany: true, atOnce: true }
    : { ...base, id, kind: 'depart' };
};

const count = (
  tally: Tally,
  command: AccountCommand,
  { row, from, to, reason, inconclusive }: CommandResult,
  tagsDue: TagsDue[],
): void => {
  if (command.kind === 'depart') {
    tally.departed++;
  } else {
    tally.listed++;
    tally[COUNTER[to]]++;
    if (from === '') tally.new++;
    if (inconclusive) tally.inconclusive++;
    if (from === '' || tagsDueToday(row.account_id, workflowInfo().startTime.getTime())) {
      tagsDue.push(tagsDueOf(row));
    }
  }
  if (from !== to) tally.changes.push({ accountId: row.account_id, accountName: row.account_name, from, to, reason });
};
