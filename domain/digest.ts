/** The weekly digest: how coverage is, what happened in seven days, and what is about to happen (design 5). */
import type { Coverage, CoverageGap, SlackFailure, SlackMessage } from './contract.ts';
import { slackFailureText } from './coverage.ts';
import { gapWords, shortReason } from './report.ts';
import { boldLabel, counted, header, moreLine, plain, plainLabel, sections } from './slack.ts';

/** The time that a digest looks back and ahead, in milliseconds. */
export const WEEK = 7 * 86_400_000;

/** What can have happened to an account within a week, in the order in which it is told. */
export const HAPPENINGS = ['discovered', 'lost', 'recovered', 'activated', 'departed', 'returned'] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** An account by name. */
export interface NamedAccount {
  account_id: string;
  account_name: string;
}

/** How many accounts something is true of, and some of them. */
export interface Several<Account> {
  count: number;
  named: Account[];
}

/** What the events of some days tell; what never happened is absent. */
export interface Happened {
  accounts: Partial<Record<Happening, Several<NamedAccount>>>;
  /** The last time that Slack could not be told. */
  slackFailure?: SlackFailure;
}

/** An account whose exclusion ends, at `until` (ISO 8601). */
export interface EndingExclusion extends NamedAccount {
  by: string;
  reason: string;
  until: string;
}

/** Everything that a digest tells. Of the gaps only the worst are there, of the lesser ones only some. */
export interface Digest {
  coverage: Coverage;
  happened: Happened;
  ending: Several<EndingExclusion>;
  /** Public address of the page. */
  statusUrl?: string;
}

const TITLE = 'AWS accounts: the week';

/** The section of a digest. */
export const digestSection = ({ coverage, happened, ending, statusUrl }: Digest): SlackMessage => {
  const sentence = plain(coverage.sentence, 1_500);
  const { active, pending_setup, no_access, excluded } = coverage.accountsByStatus;
  const statuses = `${String(active)} active, ${String(pending_setup)} pending setup, ${String(no_access)} no access, ${String(excluded)} excluded`;
  const week = weekLines(happened);
  const more = moreLine(statusUrl);
  return {
    text: [TITLE, sentence, statuses, 'Last 7 days:', ...week(plainLabel)].join('\n'),
    blocks: [
      header(TITLE),
      ...sections([sentence, `*By status*: ${statuses}`]),
      ...sections(['*Last 7 days*', ...week(boldLabel)]),
      ...sections(gapLines(coverage)),
      ...sections(lesserLines(coverage)),
      ...sections(endingLines(ending)),
      ...sections(slackLines(coverage.slackFailure, happened.slackFailure)),
      ...sections([more]),
    ],
  };
};

const WORDS: Record<Happening, [one: string, many: string]> = {
  discovered: ['new account', 'new accounts'],
  lost: ['lost', 'lost'],
  recovered: ['access came back', 'access came back'],
  activated: ['became active', 'became active'],
  departed: ['left the organization', 'left the organization'],
  returned: ['returned to the organization', 'returned to the organization'],
};

const weekLines =
  ({ accounts }: Happened) =>
  (labelOf: (account: NamedAccount) => string): string[] => {
    const lines = HAPPENINGS.flatMap((happening) => {
      const several = accounts[happening];
      return several ? [`• ${counted(several.count, ...WORDS[happening])}: ${names(several, labelOf)}`] : [];
    });
    return lines.length === 0 ? ['No account came, went, was lost or won.'] : lines;
  };

const names = ({ count, named }: Several<NamedAccount>, labelOf: (account: NamedAccount) => string): string =>
  [...named.map(labelOf), ...others(count - named.length)].join(', ');

const others = (count: number): string[] => (count > 0 ? [`and ${String(count)} more`] : []);

const gapLines = ({ gaps, gapsByReason, generatedAt }: Coverage): string[] => {
  const { no_access, pending_setup, stale, never_scanned } = gapsByReason;
  const total = no_access + pending_setup + stale + never_scanned;
  if (total === 0) return [];
  const now = Date.parse(generatedAt);
  const title =
    total > gaps.length ? `Gaps, the worst ${String(gaps.length)} of ${String(total)}` : `Gaps (${String(total)})`;
  return [
    `*${title}*`,
    ...gaps.map((gap) => `${gapLine(gap, now)}\n    Next: ${plain(gap.nextStep)}`),
    ...others(total - gaps.length).map((text) => `…${text}`),
  ];
};

const gapLine = (gap: CoverageGap, now: number): string => {
  const why = shortReason(gap.last_scan_error);
  return `• ${boldLabel(gap)}: ${gapWords(gap, now)}${why === '' ? '' : ` – ${why}`}`;
};

const lesserLines = ({ lesserGaps, gapsByReason: { action_role_refused: count } }: Coverage): string[] =>
  count === 0
    ? []
    : [
        `*Seen, but Polo can't act in ${counted(count, 'account')}* (the action role is refused): ` +
          names({ count, named: lesserGaps.slice(0, 5) }, boldLabel),
      ];

const endingLines = ({ count, named }: Several<EndingExclusion>): string[] =>
  count === 0
    ? []
    : [
        `*Exclusions that end within 7 days (${String(count)})*`,
        ...named.map(
          (account) =>
            `• ${boldLabel(account)}: ${minuteOf(account.until)}; excluded by ${plain(account.by, 100)}: ${plain(account.reason, 200)}`,
        ),
        ...others(count - named.length).map((text) => `…${text}`),
      ];

const slackLines = (open: SlackFailure | undefined, last: SlackFailure | undefined): string[] => {
  if (open) return [`*Slack*: ${plain(slackFailureText(open), 500)}`];
  return last
    ? [`*Slack* could not be told of changes on ${minuteOf(last.at)} (${plain(last.message)}); it has been told since.`]
    : [];
};

const minuteOf = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
