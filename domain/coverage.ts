/** Coverage: which accounts Polo doesn't see, and the one sentence that says so everywhere (design 6). */
import { label } from './account.ts';
import type { AccountRow, Coverage, CoverageGap, GapReason } from './contract.ts';

const HOUR = 3_600_000;

/** A scan counts for 24 hours (seed), in milliseconds. */
export const SCAN_VALID = 24 * HOUR;

/** A complete discovery counts for 26 hours: a day and the time that a late or long run may take. */
export const DISCOVERY_VALID = 26 * HOUR;

/** An account that may be a gap, with the columns that decide. `since` is when its present status began. */
export type GapCandidate = Pick<
  AccountRow,
  'account_id' | 'account_name' | 'polo_status' | 'last_scan_error' | 'last_successful_scan' | 'polo_action_role'
> & { since: string };

/** What the registry tells about coverage: counts over all accounts, and one page of the candidates. */
export interface CoverageFacts {
  /** Accounts in the registry, excluded ones included. */
  known: number;
  excluded: number;
  /** All gaps, not only those of this page; lesser ones are not counted. */
  gaps: number;
  lastCompleteDiscoveryAt: string | null;
  candidates: GapCandidate[];
}

/** Why the account is a gap, most serious reason first; undefined for a covered or excluded account. */
export const gapReason = (account: GapCandidate, now: number, actionRoleConfigured: boolean): GapReason | undefined => {
  if (account.polo_status === 'excluded') return undefined;
  if (account.polo_status !== 'active') return account.polo_status;
  if (account.last_successful_scan === null) return 'never_scanned';
  if (now - Date.parse(account.last_successful_scan) > SCAN_VALID) return 'stale';
  return actionRoleConfigured && account.polo_action_role === '' ? 'action_role_refused' : undefined;
};

const NEXT_STEP: Record<GapReason, (id: string) => string> = {
  no_access: (id) => `polo-accounts verify ${id} tells what AWS answers; then operations/failures.md#read-role-refused`,
  pending_setup: (id) => `polo-accounts onboard ${id}, or by hand: operations/failures.md#roles-not-deployed`,
  never_scanned: () => 'start a collector on it, or see why its collector has not finished',
  stale: (id) => `polo-accounts history ${id} tells which collector failed`,
  action_role_refused: (id) =>
    `deploy the action role again (operations/failures.md#action-role-refused), then polo-accounts verify ${id}`,
};

const gapOf = (account: GapCandidate, reason: GapReason, now: number): CoverageGap => {
  const scan = account.last_successful_scan === null ? null : Date.parse(account.last_successful_scan);
  return {
    account_id: account.account_id,
    account_name: account.account_name,
    polo_status: account.polo_status,
    last_scan_error: account.last_scan_error,
    hours_since_scan: scan === null ? null : Math.max(0, Math.floor((now - scan) / HOUR)),
    reason,
    since: reason === 'stale' && scan !== null ? new Date(scan + SCAN_VALID).toISOString() : account.since,
    nextStep: NEXT_STEP[reason](account.account_id),
  };
};

/** The coverage model that page, JSON, Slack, digest and command line share. `now` is in milliseconds. */
export const coverageOf = (facts: CoverageFacts, now: number, actionRoleConfigured: boolean): Coverage => {
  const found = facts.candidates.flatMap((account) => {
    const reason = gapReason(account, now, actionRoleConfigured);
    return reason === undefined ? [] : [gapOf(account, reason, now)];
  });
  const total = facts.known - facts.excluded;
  const last = facts.lastCompleteDiscoveryAt;
  const status =
    last === null
      ? 'never_ran'
      : now - Date.parse(last) > DISCOVERY_VALID
        ? 'discovery_stale'
        : facts.gaps > 0
          ? 'gaps'
          : 'ok';
  const coverage = {
    generatedAt: new Date(now).toISOString(),
    status,
    total,
    covered: total - facts.gaps,
    excluded: facts.excluded,
    lastCompleteDiscoveryAt: last,
    gaps: found.filter((gap) => gap.reason !== 'action_role_refused'),
    lesserGaps: found.filter((gap) => gap.reason === 'action_role_refused'),
  } as const;
  return { ...coverage, sentence: sentenceOf({ ...coverage, sentence: '' }, now) };
};

/** An age in the largest unit that leaves at least one whole: `6 days`, `25 h`, `4 min`. */
export const age = (milliseconds: number): string => {
  if (milliseconds >= 48 * HOUR) return `${String(Math.floor(milliseconds / (24 * HOUR)))} days`;
  if (milliseconds >= HOUR) return `${String(Math.floor(milliseconds / HOUR))} h`;
  return `${String(Math.max(0, Math.floor(milliseconds / 60_000)))} min`;
};

/** Coverage in one sentence or two: denominator, oldest gap by name and age, age of the account list, next step. */
export const sentenceOf = (coverage: Coverage, now: number): string => {
  if (coverage.lastCompleteDiscoveryAt === null) {
    return 'No discovery has ever completed, so nobody knows which accounts exist. Next: polo-accounts discover.';
  }
  const listAge = age(now - Date.parse(coverage.lastCompleteDiscoveryAt));
  const lost = coverage.total - coverage.covered;
  const oldest = [...coverage.gaps].sort((a, b) => a.since.localeCompare(b.since))[0];
  const gaps =
    lost === 0
      ? `All ${String(coverage.total)} accounts are covered.`
      : `${String(lost)} of ${String(coverage.total)} accounts are not covered.` +
        (oldest ? ` Oldest: ${label(oldest)}, ${age(now - Date.parse(oldest.since))}; next: ${oldest.nextStep}.` : '');
  return coverage.status === 'discovery_stale'
    ? `The account list itself is ${listAge} old: the last discoveries did not complete. Next: polo-accounts discover. ${gaps}`
    : `${gaps} Account list: ${listAge} old.`;
};
