/** The weekly digest: how coverage is, what happened in seven days, and what is about to happen (design 5). */
import { POLO_STATUSES, type Coverage, type CoverageGap, type SlackFailure, type SlackMessage } from './contract.ts';
import { slackFailureText } from './coverage.ts';
import { boldLabel, header, moreLine, plain, plainLabel, sections, shortReason } from './slack.ts';
import { DAY, minute } from './times.ts';
import { counted, gapWords, statusWords } from './words.ts';

/** The time that a digest looks back and ahead, in milliseconds. */
export const WEEK = 7 * DAY;

/** Who a digest's events are by. */
export const DIGEST_ACTOR = 'weeklyDigest';

/** What is told of each thing at most: characters of a name, of who excluded, and of a reason; accounts that are named. */
const MOST = { sentence: 600, name: 50, by: 50, reason: 100, happened: 3, lesser: 3, ending: 5 } as const;

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

/** The section of a digest: at most some 8,000 characters, for other digests embed it in theirs. */
export const digestSection = ({ coverage, happened, ending, statusUrl }: Digest): SlackMessage => {
  const sentence = plain(coverage.sentence, MOST.sentence);
  const counts = POLO_STATUSES.map((status) => `${String(coverage.accountsByStatus[status])} ${statusWords(status)}`);
  const statuses = counts.join(', ');
  const week = weekLines(happened);
  const more = moreLine(statusUrl);
  return {
    text: [TITLE, sentence, statuses, 'Last 7 days:', ...week((account) => plainLabel(account, MOST.name))].join('\n'),
    blocks: [
      header(TITLE),
      ...sections([sentence, `*By status*: ${statuses}`]),
      ...sections(['*Last 7 days*', ...week(nameOf)]),
      ...sections(gapLines(coverage)),
      ...sections(lesserLines(coverage)),
      ...sections(endingLines(ending)),
      ...sections(slackLines(coverage.slackFailure, happened.slackFailure)),
      ...sections([more]),
    ],
  };
};

const nameOf = (account: NamedAccount): string => boldLabel(account, MOST.name);

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
      return several
        ? [`• ${counted(several.count, ...WORDS[happening])}: ${names(several, MOST.happened, labelOf)}`]
        : [];
    });
    return lines.length === 0 ? ['No account came, went, was lost or won.'] : lines;
  };

const names = (
  { count, named }: Several<NamedAccount>,
  most: number,
  labelOf: (account: NamedAccount) => string,
): string => {
  const shown = named.slice(0, most);
  return [...shown.map(labelOf), ...others(count - shown.length)].join(', ');
};

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
  const why = shortReason(gap.last_scan_error, MOST.reason);
  return `• ${nameOf(gap)}: ${gapWords(gap, now)}${why === '' ? '' : ` – ${why}`}`;
};

const lesserLines = ({ lesserGaps, gapsByReason: { action_role_refused: count } }: Coverage): string[] =>
  count === 0
    ? []
    : [
        `*Seen, but Polo can't act in ${counted(count, 'account')}* (the action role is refused): ` +
          names({ count, named: lesserGaps }, MOST.lesser, nameOf),
      ];

const endingLines = ({ count, named }: Several<EndingExclusion>): string[] => {
  if (count === 0) return [];
  const shown = named.slice(0, MOST.ending);
  return [
    `*Exclusions that end within 7 days (${String(count)})*`,
    ...shown.map(endingLine),
    ...others(count - shown.length).map((text) => `…${text}`),
  ];
};

const endingLine = (account: EndingExclusion): string =>
  `• ${nameOf(account)}: ${minuteOf(account.until)}; excluded by ${plain(account.by, MOST.by)}: ${plain(account.reason, MOST.reason)}`;

const slackLines = (open: SlackFailure | undefined, last: SlackFailure | undefined): string[] => {
  if (open) return [`*Slack*: ${plain(slackFailureText(open), 500)}`];
  return last
    ? [`*Slack* could not be told on ${minuteOf(last.at)} (${plain(last.message)}); it has been reached since.`]
    : [];
};

const minuteOf = (time: string): string => `${minute(time)} UTC`;
