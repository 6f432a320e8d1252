/**
 * The public contract: everything that callers outside this project may rely on (design 5 and 7).
 * It has no dependencies and is safe to import from another team's workflow bundle.
 */
import type { PoloStatus } from './registryContract.ts';

export * from './collectorContract.ts';
export * from './doctorContract.ts';
export * from './registryContract.ts';
export * from './reportContract.ts';

/** Task queue of the accounts worker unless POLO_TASK_QUEUE says otherwise. */
export const TASK_QUEUE = 'polo-accounts';

/** Id of the one full discovery that may run at a time. */
export const DISCOVERY_WORKFLOW_ID = 'discover-accounts';

/** Id of the Temporal schedule that starts the daily discovery. */
export const DISCOVERY_SCHEDULE_ID = 'polo-discover-accounts';

/** Id of the only workflow that writes an account; it exists once at a time (design 3). */
export const accountWorkflowId = (accountId: string): string => `account/${accountId}`;

/** Id of the onboarding of an account; it exists once at a time. */
export const onboardWorkflowId = (accountId: string): string => `onboard/${accountId}`;

/** Input of `discoverAccounts`. With `accountIds` only these are verified and nobody departs. */
export interface DiscoverAccountsInput {
  dryRun?: boolean;
  accountIds?: string[];
  /** Exact number of departures to accept when over half of the known accounts are missing. */
  acceptDepartures?: number;
  /** Go on although every account of the first sample refuses Polo. */
  acceptRefusals?: boolean;
}

/** A change of status that a discovery made, or with `dryRun` would make. `from` is empty for a new account. */
export interface StatusChange {
  accountId: string;
  accountName: string;
  from: PoloStatus | '';
  to: PoloStatus;
  reason: string;
}

/** An account that could not be handled; `accountId` is empty where the whole organization is meant. */
export interface AccountFailure {
  accountId: string;
  accountName: string;
  code: string;
  message: string;
}

/**
 * Result of `discoverAccounts`; listed = active + pendingSetup + noAccess + excluded + failed. `listed` counts as well the
 * accounts that the listing forgot and AWS knows all the same.
 */
export interface DiscoverAccountsResult {
  listed: number;
  new: number;
  active: number;
  pendingSetup: number;
  noAccess: number;
  excluded: number;
  failed: number;
  inconclusive: number;
  departed: number;
  complete: boolean;
  /** At most 100. */
  changes: StatusChange[];
  /** At most 100. */
  failures: AccountFailure[];
  startedAt: string;
  finishedAt: string;
}

/** Input of `verifyAccount`. */
export interface VerifyAccountInput {
  accountId: string;
}

/** Input of `excludeAccount`; `until` is a date (through its end, UTC) or an ISO 8601 time with zone. */
export interface ExcludeAccountInput {
  accountId: string;
  reason: string;
  until?: string;
  by: string;
}

/** Input of `includeAccount`. */
export interface IncludeAccountInput {
  accountId: string;
  by: string;
}

/** Input of `onboardAccount`; under the id `onboard/<12 digits>` it may be left out. */
export interface OnboardAccountInput {
  accountId?: string;
}

/** Result of `onboardAccount`. A role's ARN is empty where no such role is configured; `operationId` is absent if none was needed. */
export interface OnboardAccountResult {
  accountId: string;
  /** `already_active`: both roles worked before anything was done. */
  outcome: 'promoted' | 'already_active';
  poloStatus: PoloStatus;
  /** The StackSet operation that deployed the roles: our own, or one that ran already. */
  operationId?: string;
  readRoleArn: string;
  actionRoleArn: string;
  startedAt: string;
  finishedAt: string;
}

/** Input of `onboardAccounts`: exactly one of the first three. */
export interface OnboardAccountsInput {
  accountIds?: string[];
  /** Path of an organizational unit: its accounts, and those of the units below, that Polo has no access to. */
  orgUnit?: string;
  /** Every account in status pending_setup that a StackSet can reach. */
  allPending?: true;
  /** Accounts that are onboarded at a time, 1 to 100, by default 10. */
  maxConcurrent?: number;
}

/** Result of `onboardAccounts`; requested = active + failed. */
export interface OnboardAccountsResult {
  requested: number;
  active: number;
  failed: number;
  /** At most 100. */
  failures: AccountFailure[];
}
