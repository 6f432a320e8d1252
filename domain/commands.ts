/** The commands that `account/<id>` applies one at a time, and what each one answers (design 3). */
import type { AccountRow, PoloStatus } from './contract.ts';
import type { Origin } from './events.ts';
import type { AccountFacts } from './organization.ts';
import type { Decision } from './status.ts';

interface CommandBase {
  /** Stable over retries: a repeated command adds no event. */
  id: string;
  origin: Origin;
}

/** Verify the roles and bring the row up to date; `facts` are fresh from AWS Organizations. */
export interface VerifyCommand extends CommandBase {
  kind: 'verify';
  facts: AccountFacts;
  /** Decide, but write nothing. */
  dryRun?: boolean;
  /** One of thousands: the first look is a local activity, which costs a third of a normal one. */
  amongMany?: boolean;
  /** One of thousands, of those who also load, look and write at once where they can; older runs don't. */
  atOnce?: boolean;
}

/** The account is absent from a complete listing and unknown to DescribeAccount. */
export interface DepartCommand extends CommandBase {
  kind: 'depart';
  dryRun?: boolean;
}

/** An operator takes the account out; `until` is ISO 8601. */
export interface ExcludeCommand extends CommandBase {
  kind: 'exclude';
  reason: string;
  until?: string;
}

/** An operator takes an exclusion back; the account is verified at once. */
export interface IncludeCommand extends CommandBase {
  kind: 'include';
  facts: AccountFacts;
}

/** AWS tags that were found; a missing one keeps the stored value (design 2). */
export interface SetTagsCommand extends CommandBase {
  kind: 'setTags';
  accountRole?: string;
  owner?: string;
}

/** A collector of this type has finished on the account, or failed with a message of at most 500 bytes. */
export interface RecordScanCommand extends CommandBase {
  kind: 'recordScan';
  workflowType: string;
  /** When the collector ended, ISO 8601. */
  at: string;
  /** Absent for a success. */
  failure?: string;
}

export type AccountCommand =
  VerifyCommand | DepartCommand | ExcludeCommand | IncludeCommand | SetTagsCommand | RecordScanCommand;

/** What a command did. `from` is empty for a new account; equal to `to` where the status stays. */
export interface CommandResult {
  row: AccountRow;
  from: PoloStatus | '';
  to: PoloStatus;
  reason: string;
  inconclusive: boolean;
}

/** The answer of a command that leaves the account as `row`. */
export const resultOf = (row: AccountRow, from: PoloStatus | '', decision?: Decision): CommandResult => ({
  row,
  from,
  to: row.polo_status,
  reason: row.last_scan_error,
  inconclusive: decision?.inconclusive ?? false,
});
