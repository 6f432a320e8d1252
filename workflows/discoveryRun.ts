/** One discovery under way: what it has counted, what it tells, and the child workflows that do its work. */
import { defineQuery, executeChild, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RegistryActivities } from '../activities/registry.ts';
import type { AccountEvent, DiscoverAccountsResult } from '../domain/contract.ts';
import {
  addTally,
  emptyTally,
  MAX_LISTED,
  failureLines,
  roomIn,
  tallyLine,
  type BatchEntry,
  type TagsDue,
  type Tally,
} from '../domain/discovery.ts';
import { eventOf, type EventDetails, type EventKind } from '../domain/events.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { Settings } from '../domain/settings.ts';
import { originOf } from './accountCommands.ts';
import { readSettings, registry } from './activities.ts';
import type { discoverBatch } from './discoverBatch.ts';
import { failureOf, isOurCancellation } from './failures.ts';
import { limit } from './limit.ts';
import type { readAccountTags, ReadAccountTagsResult } from './readAccountTags.ts';

/** What the discovery does and has counted, in words. */
const progress = defineQuery<string>('progress');

/**
 * Batches that are worked on at a time, and accounts of each: 160 accounts that one discovery holds at once. With fewer,
 * waiting for the registry sets its pace; with more, the slowest POLO_STS_RATE would use up the time limits of verification.
 */
const BATCHES_AT_ONCE = 4;
const LANES = 40;

/** Accounts whose tags one child workflow reads: two stored values of 256 characters each still fit a payload (design 5). */
const TAGS_PER_CHILD = 200;

/** What the steps of a discovery share. */
export interface DiscoveryRun {
  settings: Settings;
  dryRun: boolean;
  tally: Tally;
  /** The organization's management account, and when AWS has told it (ISO 8601). */
  management?: { accountId: string; at: string };
  tagsDue: TagsDue[];
  /** Tells in the Temporal UI and to `progress` what is being done now. */
  report: (phase: string) => void;
  /** A failure of the run as a whole, named before those of single accounts. */
  failed: (code: FailureCode, message: string) => void;
  /** Starts a batch as soon as a place is free. It never rejects but by cancellation, which may be awaited late. */
  startBatch: (entries: BatchEntry[]) => Promise<void>;
  /** Reads the tags that are due, and writes those that changed. */
  readTags: () => Promise<void>;
  /** Adds to the history of the whole organization; a dry run doesn't. */
  record: (kind: EventKind, reason: string, through?: RegistryActivities) => Promise<void>;
  result: (complete: boolean) => DiscoverAccountsResult;
}

/** Begins to count and to tell; call it once per run. */
export const beginDiscovery = async (dryRun: boolean): Promise<DiscoveryRun> => {
  const { workflowId, runId, startTime } = workflowInfo();
  const origin = originOf('discoverAccounts');
  const tally = emptyTally();
  const tagsDue: TagsDue[] = [];
  const place = limit(BATCHES_AT_ONCE);
  let children = 0;
  let phase = 'Starting';
  const text = (): string => `${dryRun ? 'Dry run. ' : ''}${phase}. ${tallyLine(tally)}.`;
  const report = (next = phase): void => {
    phase = next;
    setCurrentDetails([text(), ...failureLines(tally)].join('\n'));
  };
  setHandler(progress, text);

  const failed = (code: FailureCode, message: string): void => {
    tally.failures = [{ accountId: '', accountName: '', code, message }, ...tally.failures].slice(0, MAX_LISTED);
  };
  const runBatch = async (entries: BatchEntry[]): Promise<void> => {
    try {
      const batch = await executeChild<typeof discoverBatch>('discoverBatch', {
        workflowId: `${workflowId}/${runId}/batch-${String(++children)}`,
        args: [{ entries, origin, dryRun, lanes: LANES, room: roomIn(tally) }],
        staticSummary: `${String(entries.length)} accounts`,
      });
      addTally(tally, batch.tally);
      tagsDue.push(...batch.tagsDue);
    } catch (error) {
      if (isOurCancellation(error)) throw error;
      tally.listed += entries.length;
      tally.failed += entries.length;
      const { code, message } = failureOf(error);
      failed(code, `a batch of ${String(entries.length)} accounts was lost: ${message}`);
    }
    report();
  };

  const run: DiscoveryRun = {
    settings: await readSettings(),
    dryRun,
    tally,
    tagsDue,
    report,
    failed,
    startBatch: (entries) => {
      const batch = place(() => runBatch(entries));
      batch.catch(() => undefined);
      return batch;
    },
    readTags: async () => {
      for (let from = 0; from < tagsDue.length; from += TAGS_PER_CHILD) {
        report(`Reading AWS tags, ${String(from)} of ${String(tagsDue.length)} accounts`);
        try {
          // A child that version 0.1.0 has started tells nothing.
          const read = (await executeChild<typeof readAccountTags>('readAccountTags', {
            workflowId: `${workflowId}/${runId}/tags-${String(++children)}`,
            args: [{ due: tagsDue.slice(from, from + TAGS_PER_CHILD), origin }],
            staticSummary: 'AWS tags of new accounts and of a seventh of the others',
          })) as ReadAccountTagsResult | undefined;
          for (const { code, message } of read?.failures ?? []) failed(code, `AWS tags were not written: ${message}`);
        } catch (error) {
          if (isOurCancellation(error)) throw error;
          const { code, message } = failureOf(error);
          failed(code, `AWS tags were not read: ${message}`);
          return;
        }
      }
    },
    record: async (kind, reason, through = registry) => {
      if (dryRun) return;
      const event = (at: string, details: EventDetails): AccountEvent => eventOf('', runId, at, origin, details);
      const { management } = run;
      await through.appendEvents([
        ...(management ? [event(management.at, { kind: 'management_account', reason: management.accountId })] : []),
        event(new Date(Date.now()).toISOString(), { kind, reason }),
      ]);
    },
    result: (complete) => ({
      ...tally,
      complete,
      startedAt: startTime.toISOString(),
      finishedAt: new Date(Date.now()).toISOString(),
    }),
  };
  return run;
};
