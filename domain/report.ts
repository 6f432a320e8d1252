/** The message that Slack gets when coverage has changed: one per report, only what is new (design 6). */
import type { Coverage, NewsCounts, ReportCoverageResult, SlackFailure, SlackMessage } from './contract.ts';
import { runbookAnchor } from './failures.ts';
import { lostAtOnce, NEWS_KINDS, type AccountNews, type ListState, type News, type NewsKind } from './news.ts';
import { boldLabel, header, moreLine, plain, plainLabel, sections, shortReason } from './slack.ts';
import { age, minute } from './times.ts';
import { counted, gapWords, statusWords } from './words.ts';

/** Coverage without the lists of its gaps. */
export type CoverageSummary = Omit<Coverage, 'gaps' | 'lesserGaps'>;

/** Everything that a report tells. */
export interface Report {
  coverage: CoverageSummary;
  news: News;
  list: ListState;
  /** What Slack was told of the list before; absent for the very first message. */
  listBefore?: ListState;
  /** Public address of the page. */
  statusUrl?: string;
}

/** The message of a report. */
export const reportMessage = (report: Report): SlackMessage => {
  const { coverage, news, statusUrl } = report;
  const title = titleOf(report);
  const sentence = plain(coverage.sentence, 1_500);
  const now = Date.parse(coverage.generatedAt);
  const intro = [
    ...(ownFault(report) ? [ownFaultLine()] : []),
    sentence,
    ...(news.waiting > 0 ? [waitingLine(news.waiting)] : []),
    ...(coverage.slackFailure ? failureLines(coverage.slackFailure) : []),
  ];
  return {
    text: [title, sentence, ...news.named.map((told) => `• ${plainLabel(told)}: ${inWords(told, now)}`)].join('\n'),
    blocks: [
      header(title),
      ...sections(intro),
      ...NEWS_KINDS.flatMap((kind) => sections(groupLines(kind, report, now))),
      ...sections([moreLine(statusUrl)]),
    ],
  };
};

/** News in a line. */
export const newsLine = (news: NewsCounts): string =>
  `News: ${counted(news.newGaps, 'new gap')}, ${String(news.recovered)} covered again, ${String(news.noLongerCounted)} no longer counted, ${counted(news.newAccounts, 'new account')}.`;

const SLACK_WORDS: Record<ReportCoverageResult['slack'], string> = {
  told: 'Slack was told.',
  no_news: 'Slack was not told, as nothing is new.',
  not_configured: 'Slack was not told: SLACK_WEBHOOK_URL is not set.',
  failed: 'Slack could not be told: ',
};

const HEARTBEAT_WORDS: Record<ReportCoverageResult['heartbeat'], string> = {
  sent: 'The heartbeat was sent.',
  withheld: 'The heartbeat was withheld: the account list is old, or there is none.',
  failed: 'The heartbeat failed: see the log.',
  not_configured: 'There is no heartbeat: POLO_HEARTBEAT_URL is not set.',
};

/** How a report ended, in lines for the Temporal UI. */
export const outcomeLines = (result: ReportCoverageResult): string[] => [
  result.sentence,
  `- ${newsLine(result.news)}`,
  `- ${SLACK_WORDS[result.slack]}${result.slackMessage ?? ''}`,
  `- ${HEARTBEAT_WORDS[result.heartbeat]}`,
  ...(result.exclusionsEnded > 0
    ? [`- ${counted(result.exclusionsEnded, 'account')} verified whose exclusion had ended.`]
    : []),
];

const ownFault = ({ news, coverage }: Report): boolean => lostAtOnce(news, coverage.accountsByStatus.active);

const ownFaultLine = (): string =>
  '*Probably it is not the accounts.* They were lost at once: see whether POLO_ENV and POLO_EXTERNAL_ID of the worker ' +
  `are what the roles expect, and whether the role that the roles trust is still the same. Next: ${runbookAnchor('HubRefused')}`;

/** Why the sentence counts more than the message tells. */
const waitingLine = (waiting: number): string =>
  `Of those not covered, ${String(waiting)} may still be scanned in time; they are told here two hours after a scan is late, or a day after they became active.`;

/** What Slack missed, in the first message that it gets again: a digest is not told later by itself. */
const failureLines = ({ at, message, missed = { changes: true } }: SlackFailure): string[] => {
  const { changes, digestAt } = missed;
  const why = ` (${plain(message)})`;
  const since = `Slack could not be told since ${minute(at)} UTC${why}. This message has all that changed since.`;
  const digest = `The weekly digest of ${(digestAt ?? at).slice(0, 10)} was not delivered${changes ? '' : why}. Start weeklyDigest to get it.`;
  return [...(changes ? [since] : []), ...(digestAt === undefined ? [] : [digest])];
};

const titleOf = (report: Report): string => {
  const { coverage, news, listBefore } = report;
  if (ownFault(report)) {
    const before = coverage.accountsByStatus.active + news.lost;
    return `Probably Polo's own role or ExternalId: ${String(news.lost)} of ${String(before)} active accounts lost at once`;
  }
  if (listBefore === undefined) return "Polo tells here from now on which AWS accounts it can't see";
  const parts = [
    ...listWords(report),
    ...(news.newGaps > 0 ? [counted(news.newGaps, 'new gap')] : []),
    ...(news.recovered > 0 ? [`${String(news.recovered)} covered again`] : []),
    ...(news.noLongerCounted > 0 ? [`${String(news.noLongerCounted)} no longer counted`] : []),
    ...(news.newAccounts > 0 ? [counted(news.newAccounts, 'new account')] : []),
  ];
  return parts.length === 0 ? 'Polo reaches Slack again' : `AWS accounts: ${parts.join(', ')}`;
};

const listWords = ({ list, listBefore, coverage }: Report): string[] => {
  if (list === listBefore) return [];
  if (list === 'never_ran') return ['no discovery has ever completed'];
  if (list === 'discovery_stale') {
    const last = Date.parse(coverage.lastCompleteDiscoveryAt ?? coverage.generatedAt);
    return [`the account list is ${age(Date.parse(coverage.generatedAt) - last)} old`];
  }
  return [listBefore === 'never_ran' ? 'the first discovery is complete' : 'the account list is up to date again'];
};

const TITLES: Record<NewsKind, string> = {
  newGaps: 'New gaps',
  recovered: 'Covered again',
  noLongerCounted: 'No longer counted',
  newAccounts: 'New accounts',
};

/** A group: its title with the whole count, the accounts that are named, and how many are not. */
const groupLines = (kind: NewsKind, { news, listBefore }: Report, now: number): string[] => {
  if (news[kind] === 0) return [];
  const title = kind === 'newGaps' && listBefore === undefined ? 'Gaps' : TITLES[kind];
  const named = news.named.filter((told) => told.kind === kind);
  const others = news[kind] - named.length;
  return [
    `*${title} (${String(news[kind])})*`,
    ...named.map((told) => {
      const next = told.gap ? `\n    Next: ${plain(told.gap.nextStep)}` : '';
      return `• ${boldLabel(told)}: ${inWords(told, now)}${next}`;
    }),
    ...(others > 0 ? [`…and ${String(others)} more`] : []),
  ];
};

/** What is new about an account, without its name. */
const inWords = ({ kind, gap, isNew, polo_status, org_unit, last_scan_error }: AccountNews, now: number): string => {
  const why = shortReason(last_scan_error);
  switch (kind) {
    case 'newGaps':
      return [`${isNew ? 'new account, ' : ''}${gap ? gapWords(gap, now) : ''}`, ...(why === '' ? [] : [why])].join(
        ' – ',
      );
    case 'recovered':
      return 'covered again';
    case 'noLongerCounted':
      return why === '' ? 'excluded' : why;
    case 'newAccounts':
      return `${statusWords(polo_status)}, in ${plain(org_unit, 150)}`;
  }
};
