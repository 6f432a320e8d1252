/** One collection under way: what it has counted, what it tells, and why it stops early. */
import { defineQuery, patched, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  collectionFailureLine,
  collectionLine,
  cutLists,
  emptyCollection,
  MAX_FAILED_IDS,
  type CollectionFrame,
  type CollectionTally,
  type CollectionTarget,
} from '../domain/collection.ts';
import { cutText, within } from '../domain/bytes.ts';
import { MAX_LISTED } from '../domain/discovery.ts';
import type { Input } from '../domain/inputs.ts';
import type { Settings } from '../domain/settings.ts';
import { readExternalId, readSettings, registry } from './activities.ts';

/** What the collection has counted, in words. */
const progress = defineQuery<string>('progress');

/** What one run of the workflow hands to the next. */
export interface SoFar {
  /** Id of the last account that was handled. */
  after: string;
  frame: CollectionFrame;
  tally: CollectionTally;
  /** Collectors that were started, and how many of the first ones ran into their time limit. */
  started: number;
  firstTimeouts: number;
  stop?: string;
}

/** The checked input; what may be left out has its default. */
type Request = Input<'collectAcrossAccounts'> &
  Record<'maxConcurrent' | 'accountTimeoutSeconds', number> &
  Record<'recordScans' | 'includeResults', boolean>;

/** What the steps of a collection share. */
export interface CollectionRun {
  request: Request;
  settings: Settings;
  /** What the roles demand of whoever assumes them. */
  externalId?: string;
  frame: CollectionFrame;
  tally: CollectionTally;
  /** Number of the next collector, the first is 0. */
  nextOrder: () => number;
  /** Notes the end of a collector by its number. */
  ended: (order: number, timedOut: boolean) => void;
  succeed: (target: CollectionTarget, result: unknown) => void;
  fail: (target: CollectionTarget, errorType: string, message: string) => void;
  skip: (target: CollectionTarget, reason: string) => void;
  /** No collector starts any more, for this reason; the first reason stays. */
  stop: (reason: string) => void;
  stopped: () => string | undefined;
  /** True when another run should go on, so that events and bytes stay far below Temporal's limits. */
  historyIsLong: () => boolean;
  /** What the next run needs to know. */
  soFar: (after: string) => SoFar;
}

/** Events and bytes of a history that is to end; Temporal warns at 10,240 and 10 MB, and terminates at 51,200 and 50 MB. */
const EVENTS = 9_000;
const BYTES = 15_000_000;

/**
 * What each collector that still runs may add when it ends; its start is in the history already. It is at most 15 events
 * (its end, the record, a verification, and workflow tasks that it shares with others if many run), so that 200 lanes end
 * at 10,000. The bytes are those of a small result and the record. There may be more: up to Temporal's end of it, 200
 * results may have 170 KB each, and 25 may have 1.4 MB.
 */
const END = { events: 10, bytes: 10_000 };

/** What 0.1.0 kept free for each, its start with the longest input included. */
const END_OF_OLD = { events: 18, bytes: 70_000 };

/** Most bytes of results that are kept meanwhile, of a reason for skipping an account, and of the lists that the next run gets. */
const RESULT_BYTES = 190_000;
const REASON_BYTES = 300;
const SO_FAR_BYTES = 200_000;

/** Begins to count and to tell; call it once per run. */
export const beginCollection = async (
  parsed: Input<'collectAcrossAccounts'>,
  soFar: SoFar | undefined,
): Promise<CollectionRun> => {
  const request: Request = {
    ...parsed,
    maxConcurrent: parsed.maxConcurrent ?? 25,
    accountTimeoutSeconds: parsed.accountTimeoutSeconds ?? 3_600,
    recordScans: parsed.recordScans ?? true,
    includeResults: parsed.includeResults ?? false,
  };
  const { maxConcurrent } = request;
  const tally = soFar?.tally ?? emptyCollection();
  let { started, firstTimeouts, stop } = soFar ?? { started: 0, firstTimeouts: 0 };
  const text = (): string => `${collectionLine(tally)}${stop === undefined ? '' : `. Stopped: ${stop}`}`;
  const report = (): void => {
    setCurrentDetails([text(), ...tally.failures.slice(0, 10).map(collectionFailureLine)].join('\n'));
  };
  setHandler(progress, text);
  const settings = await readSettings();
  const externalId = (await readExternalId()) ?? undefined;
  const frame = soFar?.frame ?? (await readFrame(request));

  const stopFor = (reason: string): void => {
    stop ??= reason;
    report();
  };
  return {
    request,
    settings,
    ...(externalId !== undefined && { externalId }),
    frame,
    tally,
    nextOrder: () => started++,
    ended: (order, timedOut) => {
      if (order < maxConcurrent && timedOut && ++firstTimeouts === maxConcurrent) {
        stopFor(
          `the first ${String(maxConcurrent)} timed out: does a worker on ${request.taskQueue} know ${request.workflowType}?`,
        );
      }
    },
    succeed: ({ accountId }, result) => {
      tally.matched++;
      tally.succeeded++;
      if (request.includeResults && result !== undefined && !tally.resultsTruncated) {
        const all = [...tally.results, { accountId, result }];
        tally.results = within(all, RESULT_BYTES);
        tally.resultsTruncated = tally.results.length < all.length;
      }
      report();
    },
    fail: ({ accountId, accountName }, errorType, message) => {
      tally.matched++;
      tally.failed++;
      if (tally.failures.length < MAX_LISTED) {
        tally.failures.push({ accountId, accountName, errorType, message: cutText(message) });
      }
      if (tally.failedAccountIds.length < MAX_FAILED_IDS) tally.failedAccountIds.push(accountId);
      report();
    },
    skip: ({ accountId, accountName, status }, reason) => {
      tally.matched++;
      tally.skipped++;
      if (status !== 'excluded') tally.missed++;
      if (tally.skippedAccounts.length < MAX_LISTED) {
        tally.skippedAccounts.push({ accountId, accountName, reason: cutText(reason, REASON_BYTES) });
      }
      report();
    },
    stop: stopFor,
    stopped: () => stop,
    // Asked in this order, so that only what 0.1.0 would have ended here takes the new path.
    historyIsLong: () =>
      leavesNoRoom(maxConcurrent, END_OF_OLD) &&
      (!patched('a collection keeps room for ends only') || leavesNoRoom(maxConcurrent, END)),
    soFar: (after) => {
      const { unmatched, ...lists } = cutLists({ ...tally, unmatched: frame.unmatched }, SO_FAR_BYTES);
      return {
        after,
        frame: { ...frame, unmatched },
        tally: { ...tally, ...lists },
        started,
        firstTimeouts,
        ...(stop !== undefined && { stop }),
      };
    },
  };
};

const leavesNoRoom = (lanes: number, end: typeof END): boolean => {
  const { historyLength, historySize } = workflowInfo();
  return historyLength > EVENTS - end.events * lanes || historySize > BYTES - end.bytes * lanes;
};

/** What the result says of the list of accounts as it is at the start. */
const readFrame = async ({ include, exclude, includeResults }: Request): Promise<CollectionFrame> => {
  const accountIds = [...(include?.accountIds ?? []), ...(exclude?.accountIds ?? [])];
  const orgUnits = [...(include?.orgUnits ?? []), ...(exclude?.orgUnits ?? [])];
  const named = accountIds.length + orgUnits.length > 0;
  const unmatched = named ? await registry.findUnmatched({ accountIds, orgUnits }) : [];
  return {
    unmatched,
    allMatched: unmatched.length === 0,
    accountsAsOf: await registry.readLastCompleteDiscovery(),
    includeResults,
    startedAt: workflowInfo().startTime.toISOString(),
  };
};
