import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CoverageGap, PoloStatus, SlackFailure, SlackMessage } from '../../../domain/contract.ts';
import { coverageOf, worstFirst, type GapCandidate } from '../../../domain/coverage.ts';
import { digestSection, HAPPENINGS, type Digest } from '../../../domain/digest.ts';
import { MOST_NAMED, newsOfAll, type ListState, type NewsCandidate, type SlackState } from '../../../domain/news.ts';
import { reportMessage, type Report } from '../../../domain/report.ts';
import { plain } from '../../../domain/slack.ts';
import { DAY, HOUR } from '../../../domain/times.ts';
import { problemOf } from '../../support/slack.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');

const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const account = (index: number, over: Partial<NewsCandidate> = {}): NewsCandidate => ({
  account_id: String(index).padStart(12, '0'),
  account_name: `account-${String(index)}`,
  org_unit: '/Workloads/Production',
  polo_status: 'active',
  last_scan_error: '',
  last_successful_scan: ago(HOUR),
  polo_action_role: 'arn',
  since: ago(3 * HOUR),
  discovered_at: ago(30 * DAY),
  previous_status: '',
  told: '',
  ...over,
});

const coverageOfAll = (accounts: GapCandidate[], last: string | null = ago(2 * HOUR)) => {
  const count = (status: PoloStatus) => accounts.filter(({ polo_status }) => polo_status === status).length;
  const accountsByStatus = {
    active: count('active'),
    pending_setup: count('pending_setup'),
    no_access: count('no_access'),
    excluded: count('excluded'),
  };
  return coverageOf({ accountsByStatus, lastCompleteDiscoveryAt: last, candidates: accounts }, NOW, true);
};

const reportOf = (accounts: NewsCandidate[], over: Partial<Report> = {}): SlackMessage =>
  reportMessage({
    coverage: coverageOfAll(accounts),
    news: newsOfAll(accounts, NOW, NOW - 10 * DAY),
    list: 'list_fresh',
    listBefore: 'list_fresh',
    statusUrl: 'https://polo.example.com',
    ...over,
  });

const wordsOf = ({ blocks }: SlackMessage): string => blocks.map((block) => block.text.text).join('\n');
const titleOf = ({ blocks }: SlackMessage): string => blocks[0]?.text.text ?? '';

/** All that Slack counts of a message. */
const lengthOf = ({ blocks }: SlackMessage): number => blocks.reduce((sum, block) => sum + block.text.text.length, 0);

/** Characters of a digest, so that another one can embed it. */
const LONGEST_DIGEST = 8_000;

/** As AWS words it. */
const AWS_REFUSES =
  'read role refused: AccessDenied: User: arn:aws:sts::1:assumed-role/w/s is not authorized to perform: sts:AssumeRole on resource: arn';

/** What Slack would take for markup, without the pairs that are ours. */
const assertHarmless = (message: SlackMessage): void => {
  assert.equal(problemOf(JSON.stringify(message)), undefined);
  const mrkdwn = message.blocks.flatMap((block) => (block.type === 'section' ? [block.text.text] : []));
  for (const text of [message.text, ...mrkdwn]) {
    assert.doesNotMatch(text, /&(?!amp;|lt;|gt;)/);
    assert.ok(!text.includes('`') && !text.includes('~'));
    assert.doesNotMatch(text, /@(here|channel|everyone)/i);
    const links = text.match(/<[^>]*>/g) ?? [];
    assert.ok(links.every((link) => /^<https:\/\/polo\.example\.com\|[\w ]+>$/.test(link)));
    assert.doesNotMatch(text.replace(/<[^>]*>/g, ''), /[<>]/);
    for (const line of text.split('\n')) {
      assert.equal((line.match(/\*/g) ?? []).length % 2, 0, line);
      assert.doesNotMatch(line, /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u);
    }
  }
};

/** Names and reasons that try everything. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '<!channel>',
        '<https://evil.example|ok>',
        '@here',
        '*',
        '_',
        '~',
        '`',
        '```',
        '&',
        '&lt;',
        '\n',
        '> ',
        '\u202e',
        'ü',
        '🚀',
        'a',
        ' ',
      ),
      { maxLength: 200 },
    )
    .map((parts) => parts.join('')),
  fc.integer({ min: 0, max: 5_000 }).map((length) => '&'.repeat(length)),
);

const candidate: fc.Arbitrary<Partial<NewsCandidate>> = fc.record({
  account_name: hostile,
  org_unit: hostile,
  last_scan_error: hostile,
  polo_status: fc.constantFrom('active', 'no_access', 'pending_setup', 'excluded'),
  last_successful_scan: fc.constantFrom(null, ago(HOUR), ago(5 * DAY)),
  since: fc.constantFrom(ago(HOUR), ago(5 * DAY)),
  discovered_at: fc.constantFrom(ago(HOUR), ago(30 * DAY)),
  previous_status: fc.constantFrom('', 'active'),
  told: fc.constantFrom('', 'no_access', 'stale', 'covered'),
});

/** Accounts by the hundred and the ten thousand, of a few kinds. */
const organization = fc
  .tuple(fc.array(candidate, { minLength: 1, maxLength: 30 }), fc.constantFrom(0, 1, 9, 10, 11, 200, 50_000))
  .map(([kinds, size]) => Array.from({ length: size }, (_, index) => account(index, kinds[index % kinds.length])));

describe('text of others in a Slack message', () => {
  it('is escaped as Slack demands', () => {
    assert.equal(plain('<script>alert(1)</script> & "x"'), '&lt;script&gt;alert(1)&lt;/script&gt; &amp; "x"');
    assert.equal(plain('<!channel> <@U1> &lt;'), '&lt;!channel&gt; &lt;@U1&gt; &amp;lt;');
  });

  it('formats, mentions and breaks nothing, and stays legible', () => {
    assert.equal(plain('*a* _b_ ~c~ `d`'), '∗a∗ ＿b＿ ∼c∼ ˋdˋ');
    assert.equal(plain('payments_prod_2'), 'payments_prod_2');
    assert.equal(plain('@here @channel ops@example.com'), '＠here ＠channel ops@example.com');
    assert.equal(plain(' two\nlines\u0000\u202e turned '), 'two lines turned');
  });

  it('is cut between characters, an escaped one included', () => {
    assert.equal(plain('abcdef', 4), 'abc…');
    assert.equal(plain('a&b', 5), 'a…');
    assert.equal(plain('🚀🚀🚀', 4), '🚀…');
  });

  it('is cut only if it is longer than the limit', () => {
    assert.equal(plain('abcd', 4), 'abcd');
    assert.equal(plain('&&', 10), '&amp;&amp;');
    assert.equal(plain('&&', 9), '&amp;…');
    assert.equal(plain('a', 1), 'a');
    assert.equal(plain('ab', 1), '…');
  });

  it('keeps all of this whatever it says', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 400 }), (text, limit) => {
        const said = plain(text, limit);
        assert.ok(said.length <= limit);
        assert.doesNotMatch(said, /[<>`*~\n\p{Cc}\p{Cs}]|&(?!amp;|lt;|gt;)/u);
      }),
    );
  });
});

describe('the message of a report', () => {
  it('has a title with the counts, the sentence, groups with names, reasons, ages and next steps, and a link', () => {
    const message = reportOf([
      account(1, {
        polo_status: 'no_access',
        last_scan_error: AWS_REFUSES,
        previous_status: 'active',
      }),
      account(2, { told: 'stale' }),
      account(3, { told: 'no_access', polo_status: 'excluded', last_scan_error: 'excluded by kim: closing' }),
      account(4, { discovered_at: ago(HOUR) }),
      account(5),
    ]);
    assert.equal(
      wordsOf(message),
      [
        'AWS accounts: 1 new gap, 1 covered again, 1 no longer counted, 1 new account',
        '1 of 4 accounts are not covered (1 new today). Oldest: account-1 (000000000001), 3 h; next: polo-accounts verify ' +
          '000000000001 tells what AWS answers; then operations/failures.md#read-role-refused. Account list: 2 h old.',
        '*New gaps (1)*',
        '• *account-1* (000000000001): no access for 3 h – read role refused: AccessDenied',
        '    Next: polo-accounts verify 000000000001 tells what AWS answers; then operations/failures.md#read-role-refused',
        '*Covered again (1)*',
        '• *account-2* (000000000002): covered again',
        '*No longer counted (1)*',
        '• *account-3* (000000000003): excluded by kim: closing',
        '*New accounts (1)*',
        '• *account-4* (000000000004): active, in /Workloads/Production',
        '<https://polo.example.com|All gaps and what to do about each>',
      ].join('\n'),
    );
    assert.match(
      message.text,
      /^AWS accounts: 1 new gap.*\n1 of 4 accounts .*\n• account-1 \(000000000001\): no access for 3 h/,
    );
  });

  it('names the command where the page has no public address', () => {
    const { coverage, news } = { coverage: coverageOfAll([]), news: newsOfAll([], NOW) };
    const message = reportMessage({ coverage, news, list: 'list_fresh' });
    assert.equal(message.blocks.at(-1)?.text.text, 'All gaps and what to do about each: polo-accounts coverage');
  });

  it('says why the sentence counts more accounts than the message tells', () => {
    const message = reportOf([account(1, { polo_status: 'no_access' }), account(2, { last_successful_scan: null })]);
    assert.match(wordsOf(message), /\nOf those not covered, 1 may still be scanned in time/);
  });

  it('calls the first one the first, and its gaps just gaps', () => {
    const gap = [account(1, { polo_status: 'pending_setup' })];
    const message = reportMessage({ coverage: coverageOfAll(gap), news: newsOfAll(gap, NOW), list: 'list_fresh' });
    assert.equal(titleOf(message), "Polo tells here from now on which AWS accounts it can't see");
    assert.match(wordsOf(message), /\*Gaps \(1\)\*/);
  });

  it('says how the account list changed', () => {
    const title = (listBefore: ListState, list: ListState, last: string | null): string =>
      titleOf(reportOf([], { coverage: coverageOfAll([], last), list, listBefore }));
    assert.equal(title('list_fresh', 'discovery_stale', ago(27 * HOUR)), 'AWS accounts: the account list is 27 h old');
    assert.equal(title('discovery_stale', 'list_fresh', ago(1)), 'AWS accounts: the account list is up to date again');
    assert.equal(title('never_ran', 'list_fresh', ago(1)), 'AWS accounts: the first discovery is complete');
    assert.equal(title('list_fresh', 'never_ran', null), 'AWS accounts: no discovery has ever completed');
  });

  it('says since when Slack could not be told, and that it is reached again where that is all', () => {
    const coverage = { ...coverageOfAll([]), slackFailure: { at: ago(2 * HOUR), message: 'SlackRejected: 404 *' } };
    const message = reportOf([], { coverage });
    assert.equal(titleOf(message), 'Polo reaches Slack again');
    assert.match(wordsOf(message), /could not be told since 2026-11-22 10:00 UTC \(SlackRejected: 404 ∗\)/);
  });

  it('says that a digest was not delivered, which it does not make up for', () => {
    const failed = (missed: NonNullable<SlackFailure['missed']>): string => {
      const slackFailure = { at: ago(2 * HOUR), message: 'SlackRejected: 404', missed };
      return wordsOf(reportOf([], { coverage: { ...coverageOfAll([]), slackFailure } }));
    };
    const alone = failed({ changes: false, digestAt: ago(2 * HOUR) });
    assert.match(
      alone,
      /\nThe weekly digest of 2026-11-22 was not delivered \(SlackRejected: 404\)\. Start weeklyDigest to get it\.\n/,
    );
    assert.doesNotMatch(alone, /all that changed/);
    const both = failed({ changes: true, digestAt: ago(DAY) });
    assert.match(
      both,
      /404\)\. This message has all that changed since\.\nThe weekly digest of 2026-11-21 was not delivered\. Start/,
    );
  });

  it('suspects Polo first where half of the accounts are lost at once', () => {
    const lost = [1, 2].map((index) => account(index, { polo_status: 'no_access', previous_status: 'active' }));
    const message = reportOf([...lost, account(3), account(4)]);
    assert.equal(titleOf(message), "Probably Polo's own role or ExternalId: 2 of 4 active accounts lost at once");
    assert.match(message.blocks[1]?.text.text ?? '', /^\*Probably it is not the accounts\.\*.*#hub-refused$/m);
  });

  it('names ten accounts of any number, and says how many more there are', () => {
    const message = reportOf(
      Array.from({ length: 200 }, (_, index) => account(index, { polo_status: 'pending_setup' })),
    );
    assert.equal((wordsOf(message).match(/^• /gm) ?? []).length, MOST_NAMED);
    assert.match(wordsOf(message), /…and 190 more/);
  });

  it('is within Slack’s limits and harmless, whatever the accounts are called and however many there are', () => {
    fc.assert(
      fc.property(
        organization,
        fc.constantFrom<SlackState['list']>(undefined, 'list_fresh', 'never_ran', 'discovery_stale'),
        fc.option(hostile, { nil: undefined }),
        (accounts, listBefore, refusal) => {
          const coverage = {
            ...coverageOfAll(accounts.slice(0, 500)),
            ...(refusal !== undefined && { slackFailure: { at: ago(HOUR), message: refusal } }),
          };
          const report = { coverage, news: newsOfAll(accounts, NOW, NOW - 10 * DAY), list: 'list_fresh' } as const;
          const message = reportMessage({
            ...report,
            ...(listBefore && { listBefore }),
            statusUrl: 'https://polo.example.com',
          });
          assertHarmless(message);
          assert.ok((wordsOf(message).match(/^• /gm) ?? []).length <= MOST_NAMED);
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});

describe('the section of a digest', () => {
  const quiet: Digest = {
    coverage: coverageOfAll([account(1)]),
    happened: { accounts: {} },
    ending: { count: 0, named: [] },
  };

  it('says that all is well', () => {
    assert.equal(
      wordsOf(digestSection(quiet)),
      [
        'AWS accounts: the week',
        'The only account is covered. Account list: 2 h old.',
        '*By status*: 1 active, 0 pending setup, 0 no access, 0 excluded',
        '*Last 7 days*',
        'No account came, went, was lost or won.',
        'All gaps and what to do about each: polo-accounts coverage',
      ].join('\n'),
    );
  });

  it('tells what happened, the worst gaps, lesser gaps, exclusions that end, and that Slack failed', () => {
    const accounts = [
      account(1, { polo_status: 'no_access', last_scan_error: 'read role refused' }),
      account(2, { polo_action_role: '' }),
    ];
    const named = [{ account_id: '000000000007', account_name: 'shop' }];
    const words = wordsOf(
      digestSection({
        coverage: coverageOfAll(accounts),
        happened: {
          accounts: { discovered: { count: 3, named }, lost: { count: 1, named } },
          slackFailure: { at: ago(DAY), message: 'SlackRejected: 404' },
        },
        ending: {
          count: 2,
          named: [{ account_id: '000000000008', account_name: 'old', by: 'kim', reason: 'merger', until: ago(-DAY) }],
        },
      }),
    );
    for (const line of [
      '• 3 new accounts: *shop* (000000000007), and 2 more',
      '• 1 lost: *shop* (000000000007)',
      '*Gaps (1)*',
      '• *account-1* (000000000001): no access for 3 h – read role refused',
      "*Seen, but Polo can't act in 1 account* (the action role is refused): *account-2* (000000000002)",
      '*Exclusions that end within 7 days (2)*',
      '• *old* (000000000008): 2026-11-23 12:00 UTC; excluded by kim: merger',
      '…and 1 more',
      '*Slack* could not be told on 2026-11-21 12:00 UTC (SlackRejected: 404); it has been reached since.',
    ]) {
      assert.ok(words.split('\n').includes(line), `${line}\nis not in\n${words}`);
    }
  });

  it('leaves room for other sections when there is as much of everything as there can be, all of it to be escaped', () => {
    const text = '&*'.repeat(1_000);
    const accounts = Array.from({ length: 500 }, (_, index) =>
      account(index, {
        account_name: text,
        last_scan_error: text,
        since: ago(400 * DAY),
        last_successful_scan: null,
        ...(index % 2 === 0 ? { polo_status: 'no_access' } : { polo_action_role: '', last_successful_scan: ago(HOUR) }),
      }),
    );
    const coverage = coverageOfAll(accounts);
    const some = { account_id: '000000000007', account_name: text };
    const ending = { ...some, by: text, reason: text, until: ago(-DAY) };
    const ten = <Item>(item: Item): Item[] => Array.from({ length: 10 }, () => item);
    const section = digestSection({
      coverage: {
        ...coverage,
        gaps: coverage.gaps.slice(0, 10),
        lesserGaps: coverage.lesserGaps.slice(0, 10),
        slackFailure: { at: ago(DAY), message: text, missed: { changes: true, digestAt: ago(DAY) } },
      },
      happened: {
        accounts: Object.fromEntries(HAPPENINGS.map((happening) => [happening, { count: 50_000, named: ten(some) }])),
      },
      ending: { count: 50_000, named: ten(ending) },
      statusUrl: 'https://polo.example.com',
    });
    assertHarmless(section);
    const words = wordsOf(section);
    assert.equal((words.match(/no access for 400 days/g) ?? []).length, 10);
    assert.match(words, /excluded by .*\n…and 49995 more/);
    assert.ok(section.text.length <= LONGEST_DIGEST && lengthOf(section) <= LONGEST_DIGEST, String(lengthOf(section)));
  });

  it('is within Slack’s limits and harmless, with room for other sections, whatever it tells', () => {
    const several = fc.record({
      count: fc.integer({ min: 1, max: 50_000 }),
      named: fc.array(fc.record({ account_id: fc.constant('000000000007'), account_name: hostile }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(organization, several, hostile, (accounts, some, text) => {
        const coverage = coverageOfAll(accounts.slice(0, 500));
        const worst = (gaps: CoverageGap[]): CoverageGap[] => worstFirst(gaps).slice(0, MOST_NAMED);
        const named = Array.from({ length: 10 }, () => ({
          ...{ account_id: '000000000008', account_name: text, by: text, reason: text, until: ago(-DAY) },
        }));
        const section = digestSection({
          coverage: {
            ...coverage,
            gaps: worst(coverage.gaps),
            lesserGaps: worst(coverage.lesserGaps),
            slackFailure: { at: ago(DAY), message: text },
          },
          happened: { accounts: Object.fromEntries(HAPPENINGS.map((happening) => [happening, some])) },
          ending: { count: 50_000, named },
          statusUrl: 'https://polo.example.com',
        });
        assertHarmless(section);
        assert.ok(section.blocks.length <= 30 && section.text.length <= LONGEST_DIGEST);
        assert.ok(lengthOf(section) <= LONGEST_DIGEST, String(lengthOf(section)));
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
