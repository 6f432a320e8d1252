/** Coverage: which accounts Polo doesn't see, and the one sentence that says so everywhere (design 6). */
import { label } from './account.ts';
import {
  GAP_REASONS,
  POLO_STATUSES,
  type AccountRow,
  type Coverage,
  type CoverageGap,
  type GapReason,
  type PoloStatus,
  type SlackFailure,
} from './contract.ts';
import { runbookAnchor } from './failures.ts';
import { age, DAY, HOUR, minute } from './times.ts';

/** A scan counts for 24 hours (seed), in milliseconds. */
export const SCAN_VALID = DAY;

/** A complete discovery counts for 26 hours: a day and the time that a late or long run may take. */
export const DISCOVERY_VALID = 26 * HOUR;

/** True if the account list still counts at `now`; the last complete discovery ended at this time (ISO 8601), null for none. */
export const listIsFresh = (lastCompleteDiscoveryAt: string | null, now: number): boolean =>
  lastCompleteDiscoveryAt !== null && now - Date.parse(lastCompleteDiscoveryAt) <= DISCOVERY_VALID;

/** An account that may be a gap, with the columns that decide. `since` is when its present status began. */
export type GapCandidate = Pick<
  AccountRow,
  'account_id' | 'account_name' | 'polo_status' | 'last_scan_error' | 'last_successful_scan' | 'polo_action_role'
> & {
  since: string;
  /** Of the organization, which no StackSet reaches. */
  isManagementAccount?: true;
};

/** What the registry tells about coverage. */
export interface CoverageFacts {
  /** All accounts of the registry. */
  accountsByStatus: Record<PoloStatus, number>;
  lastCompleteDiscoveryAt: string | null;
  /** What Slack refused last, if nothing was told since. */
  slackFailure?: SlackFailure;
  /** Every account that may be a gap; more do no harm. */
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
    `deploy the action role again (${runbookAnchor('ActionRoleRefused')}), then polo-accounts verify ${id}`,
};

/** An onboarding of the management account would be refused (design 5). */
const nextStepOf = ({ account_id: id, isManagementAccount }: GapCandidate, reason: GapReason): string =>
  isManagementAccount && reason === 'pending_setup'
    ? `deploy the roles by a stack of its own (operations/new-account.md#management-account), then polo-accounts verify ${id}`
    : NEXT_STEP[reason](id);

/** An account that is a gap for this reason, with its age and what to do. */
export const gapOf = (account: GapCandidate, reason: GapReason, now: number): CoverageGap => {
  const scan = account.last_successful_scan === null ? null : Date.parse(account.last_successful_scan);
  return {
    account_id: account.account_id,
    account_name: account.account_name,
    polo_status: account.polo_status,
    last_scan_error: account.last_scan_error,
    hours_since_scan: scan === null ? null : Math.max(0, Math.floor((now - scan) / HOUR)),
    reason,
    since: reason === 'stale' && scan !== null ? new Date(scan + SCAN_VALID).toISOString() : account.since,
    nextStep: nextStepOf(account, reason),
    ...(account.isManagementAccount && { isManagementAccount: true }),
  };
};

/** The coverage model that page, JSON, Slack, digest and command line share, gaps by account id. `now` is in milliseconds. */
export const coverageOf = (facts: CoverageFacts, now: number, actionRoleConfigured: boolean): Coverage => {
  const { accountsByStatus, lastCompleteDiscoveryAt: last } = facts;
  const found = facts.candidates
    .flatMap((account) => {
      const reason = gapReason(account, now, actionRoleConfigured);
      return reason === undefined ? [] : [gapOf(account, reason, now)];
    })
    .sort((a, b) => (a.account_id < b.account_id ? -1 : 1));
  const gaps = found.filter((gap) => gap.reason !== 'action_role_refused');
  const known = POLO_STATUSES.reduce((sum, status) => sum + accountsByStatus[status], 0);
  const total = known - accountsByStatus.excluded;
  const judged = gaps.length > 0 ? 'gaps' : 'ok';
  const coverage = {
    generatedAt: new Date(now).toISOString(),
    status: last === null ? 'never_ran' : listIsFresh(last, now) ? judged : 'discovery_stale',
    total,
    covered: total - gaps.length,
    excluded: accountsByStatus.excluded,
    lastCompleteDiscoveryAt: last,
    accountsByStatus,
    gapsByReason: Object.fromEntries(
      GAP_REASONS.map((reason) => [reason, found.filter((gap) => gap.reason === reason).length]),
    ) as Coverage['gapsByReason'],
    ...(facts.slackFailure && { slackFailure: facts.slackFailure }),
    gaps,
    lesserGaps: found.filter((gap) => gap.reason === 'action_role_refused'),
  } as const;
  return { ...coverage, sentence: sentenceOf(coverage, now) };
};

/** Gaps as a person wants to read them: the most serious reason first, within it the oldest. */
export const worstFirst = (gaps: CoverageGap[]): CoverageGap[] =>
  [...gaps].sort(
    (a, b) => GAP_REASONS.indexOf(a.reason) - GAP_REASONS.indexOf(b.reason) || a.since.localeCompare(b.since),
  );

/** Coverage in one sentence or two: denominator, oldest gap by name and age, age of the account list, next step. */
const sentenceOf = (coverage: Omit<Coverage, 'sentence'>, now: number): string => {
  const { status, lastCompleteDiscoveryAt } = coverage;
  if (lastCompleteDiscoveryAt === null) {
    return 'No discovery has ever completed, so nobody knows which accounts exist. Next: polo-accounts discover.';
  }
  const listAge = age(now - Date.parse(lastCompleteDiscoveryAt));
  return status === 'discovery_stale'
    ? `The account list itself is ${listAge} old: the last discoveries did not complete. Next: polo-accounts discover. ${gapSentence(coverage, now)}`
    : `${gapSentence(coverage, now)} Account list: ${listAge} old.`;
};

const gapSentence = ({ total, excluded, gaps }: Omit<Coverage, 'sentence'>, now: number): string => {
  const [oldest] = [...gaps].sort((a, b) => a.since.localeCompare(b.since));
  if (oldest) {
    const today = gaps.filter((gap) => now - Date.parse(gap.since) < DAY).length;
    return (
      `${String(gaps.length)} of ${String(total)} accounts are not covered${today > 0 ? ` (${String(today)} new today)` : ''}.` +
      ` Oldest: ${label(oldest)}, ${age(now - Date.parse(oldest.since))}; next: ${oldest.nextStep}.`
    );
  }
  if (total === 0)
    return `No account is watched: ${excluded === 0 ? 'none is known' : `all ${String(excluded)} are excluded`}.`;
  return total === 1 ? 'The only account is covered.' : `All ${String(total)} accounts are covered.`;
};

/** That Slack was not told what changed, or did not get the weekly digest. */
export const slackFailureText = ({ at, message, missed }: SlackFailure): string => {
  const digest = missed?.digestAt?.slice(0, 10);
  if (missed?.changes === false) return `Slack did not get the weekly digest of ${digest ?? ''}: ${message}`;
  const since = `Slack has not been told of changes since ${minute(at)} UTC`;
  return `${since}${digest === undefined ? '' : `, nor got the weekly digest of ${digest}`}: ${message}`;
};
