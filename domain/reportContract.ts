/** The public contract of the reports on coverage; a part of `contract.ts`, and like it free of dependencies. */
import type { Coverage } from './registryContract.ts';

/** Id of the one report on coverage that may run at a time. */
export const REPORT_WORKFLOW_ID = 'report-coverage';

/** Id of the Temporal schedule that starts the hourly report on coverage. */
export const REPORT_SCHEDULE_ID = 'polo-report-coverage';

/** Id of the Temporal schedule that starts the weekly digest. */
export const DIGEST_SCHEDULE_ID = 'polo-weekly-digest';

/** Input of `reportCoverage`: nothing. */
export type ReportCoverageInput = Record<string, never>;

/** How many accounts there is something new to tell about; each counts once. */
export interface NewsCounts {
  newGaps: number;
  /** Were told as gaps and are covered. */
  recovered: number;
  /** Were told as gaps and are excluded. */
  noLongerCounted: number;
  /** Discovered since the first report, and no gap. */
  newAccounts: number;
}

/** Result of `reportCoverage`; the first five fields are those of `Coverage`. */
export interface ReportCoverageResult extends Pick<Coverage, 'status' | 'sentence' | 'total' | 'covered' | 'excluded'> {
  /** Accounts whose exclusion had run out, and that were verified. */
  exclusionsEnded: number;
  /** What Slack had not been told of before this run. */
  news: NewsCounts;
  slack: 'told' | 'no_news' | 'not_configured' | 'failed';
  /** Why Slack was not told. */
  slackMessage?: string;
  /** `withheld`: the last complete discovery is too old, or there was none. */
  heartbeat: 'sent' | 'withheld' | 'failed' | 'not_configured';
  startedAt: string;
  finishedAt: string;
}

/** Input of `weeklyDigest`; with `post` false the section is only returned, for a digest of somebody else. */
export interface WeeklyDigestInput {
  post?: boolean;
}

/** A block of Slack's Block Kit, of the two kinds that Polo sends. */
export type SlackBlock =
  | { type: 'header'; text: { type: 'plain_text'; text: string; emoji: false } }
  | { type: 'section'; text: { type: 'mrkdwn'; text: string; verbatim: true } };

/** A message to Slack, or a section of one: blocks, and the text for wherever blocks can't be shown. Both are escaped already. */
export interface SlackMessage {
  text: string;
  blocks: SlackBlock[];
}

/** Result of `weeklyDigest`: the section of a digest that is about AWS accounts, at most 30 blocks. */
export type WeeklyDigestResult = SlackMessage;
