/** The part of the public contract that other teams' collectors need (design 5; docs/collectors.md). It has no dependencies. */

/** Which accounts are meant. An account must fit every field that is there, by any of its values. */
export interface AccountFilter {
  /** 12 digits each, with leading zeros, as text. */
  accountIds?: string[];
  /** Paths such as `/Workloads`: the unit and all units below it; `/` is everything. */
  orgUnits?: string[];
  accountRoles?: string[];
  owners?: string[];
}

/** Input of `collectAcrossAccounts`. */
export interface CollectAcrossAccountsInput {
  /** The caller's workflow, run once for each active account, and the task queue that its worker polls. */
  workflowType: string;
  taskQueue: string;
  /** Handed to each of them as it is; at most 64 KiB as JSON. */
  input?: unknown;
  /** Without it every account is meant. */
  include?: AccountFilter;
  /** Wins over include: an account that fits any one of these fields is left out. */
  exclude?: AccountFilter;
  /** Accounts at a time, 1 to 200, by default 25. */
  maxConcurrent?: number;
  /** Time that one account may take, 1 to 86400 seconds, by default 3600. */
  accountTimeoutSeconds?: number;
  /** Whether success and failure are written to the registry, by default true. */
  recordScans?: boolean;
  /** Whether the accounts' results are returned, as far as they fit. By default false. */
  includeResults?: boolean;
}

/** The account that a collector's workflow is to work on. Role ARNs, never credentials. */
export interface CollectedAccount {
  accountId: string;
  accountName: string;
  orgUnit: string;
  accountRole?: string;
  owner?: string;
  /** The role to assume, with `externalId` where that is given. */
  readRoleArn: string;
  externalId?: string;
  /** `aws`, `aws-us-gov`, `aws-cn`, … */
  partition: string;
}

/** The one argument of a collector's workflow. */
export interface CollectorInput<Input = unknown> {
  account: CollectedAccount;
  input?: Input;
}

/** An account whose collector failed; `message` has at most 500 bytes. */
export interface CollectionFailure {
  accountId: string;
  accountName: string;
  errorType: string;
  message: string;
}

/** An account that the filters mean, and where no collector ran. */
export interface SkippedAccount {
  accountId: string;
  accountName: string;
  reason: string;
}

/** Result of `collectAcrossAccounts`; matched = succeeded + failed + skipped. As JSON it has at most 200 KiB. */
export interface CollectAcrossAccountsResult {
  matched: number;
  succeeded: number;
  failed: number;
  skipped: number;
  /** True only if every matched account that nobody excluded was collected, from a list of accounts that is fresh. */
  complete: boolean;
  /** When the last complete discovery ended; absent if there was none. */
  accountsAsOf?: string;
  /** Account ids and organizational units that the filters name, and that no account fits. */
  unmatched: string[];
  /** At most 100. */
  failures: CollectionFailure[];
  /** At most 5,000. */
  failedAccountIds: string[];
  /** At most 100. */
  skippedAccounts: SkippedAccount[];
  /** What the collectors returned, with `includeResults`, as far as it fits. */
  results?: { accountId: string; result: unknown }[];
  /** With `includeResults`: true if some results did not fit. */
  resultsTruncated?: boolean;
  startedAt: string;
  finishedAt: string;
}

/** A collector's workflow fails with this type, at any depth of causes, to say that the account refused it. */
export const ACCOUNT_ACCESS_DENIED = 'AccountAccessDenied';
