/** The public contract of what the registry tells; a part of `contract.ts`, and like it free of dependencies. */

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
