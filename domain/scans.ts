/** What collectors' runs leave in an account's row and history (design 2 and 5). */
import type { AccountRecord, OpenScanFailure } from './account.ts';
import type { EventDetails } from './events.ts';
import { HOUR } from './times.ts';

/** The end of a collector's run on an account: a success, or a failure with its message. */
export interface ScanOutcome {
  workflowType: string;
  /** ISO 8601. */
  at: string;
  failure?: string;
}

/** A success as young as this needs no newer one in the registry, in milliseconds: coverage counts in hours. */
export const SCAN_FRESH = HOUR;

/** Text of `last_scan_error`: the reason of limited access wins, else what collectors reported (design 2). */
export const scanError = (accessReason: string, failures: OpenScanFailure[]): string =>
  accessReason !== ''
    ? accessReason
    : failures.map(({ workflowType, message }) => `scan ${workflowType}: ${message}`).join('; ');

/** Open failures after a run, by workflow type: one of a type, which only a success of that type clears. */
export const openFailuresAfter = (open: OpenScanFailure[], { workflowType, failure }: ScanOutcome): OpenScanFailure[] =>
  [
    ...open.filter((other) => other.workflowType !== workflowType),
    ...(failure === undefined ? [] : [{ workflowType, message: failure }]),
  ].sort((a, b) => (a.workflowType < b.workflowType ? -1 : 1));

const openFailureOf = ({ openScanFailures }: AccountRecord, workflowType: string): OpenScanFailure | undefined =>
  openScanFailures.find((open) => open.workflowType === workflowType);

/** True if a success says nothing new: another one is younger than an hour, and there is no failure to clear. */
const isOldNews = (record: AccountRecord, { workflowType, at }: ScanOutcome): boolean => {
  const last = record.row?.last_successful_scan;
  if (last === undefined || last === null || openFailureOf(record, workflowType)) return false;
  return Date.parse(at) - Date.parse(last) < SCAN_FRESH;
};

/** The column `last_successful_scan` after a run; it never goes back. */
export const scanTime = (record: AccountRecord, scan: ScanOutcome | undefined): string | null => {
  const last = record.row?.last_successful_scan ?? null;
  if (scan === undefined || scan.failure !== undefined || isOldNews(record, scan)) return last;
  return last !== null && last > scan.at ? last : scan.at;
};

/** Events of a run: a failure that wasn't open in these words, or the end of one. */
export const scanEvents = (record: AccountRecord, { workflowType, failure }: ScanOutcome): EventDetails[] => {
  const open = openFailureOf(record, workflowType);
  if (failure === undefined) {
    return open ? [{ kind: 'scan_recovered', actor: workflowType, reason: `was: ${open.message}` }] : [];
  }
  return open?.message === failure ? [] : [{ kind: 'scan_failed', actor: workflowType, reason: failure }];
};
