/**
 * The public contract: everything that callers outside this project may rely on (design 5 and 7).
 * It has no dependencies and is safe to import from another team's workflow bundle.
 */

export * from './collectorContract.ts';
export * from './doctorContract.ts';
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

/** Whether Polo may see an account (seed). */
export const POLO_STATUSES = ['active', 'pending_setup', 'no_access', 'excluded'] as const;
export type PoloStatus = (typeof POLO_STATUSES)[number];

/**
 * A row of `polo.aws_accounts`, with the seed's column names. Times are ISO 8601 in UTC with milliseconds;
 * `last_successful_scan` is null for an account that no collector ever finished on. `_version` is a decimal number as text.
 */
export interface AccountRow {
  account_id: string;
  account_name: string;
  account_email: string;
  /** Path of organizational units by name, `/` for the root. */
  org_unit: string;
  polo_status: PoloStatus;
  polo_read_role: string;
  polo_action_role: string;
  last_successful_scan: string | null;
  last_scan_error: string;
  account_role: string;
  owner: string;
  discovered_at: string;
  updated_at: string;
  _version: string;
}

/** An entry of an account's history; `account_id` is empty for the whole organization, `until` null where none was given. */
export interface AccountEvent {
  event_id: string;
  account_id: string;
  at: string;
  kind: string;
  from_status: string;
  to_status: string;
  reason: string;
  actor: string;
  until: string | null;
  workflow_id: string;
  run_id: string;
}

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

/** Result of `discoverAccounts`; listed = active + pendingSetup + noAccess + excluded + failed. */
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

/** Input of `readRegistry`; `after` is the `next` of the page before. `accountId` is for history, `status` for accounts. */
export interface ReadRegistryInput {
  what: 'accounts' | 'coverage' | 'history' | 'setup';
  accountId?: string;
  status?: PoloStatus;
  after?: string;
  limit?: number;
}

/** Why an account counts as a gap, the most serious reason first; decided from columns, never from text. */
export const GAP_REASONS = ['no_access', 'pending_setup', 'stale', 'never_scanned', 'action_role_refused'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** One account that Polo doesn't see, or not fully. `hours_since_scan` is null for never. */
export interface CoverageGap {
  account_id: string;
  account_name: string;
  polo_status: PoloStatus;
  last_scan_error: string;
  hours_since_scan: number | null;
  reason: GapReason;
  since: string;
  nextStep: string;
  /** The organization's management account, which no StackSet reaches. */
  isManagementAccount?: true;
}

/** Slack could not be told something, and since when (ISO 8601). */
export interface SlackFailure {
  at: string;
  message: string;
  /** Whether it missed changes, and when a weekly digest; absent in what an older version recorded, for changes. */
  missed?: { changes: boolean; digestAt?: string };
}

/** The answer to "do we see everything?" (design 6). `total` = known accounts minus excluded ones = covered + all gaps. */
export interface Coverage {
  generatedAt: string;
  status: 'ok' | 'gaps' | 'discovery_stale' | 'never_ran';
  sentence: string;
  total: number;
  covered: number;
  excluded: number;
  lastCompleteDiscoveryAt: string | null;
  accountsByStatus: Record<PoloStatus, number>;
  /** `action_role_refused` counts the lesser gaps. */
  gapsByReason: Record<GapReason, number>;
  slackFailure?: SlackFailure;
  gaps: CoverageGap[];
  lesserGaps: CoverageGap[];
}

/** The StackSet that carries the roles, as AWS's own tools need to be told; from `region` it deploys them, which are global. */
export interface StackSetNames {
  name: string;
  region: string;
  callAs: 'SELF' | 'DELEGATED_ADMIN';
}

/** A page of `readRegistry`: exactly what was asked for is there; `next` where more follows. Of coverage only the gaps are paged. */
export interface RegistryPage {
  accounts?: AccountRow[];
  coverage?: Coverage;
  history?: AccountEvent[];
  /** What has to be named to deploy the roles by hand. */
  setup?: { stackSet: StackSetNames };
  next?: string;
}
