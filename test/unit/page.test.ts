import assert from 'node:assert/strict';
import type { AccountEvent, AccountRow, Coverage, PoloStatus } from '../../domain/contract.ts';
import { coverageOf, type GapCandidate } from '../../domain/coverage.ts';
import { coverageHistory, historyWindow } from '../../domain/coverageHistory.ts';
import { HOUR } from '../../domain/times.ts';
import { accountPage } from '../../page/account.tsx';
import { registryDownPage } from '../../page/failures.tsx';
import { GAPS_SHOWN } from '../../page/gaps.tsx';
import { overviewPage, type Overview } from '../../page/overview.tsx';
import { registryError } from '../../registry/errors.ts';
import { eventOf, idOf, rowOf } from '../support/clickhousePlaces.ts';
import { HOSTILE, SITE } from '../support/pageStory.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const coverageWith = (rows: AccountRow[], discovery: string | null = ago(2 * HOUR)): Coverage => {
  const of = (status: PoloStatus): number => rows.filter(({ polo_status }) => polo_status === status).length;
  return coverageOf(
    {
      accountsByStatus: {
        active: of('active'),
        pending_setup: of('pending_setup'),
        no_access: of('no_access'),
        excluded: of('excluded'),
      },
      lastCompleteDiscoveryAt: discovery,
      candidates: rows.map((row): GapCandidate => ({ ...row, since: ago(50 * HOUR) })),
    },
    NOW,
    true,
  );
};

const rowAt = (index: number, changes: Partial<AccountRow> = {}): AccountRow =>
  rowOf(idOf(index), { last_successful_scan: ago(HOUR), ...changes });

const show = (rows: AccountRow[], over: Partial<Overview> = {}): string =>
  overviewPage(
    {
      coverage: coverageWith(rows),
      choice: {},
      found: { rows: rows.slice(0, 100), total: rows.length, before: 0 },
      ...over,
    },
    SITE,
  );

/** Text of a document as a browser would show it, near enough. */
const textOf = (html: string): string =>
  html
    .replace(/^.*<body>/s, '')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

describe('the banner', () => {
  const cases: [state: string, role: string, coverage: Coverage][] = [
    ['All covered', 'status', coverageWith([rowAt(1)])],
    ['Gaps', 'alert', coverageWith([rowAt(1), rowAt(2, { polo_status: 'no_access' })])],
    ['Account list too old', 'alert', coverageWith([rowAt(1)], ago(27 * HOUR))],
    ['Never ran', 'alert', coverageWith([], null)],
    ['Nothing to cover', 'alert', coverageWith([rowAt(1, { polo_status: 'excluded' })])],
  ];
  for (const [state, role, coverage] of cases) {
    it(`says "${state}" with role ${role}, and the sentence word for word`, () => {
      const html = show([], { coverage });
      const [banner = ''] = /<div class="banner.*?<\/div>/s.exec(html) ?? [];
      assert.match(banner, new RegExp(`role="${role}"`));
      assert.match(textOf(banner), new RegExp(`^ ${state}`));
      assert(textOf(banner).includes(coverage.sentence), textOf(banner));
      assert.match(banner, /<svg class="icon"/);
    });
  }

  it('has different shapes for different states', () => {
    const icons = cases
      .slice(0, 4)
      .map(([, , coverage]) => /<svg class="icon".*?<\/svg>/s.exec(show([], { coverage }))?.[0]);
    assert.equal(new Set(icons).size, 4);
  });

  it('puts the state into the title', () => {
    const titles = cases.map(([, , coverage]) => /<title>(.*?)<\/title>/.exec(show([], { coverage }))?.[1]);
    assert.deepEqual(titles, [
      'All 1 covered · Polo accounts',
      '1 of 2 not covered · Polo accounts',
      'Account list 27 h old · Polo accounts',
      'Never ran · Polo accounts',
      'No account is watched · Polo accounts',
    ]);
  });

  it('tells how old the account list is, when the page was made, and what Slack refused', () => {
    const slackFailure = { at: ago(3 * HOUR), message: 'HTTP 404' };
    const text = textOf(show([], { coverage: { ...coverageWith([rowAt(1)]), slackFailure } }));
    assert.match(text, /last complete discovery 2 h ago, 2026-11-22 10:00/);
    assert.match(text, /made 2026-11-22 12:00/);
    assert.match(text, /Slack has not been told of changes since 2026-11-22 09:00 UTC: HTTP 404/);
  });

  it('says that the registry does not answer, and what to do', () => {
    const error = registryError('RegistryUnavailable', 'reading polo.aws_accounts: <no answer>');
    const html = registryDownPage(error, SITE);
    assert.match(html, /role="alert"/);
    assert.match(textOf(html), /operations\/failures\.md#registry-unavailable/);
    assert(textOf(html).includes(error.message));
  });
});

describe('a hostile name', () => {
  const everywhere: Partial<AccountRow> = {
    account_name: HOSTILE,
    account_email: HOSTILE,
    org_unit: `/${HOSTILE}`,
    last_scan_error: HOSTILE,
    account_role: HOSTILE,
    owner: HOSTILE,
  };
  const event: AccountEvent = {
    ...eventOf(idOf(1), HOSTILE, 0),
    from_status: HOSTILE,
    to_status: HOSTILE,
    reason: HOSTILE,
    actor: HOSTILE,
    workflow_id: HOSTILE,
    run_id: HOSTILE,
  };
  const harmless = (html: string): void => {
    assert.doesNotMatch(html, /<script|<\/script/i);
    assert.doesNotMatch(html, /="[^"]*<script/);
    assert(textOf(html).includes(HOSTILE));
  };

  for (const polo_status of ['active', 'pending_setup', 'no_access', 'excluded'] as const) {
    it(`is text, for an account that is ${polo_status}`, () => {
      const row = rowAt(1, { ...everywhere, polo_status });
      harmless(show([row], { choice: { search: HOSTILE } }));
      const coverage = coverageWith([row]);
      const exclusion = { by: HOSTILE, reason: HOSTILE };
      const record = { row, departed: true, everActive: true, exclusion, openScanFailures: [] };
      const [gap] = coverage.gaps;
      const view = { record, history: [event], next: `1/${HOSTILE}`, now: NOW };
      harmless(accountPage({ ...view, ...(gap && { gap }) }, SITE));
    });
  }
});

describe('the page', () => {
  it('shows the first 50 gaps, worst first, and says where the others are', () => {
    const rows = Array.from({ length: 120 }, (_, index) =>
      rowAt(index, { polo_status: index < 60 ? 'pending_setup' : 'no_access' }),
    );
    const html = show(rows);
    const [gaps = ''] = /<section id="gaps".*?<\/section>/s.exec(html) ?? [];
    assert.equal(gaps.match(/<li>/g)?.length, GAPS_SHOWN);
    assert.equal(gaps.match(/class="mark no_access"/g)?.length, GAPS_SHOWN);
    assert.match(
      textOf(`<body>${gaps}`),
      /And 70 more: see the accounts with no access, pending setup, or coverage\.json for all gaps, in pages of at most 1,000\./,
    );
    assert.match(gaps, /href="\/\?status=no_access#accounts"/);
    assert(html.length < 400_000, String(html.length));
  });

  it('tells reasons in brief, and the whole of one on the page of its account', () => {
    const brief = 'read role refused: AccessDenied';
    const last_scan_error = `${brief}: User: arn:aws:sts::1:assumed-role/w/s is not authorized to perform: sts:AssumeRole`;
    const row = rowAt(1, { polo_status: 'no_access', last_scan_error });
    const html = show([row]);
    assert.equal(html.split(`<bdi>${brief}</bdi>`).length, 3);
    assert(!html.includes('not authorized'));
    const record = { row, departed: false, everActive: true, openScanFailures: [] };
    assert(textOf(accountPage({ record, history: [], now: NOW }, SITE)).includes(last_scan_error));
  });

  it('has set-up instructions for each pending account that it shows', () => {
    const html = show([rowAt(1, { polo_status: 'pending_setup' }), rowAt(2)]);
    assert.equal(html.match(/<summary>How to set it up/g)?.length, 1);
    const text = textOf(html);
    assert.match(text, /polo-accounts onboard 000000000001/);
    assert.match(text, /aws cloudformation create-stack-instances --stack-set-name production-polo-roles/);
    assert.match(text, /operations\/failures\.md#roles-not-deployed/);
    assert.match(
      html,
      /https:\/\/temporal\.example\.com\/namespaces\/polo\/workflows\/start-workflow\?workflowId=onboard%2F000000000001/,
    );
  });

  it('counts what comes before, and links filters, search and the next page', () => {
    const rows = [rowAt(201), rowAt(202)];
    const html = show(rows, {
      choice: { status: 'active', search: 'a&b', after: idOf(200) },
      found: { rows, total: 10_000, before: 200, next: idOf(202) },
    });
    assert.match(textOf(html), /201–202 of 10,000 accounts/);
    assert.match(html, /href="\/\?status=active&amp;q=a%26b&amp;after=000000000202#accounts" rel="next">Next 100</);
    assert.match(html, /href="\/\?status=active&amp;q=a%26b#accounts">First page</);
    assert.match(html, /href="\/\?status=active&amp;q=a%26b#accounts" aria-current="page"/);
    assert.match(html, /<input type="hidden" name="status" value="active"/);
  });

  it('links to the Temporal UI where its address is known, and has no dead link otherwise', () => {
    const rows = [rowAt(1, { polo_status: 'pending_setup' })];
    assert.match(
      show(rows),
      /href="https:\/\/temporal\.example\.com\/namespaces\/polo\/workflows\/account%2F000000000001"/,
    );
    const { env, namespace, taskQueue, stackSet } = SITE;
    const site = { env, namespace, taskQueue, stackSet };
    const html = overviewPage({ coverage: coverageWith(rows), choice: {}, found: { rows, total: 1, before: 0 } }, site);
    assert.doesNotMatch(html, /temporal\.example|href="(undefined)?"/);
  });

  it('draws what happened, and tells the same as a table', () => {
    const window = historyWindow(NOW - 10 * 24 * HOUR, NOW);
    const changes = {
      window,
      moves: [
        { step: 0, from: '', to: 'active', accounts: 3 } as const,
        { step: 20, from: 'active', to: 'no_access', accounts: 1 } as const,
      ],
      discoveries: [window.from, NOW - HOUR],
    };
    const rows = [rowAt(1), rowAt(2), rowAt(3, { polo_status: 'no_access' })];
    const coverage = coverageWith(rows);
    const html = show(rows, { coverage, history: coverageHistory(changes, coverage.accountsByStatus) });
    const [section = ''] = /<section id="timeline".*?<\/section>/s.exec(html) ?? [];
    const text = textOf(`<body>${section}`);
    assert.match(text, /Polo has access to 2 of 3 accounts now\. Access was lost 1 time, the latest between /);
    assert.equal(section.match(/class="loss"/g)?.length, 1);
    assert.match(section, /<svg[^>]*role="img" aria-labelledby="picture-title picture-text"/);
    assert.equal(/<tbody>.*<\/tbody>/s.exec(section)?.[0].match(/<tr>/g)?.length, 2);
    assert.match(text, /^.?Access over time/);
    assert.match(text, /Late scans are not in the picture/);
    assert.match(text, /account list over 26 h old, or none yet/);
    assert.match(text, /The account list was over 26 hours old, or there was none yet/);
    assert.doesNotMatch(html, / style="/);
  });

  it('repeats no time while the picture is short', () => {
    const drawn = (age: number, discoveries: number[]): string => {
      const changes = { window: historyWindow(NOW - age, NOW + 1_000), moves: [], discoveries };
      const coverage = coverageWith([rowAt(1)]);
      const html = show([], { coverage, history: coverageHistory(changes, coverage.accountsByStatus) });
      return textOf(`<body>${/<section id="timeline".*?<\/section>/s.exec(html)?.[0] ?? ''}`);
    };
    assert.equal(drawn(0, [NOW + 500]).split('22 Nov 12:00').length, 2);
    assert.match(drawn(0, [NOW + 500]), /2026-11-22 12:00now1/);
    assert.match(drawn(0, [NOW + 500]), /2026-11-22 12:00, for less than a minute/);
    assert.match(drawn(0, []), /2026-11-22 12:00 until now/);
    assert.match(drawn(120_000, [NOW - 30_000]), /2026-11-22 11:58 to 2026-11-22 11:59/);
  });
});
