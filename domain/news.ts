/**
 * What there is to tell Slack: the difference between what it was told of each account and what is so now. What was told
 * is kept in the events (`slack_told`), so that no restart repeats it and no failure loses it (design 6).
 */
import {
  GAP_REASONS,
  type AccountRow,
  type Coverage,
  type CoverageGap,
  type GapReason,
  type NewsCounts,
  type PoloStatus,
} from './contract.ts';
import { gapOf, gapReason, SCAN_VALID, type GapCandidate } from './coverage.ts';
import { cutText } from './bytes.ts';
import { isLoss } from './status.ts';
import { HOUR } from './times.ts';

/** What Slack was last told of an account: that it is a gap and why, covered again, no longer counted, or just that it is new. */
export type Told = GapReason | 'covered' | 'excluded' | 'new';

/** What Slack was last told of the account list as a whole. */
export type ListState = 'list_fresh' | 'discovery_stale' | 'never_ran';

/** What the organization's events say about Slack; times are ISO 8601. */
export interface SlackState {
  /** Absent before the first message. */
  list?: ListState;
  /** The first message that came after a complete discovery: accounts found later are new. */
  baselineAt?: string;
}

/** An account that there may be news of. */
export type NewsCandidate = GapCandidate &
  Pick<AccountRow, 'org_unit' | 'discovered_at'> & {
    /** Empty for nothing. */
    told: Told | '';
    /** The status before the present one; empty if there was none. */
    previous_status: PoloStatus | '';
  };

/** Kinds of news, in the order in which they are told. */
export const NEWS_KINDS = [
  'newGaps',
  'recovered',
  'noLongerCounted',
  'newAccounts',
] as const satisfies (keyof NewsCounts)[];
export type NewsKind = (typeof NEWS_KINDS)[number];

/** Something that Slack has not been told of an account; texts are cut. */
export interface AccountNews extends Pick<
  NewsCandidate,
  'account_id' | 'account_name' | 'org_unit' | 'polo_status' | 'last_scan_error'
> {
  kind: NewsKind;
  /** What is recorded as told once Slack was told. */
  tells: Told;
  /** Found since the first report. */
  isNew: boolean;
  /** It was lost within the last hours. */
  lost: boolean;
  gap?: Pick<CoverageGap, 'reason' | 'since' | 'hours_since_scan' | 'nextStep'>;
}

/** Most accounts that a message names (design 6). */
export const MOST_NAMED = 10;

/** News of any number of accounts: how many of each kind, and the most serious ones by name. */
export interface News extends NewsCounts {
  /** New gaps that were active accounts. */
  lost: number;
  /** Gaps that are no news yet: a scan that may still come in time. */
  waiting: number;
  named: AccountNews[];
}

/** News of some accounts, with what is to be recorded of each once it is told: ids by what is told. */
export interface ToldAccounts extends News {
  told: Partial<Record<Told, string[]>>;
}

const ACCESS: readonly (Told | '')[] = ['no_access', 'pending_setup'];
const SCANS: readonly (Told | '')[] = ['stale', 'never_scanned'];
const isGap = (told: Told | ''): boolean => ACCESS.includes(told) || SCANS.includes(told);

/**
 * What is new about an account; undefined if nothing is. Missing scans count once they are two hours late, so that a daily
 * collector makes no news every day, and only once the account has been active for 24 hours:
 * one that was just let in, or that came back, has had no scan yet, and its gap stays told until there is one.
 * A missing action role is no news. Times in milliseconds; `baseline` is undefined before the first report.
 */
export const newsOf = (account: NewsCandidate, now: number, baseline?: number): AccountNews | undefined => {
  const { told } = account;
  const reason = gapReason(account, now, false);
  const isNew = told === '' && baseline !== undefined && Date.parse(account.discovered_at) > baseline;
  const tell = (kind: NewsKind, tells: Told): AccountNews => ({
    kind,
    tells,
    account_id: account.account_id,
    account_name: cutText(account.account_name, 200),
    org_unit: cutText(account.org_unit, 200),
    polo_status: account.polo_status,
    last_scan_error: cutText(account.last_scan_error, 300),
    isNew,
    lost:
      kind === 'newGaps' &&
      isLoss({ from: account.previous_status, to: account.polo_status }) &&
      now - Date.parse(account.since) <= AT_ONCE,
  });
  if (account.polo_status === 'excluded') return isGap(told) ? tell('noLongerCounted', 'excluded') : undefined;
  if (reason !== undefined && isNewGap(account, reason, now)) {
    const { since, hours_since_scan, nextStep } = gapOf(account, reason, now);
    return { ...tell('newGaps', reason), gap: { reason, since, hours_since_scan, nextStep } };
  }
  if (reason === undefined && isGap(told)) return tell('recovered', 'covered');
  return isNew ? tell('newAccounts', 'new') : undefined;
};

/** A collector that runs once a day is never quite on time: its scans are missing only after this, in milliseconds. */
const SCAN_MISSING = SCAN_VALID + 2 * HOUR;

/** Accounts were lost at once if it happened within this time before the report, in milliseconds. */
const AT_ONCE = 6 * HOUR;

const isNewGap = (
  { told, since, last_successful_scan: scan }: NewsCandidate,
  reason: GapReason,
  now: number,
): boolean => {
  if (ACCESS.includes(reason)) return told !== reason;
  const missing = scan === null || now - Date.parse(scan) >= SCAN_MISSING;
  return !SCANS.includes(told) && missing && now - Date.parse(since) >= SCAN_VALID;
};

const isWaiting = (account: NewsCandidate, now: number): boolean => {
  const reason = gapReason(account, now, false);
  return reason !== undefined && !isGap(account.told) && !isNewGap(account, reason, now);
};

const seriousness = ({ kind, gap }: AccountNews): number =>
  gap ? GAP_REASONS.indexOf(gap.reason) : GAP_REASONS.length + NEWS_KINDS.indexOf(kind);

const mostSerious = (news: AccountNews[]): AccountNews[] =>
  [...news]
    .sort(
      (a, b) =>
        seriousness(a) - seriousness(b) ||
        Number(b.lost) - Number(a.lost) ||
        (a.gap?.since ?? '').localeCompare(b.gap?.since ?? ''),
    )
    .slice(0, MOST_NAMED);

/** No news. */
export const noNews = (): News => ({
  newGaps: 0,
  recovered: 0,
  noLongerCounted: 0,
  newAccounts: 0,
  lost: 0,
  waiting: 0,
  named: [],
});

/** The news of some accounts, and what to record of them. */
export const newsOfAll = (accounts: NewsCandidate[], now: number, baseline?: number): ToldAccounts => {
  const all = { ...noNews(), told: {} as Partial<Record<Told, string[]>> };
  const found = accounts.flatMap((account) => newsOf(account, now, baseline) ?? []);
  all.waiting = accounts.filter((account) => isWaiting(account, now)).length;
  for (const { kind, tells, lost, account_id } of found) {
    all[kind]++;
    if (lost) all.lost++;
    (all.told[tells] ??= []).push(account_id);
  }
  return { ...all, named: mostSerious(found) };
};

/** The news of two parts of the accounts together. */
export const addNews = (a: News, b: News): News => ({
  newGaps: a.newGaps + b.newGaps,
  recovered: a.recovered + b.recovered,
  noLongerCounted: a.noLongerCounted + b.noLongerCounted,
  newAccounts: a.newAccounts + b.newAccounts,
  lost: a.lost + b.lost,
  waiting: a.waiting + b.waiting,
  named: mostSerious([...a.named, ...b.named]),
});

/** True if there is news of any account. */
export const hasNews = (news: NewsCounts): boolean => NEWS_KINDS.some((kind) => news[kind] > 0);

/** What is to be told of the account list. */
export const listStateOf = (status: Coverage['status']): ListState =>
  status === 'never_ran' || status === 'discovery_stale' ? status : 'list_fresh';

/** From so many active accounts on, losing half of them at once says more about Polo than about them (design 6). */
const LOSS_TELLS_FROM = 4;

/** True if so many active accounts were lost at once that Polo's own role is the likelier reason. `active` are those left. */
export const lostAtOnce = ({ lost }: News, active: number): boolean =>
  active + lost >= LOSS_TELLS_FROM && lost >= (active + lost) / 2;
