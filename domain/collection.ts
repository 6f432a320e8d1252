/** Rules of a collection: what a collector is told, what its failure means, and what the result may claim (design 5). */
import { labelOf } from './account.ts';
import { jsonBytes, within } from './bytes.ts';
import {
  ACCOUNT_ACCESS_DENIED,
  type CollectAcrossAccountsResult,
  type CollectedAccount,
  type CollectionFailure,
  type PoloStatus,
} from './contract.ts';
import { listIsFresh } from './coverage.ts';
import { partitionOf } from './names.ts';
import { SCAN_FRESH } from './scans.ts';

/** An account that a collection means, as the registry has it. */
export interface CollectionTarget {
  accountId: string;
  accountName: string;
  orgUnit: string;
  accountRole: string;
  owner: string;
  readRoleArn: string;
  status: PoloStatus;
  /** Of `last_scan_error`, cut. */
  why: string;
  lastScan: string | null;
}

/** Lists in a result are cut to these lengths; the counts always say the whole. */
export const MAX_FAILED_IDS = 5_000;

/** Most UTF-8 bytes of a whole result as JSON, and of what isn't in lists: counts, times and the names of fields. */
const RESULT_BYTES = 200 * 1024;
const OTHER_BYTES = 500;

/** What a collector's workflow is told of an account. */
export const collectedAccount = (target: CollectionTarget, externalId: string | undefined): CollectedAccount => ({
  accountId: target.accountId,
  accountName: target.accountName,
  orgUnit: target.orgUnit,
  ...(target.accountRole !== '' && { accountRole: target.accountRole }),
  ...(target.owner !== '' && { owner: target.owner }),
  readRoleArn: target.readRoleArn,
  ...(externalId !== undefined && { externalId }),
  partition: partitionOf(target.readRoleArn),
});

/** Why no collector runs on an account in this status; undefined for an active one. */
export const skipReason = ({ status, why }: CollectionTarget): string | undefined =>
  status === 'active' ? undefined : `${status}${why === '' ? '' : `: ${why}`}`;

/** True if a success at `now` says nothing new of the account, so that nobody has to be asked to record it. */
export const needsNoRecord = ({ lastScan, why }: CollectionTarget, now: number): boolean =>
  why === '' && lastScan !== null && now - Date.parse(lastScan) < SCAN_FRESH;

/** One failure in a chain of causes. */
export interface Cause {
  type: string;
  message: string;
}

/** True if the account refused the collector: by our own type, by AWS's, or in the words of botocore. */
export const saysAccessDenied = (causes: Cause[]): boolean =>
  causes.some(
    ({ type, message }) =>
      type === ACCOUNT_ACCESS_DENIED || type.startsWith('AccessDenied') || /\(AccessDenied\w*\)/.test(message),
  );

/** What a collection has counted so far, and how it may stop early. */
export interface CollectionTally extends Pick<
  CollectAcrossAccountsResult,
  'matched' | 'succeeded' | 'failed' | 'skipped' | 'failures' | 'failedAccountIds' | 'skippedAccounts'
> {
  /** Skipped ones that nobody has excluded. */
  missed: number;
  results: { accountId: string; result: unknown }[];
  resultsTruncated: boolean;
}

/** Nothing counted yet. */
export const emptyCollection = (): CollectionTally => ({
  matched: 0,
  succeeded: 0,
  failed: 0,
  skipped: 0,
  missed: 0,
  failures: [],
  failedAccountIds: [],
  skippedAccounts: [],
  results: [],
  resultsTruncated: false,
});

/** What the result of a collection is made of beside its counts. */
export interface CollectionFrame {
  unmatched: string[];
  /** False if there was anything unmatched: the list itself may have been cut. */
  allMatched: boolean;
  /** Null if no discovery was ever complete. */
  accountsAsOf: string | null;
  includeResults: boolean;
  startedAt: string;
}

/** What may be long in a collection: what was counted, and names that nothing matched. */
type Lists = Pick<
  CollectionTally,
  'failures' | 'failedAccountIds' | 'skippedAccounts' | 'results' | 'resultsTruncated'
> &
  Pick<CollectionFrame, 'unmatched'>;

/** The same within so many bytes as JSON: results leave first, then unmatched names, then what was skipped and what failed. */
export const cutLists = (lists: Lists, bytes: number): Lists => {
  let left = bytes;
  const fit = <T>(list: T[]): T[] => {
    const kept = within(list, left);
    left -= jsonBytes(kept);
    return kept;
  };
  const failedAccountIds = fit(lists.failedAccountIds);
  const failures = fit(lists.failures);
  const skippedAccounts = fit(lists.skippedAccounts);
  const unmatched = fit(lists.unmatched);
  const results = fit(lists.results);
  const resultsTruncated = lists.resultsTruncated || results.length < lists.results.length;
  return { failedAccountIds, failures, skippedAccounts, unmatched, results, resultsTruncated };
};

/**
 * The result, within 200 KiB. It is complete only if something was matched, all of it but excluded accounts was
 * collected, and the list was fresh at the start.
 */
export const collectionResult = (
  tally: CollectionTally,
  { unmatched, allMatched, accountsAsOf, includeResults, startedAt }: CollectionFrame,
  now: number,
): CollectAcrossAccountsResult => {
  const { matched, succeeded, failed, skipped, missed, results } = tally;
  const lists = cutLists({ ...tally, unmatched, results: includeResults ? results : [] }, RESULT_BYTES - OTHER_BYTES);
  return {
    matched,
    succeeded,
    failed,
    skipped,
    complete:
      matched > 0 && failed === 0 && missed === 0 && allMatched && listIsFresh(accountsAsOf, Date.parse(startedAt)),
    ...(accountsAsOf !== null && { accountsAsOf }),
    unmatched: lists.unmatched,
    failures: lists.failures,
    failedAccountIds: lists.failedAccountIds,
    skippedAccounts: lists.skippedAccounts,
    ...(includeResults && { results: lists.results, resultsTruncated: lists.resultsTruncated }),
    startedAt,
    finishedAt: new Date(now).toISOString(),
  };
};

/** The counts in words, for the Temporal UI. */
export const collectionLine = ({ matched, succeeded, failed, skipped }: CollectionTally): string =>
  `${String(matched)} accounts matched so far, ${String(succeeded)} succeeded, ${String(failed)} failed, ${String(skipped)} skipped`;

/** A failure in a line, for people. */
export const collectionFailureLine = ({ errorType, message, ...account }: CollectionFailure): string =>
  `- ${labelOf(account)}: ${errorType}: ${message}`;
