import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GAP_REASONS, POLO_STATUSES } from '../../../domain/contract.ts';
import { gapReason } from '../../../domain/coverage.ts';
import {
  addNews,
  hasNews,
  listStateOf,
  lostAtOnce,
  MOST_NAMED,
  newsOf,
  newsOfAll,
  noNews,
  type NewsCandidate,
  type Told,
} from '../../../domain/news.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/times.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const BASELINE = NOW - 10 * DAY;

const ago = (ms: number): string => new Date(NOW - ms).toISOString();

/** A covered account that was there before the first report. */
const account = (over: Partial<NewsCandidate> = {}): NewsCandidate => ({
  account_id: '000000000042',
  account_name: 'payments-prod',
  org_unit: '/Workloads',
  polo_status: 'active',
  last_scan_error: '',
  last_successful_scan: ago(HOUR),
  polo_action_role: 'arn',
  since: ago(30 * DAY),
  discovered_at: ago(30 * DAY),
  previous_status: '',
  told: '',
  ...over,
});

const kindOf = (over: Partial<NewsCandidate>, now = NOW) => newsOf(account(over), now, BASELINE)?.kind;

const TOLD = [
  ...GAP_REASONS.filter((reason) => reason !== 'action_role_refused'),
  'covered',
  'excluded',
  'new',
] as const;
const isGap = (told: Told | ''): boolean => (GAP_REASONS as readonly string[]).includes(told);

const anyAccount: fc.Arbitrary<NewsCandidate> = fc.record({
  account_id: fc.integer({ min: 0, max: 999_999 }).map((id) => String(id).padStart(12, '0')),
  account_name: fc.string({ unit: 'grapheme' }),
  org_unit: fc.string(),
  polo_status: fc.constantFrom(...POLO_STATUSES),
  last_scan_error: fc.string(),
  last_successful_scan: fc.option(fc.integer({ min: 0, max: 3 * DAY }).map(ago)),
  polo_action_role: fc.constantFrom('', 'arn'),
  since: fc.integer({ min: 0, max: 9 * DAY }).map(ago),
  discovered_at: fc.integer({ min: 0, max: 20 * DAY }).map(ago),
  previous_status: fc.constantFrom('', ...POLO_STATUSES),
  told: fc.constantFrom('', ...TOLD),
});

describe('news of an account', () => {
  it('are none while it is covered, or excluded, and was never told', () => {
    assert.equal(kindOf({}), undefined);
    assert.equal(kindOf({ polo_status: 'excluded' }), undefined);
    assert.equal(kindOf({ polo_action_role: '' }), undefined, 'a missing action role is left to the digest');
  });

  it('are a new gap once it has no access, or other roles are missing than was told', () => {
    assert.equal(kindOf({ polo_status: 'no_access' }), 'newGaps');
    assert.equal(kindOf({ polo_status: 'no_access', told: 'no_access' }), undefined);
    assert.equal(kindOf({ polo_status: 'no_access', told: 'pending_setup' }), 'newGaps');
    assert.equal(kindOf({ polo_status: 'no_access', told: 'stale' }), 'newGaps');
    for (const told of ['covered', 'excluded', 'new'] as const) {
      assert.equal(kindOf({ polo_status: 'pending_setup', told }), 'newGaps');
    }
  });

  it('are a new gap once its scan is two hours late, and a gap as soon as it is late at all', () => {
    assert.equal(gapReason(account({ last_successful_scan: ago(DAY + 1) }), NOW, true), 'stale');
    assert.equal(kindOf({ last_successful_scan: ago(DAY + 2 * HOUR - 1) }), undefined);
    assert.equal(kindOf({ last_successful_scan: ago(DAY + 2 * HOUR) }), 'newGaps');
    assert.equal(kindOf({ last_successful_scan: ago(DAY + 2 * HOUR), told: 'stale' }), undefined);
  });

  it('are none of an account that is scanned about once a day, whenever the report comes', () => {
    const kinds = new Set<string | undefined>();
    for (const late of [0, 2, 45, 119]) {
      for (let hour = 0; hour < 24 * 7; hour++) {
        // Each day's scan is `late` minutes later than the day before's, or on time again.
        const sinceScan = ((hour * HOUR + 7 * MINUTE) % (DAY + late * MINUTE)) + 1;
        kinds.add(kindOf({ last_successful_scan: ago(sinceScan) }));
      }
    }
    assert.deepEqual([...kinds], [undefined]);
  });

  it('are a new gap for lack of a scan only once it has been active for 24 hours', () => {
    assert.equal(kindOf({ last_successful_scan: null, since: ago(DAY - 1) }), undefined);
    assert.equal(kindOf({ last_successful_scan: null, since: ago(DAY) }), 'newGaps');
    assert.equal(kindOf({ last_successful_scan: ago(9 * DAY), since: ago(HOUR) }), undefined, 'it has just come back');
  });

  it('are not that it is covered again before it was scanned: access alone is no coverage', () => {
    const back = { told: 'no_access', since: ago(HOUR) } as const;
    assert.equal(kindOf({ ...back, last_successful_scan: null }), undefined);
    assert.equal(kindOf({ ...back, last_successful_scan: ago(5 * DAY) }), undefined);
    assert.equal(kindOf({ ...back, last_successful_scan: ago(1) }), 'recovered');
    assert.equal(kindOf({ told: 'no_access', since: ago(DAY), last_successful_scan: null }), 'newGaps');
  });

  it('are not repeated where one lack of scans follows the other', () => {
    assert.equal(kindOf({ last_successful_scan: ago(2 * DAY), told: 'never_scanned' }), undefined);
  });

  it('are that it no longer counts, if it was told as a gap', () => {
    assert.equal(kindOf({ polo_status: 'excluded', told: 'stale' }), 'noLongerCounted');
    for (const told of ['', 'covered', 'excluded', 'new'] as const) {
      assert.equal(kindOf({ polo_status: 'excluded', told }), undefined);
    }
  });

  it('are that it is new, once, if it was found since the first report and is no gap', () => {
    const found = { discovered_at: ago(HOUR), since: ago(HOUR) };
    assert.equal(kindOf(found), 'newAccounts');
    assert.equal(kindOf({ ...found, last_successful_scan: null }), 'newAccounts');
    assert.equal(kindOf({ ...found, told: 'new' }), undefined);
    assert.equal(kindOf({ ...found, polo_status: 'excluded' }), undefined);
    assert.equal(newsOf(account(found), NOW), undefined, 'nothing is new before the first report');
  });

  it('are one thing where it is new and a gap', () => {
    const news = newsOf(account({ discovered_at: ago(HOUR), polo_status: 'pending_setup' }), NOW, BASELINE);
    assert.deepEqual([news?.kind, news?.isNew], ['newGaps', true]);
  });

  it('call an account lost at once only if it was active until some hours ago', () => {
    const lost = (previous_status: NewsCandidate['previous_status'], since = ago(HOUR)) =>
      newsOf(account({ polo_status: 'no_access', previous_status, since }), NOW, BASELINE)?.lost;
    assert.deepEqual([lost('active'), lost('pending_setup'), lost('')], [true, false, false]);
    assert.equal(lost('active', ago(2 * DAY)), false, 'lost one by one before Slack was there to be told');
  });

  it('are told once: what was told is no news as long as nothing changes', () => {
    fc.assert(
      fc.property(anyAccount, (any) => {
        const news = newsOf(any, NOW, BASELINE);
        if (news) assert.equal(newsOf({ ...any, told: news.tells }, NOW, BASELINE), undefined);
      }),
    );
  });

  it('are told once however much time passes while nothing else does', () => {
    const gaps = [
      account({ account_id: '1', polo_status: 'no_access', since: ago(HOUR), previous_status: 'active' }),
      account({ account_id: '2', polo_status: 'pending_setup', since: ago(HOUR) }),
      account({ account_id: '3', last_successful_scan: ago(30 * HOUR) }),
      account({ account_id: '4', last_successful_scan: null, since: ago(30 * HOUR) }),
      account({ account_id: '5', polo_status: 'no_access', discovered_at: ago(HOUR), since: ago(HOUR) }),
    ];
    const told = new Map<string, Told>();
    const messages = Array.from({ length: 72 }, (_, hour) => {
      const accounts = gaps.map((gap) => ({ ...gap, told: told.get(gap.account_id) ?? '' }) as const);
      const news = newsOfAll(accounts, NOW + hour * HOUR, BASELINE);
      for (const [tells, ids] of Object.entries(news.told)) for (const id of ids) told.set(id, tells as Told);
      return Object.values(news.told).flat().sort().join('');
    });
    assert.deepEqual(messages, ['12345', ...Array.from({ length: 71 }, () => '')]);
  });

  /** Milliseconds since the last scan; for ever without one. */
  const sinceScan = ({ last_successful_scan: scan }: NewsCandidate): number =>
    scan === null ? Infinity : NOW - Date.parse(scan);

  it('leave no gap untold that has lasted for a day, or two hours more for a scan, and no told gap that is none', () => {
    fc.assert(
      fc.property(anyAccount, (any) => {
        const told = newsOf(any, NOW, BASELINE)?.tells ?? any.told;
        const reason = gapReason(any, NOW, false);
        if (reason === undefined) assert.ok(!isGap(told), `${told} although ${any.polo_status}`);
        else if (any.polo_status !== 'active') assert.equal(told, reason);
        else if (NOW - Date.parse(any.since) >= DAY && sinceScan(any) >= DAY + 2 * HOUR) {
          assert.ok(isGap(told), `${told} although ${reason}`);
        }
      }),
    );
  });

  it('name for each gap its reason, age and next step, and for nothing else', () => {
    fc.assert(
      fc.property(anyAccount, (any) => {
        const news = newsOf(any, NOW, BASELINE);
        assert.equal(news?.gap !== undefined, news?.kind === 'newGaps');
        if (news?.gap) assert.equal(news.gap.reason, news.tells);
      }),
    );
  });
});

describe('news of all accounts', () => {
  const anyAccounts = fc.array(anyAccount, { maxLength: 40 });

  it('count each account once, and record exactly those that count', () => {
    fc.assert(
      fc.property(anyAccounts, (accounts) => {
        const { named, told, ...news } = newsOfAll(accounts, NOW, BASELINE);
        const count = news.newGaps + news.recovered + news.noLongerCounted + news.newAccounts;
        assert.equal(Object.values(told).flat().length, count);
        assert.equal(named.length, Math.min(count, MOST_NAMED));
        assert.ok(news.lost <= news.newGaps);
        assert.ok(news.waiting <= accounts.length - news.newGaps);
        assert.equal(hasNews(news), count > 0);
      }),
    );
  });

  it('are the same whether they are read at once or in parts', () => {
    fc.assert(
      fc.property(anyAccounts, anyAccounts, (some, others) => {
        const { told, named, ...whole } = newsOfAll([...some, ...others], NOW, BASELINE);
        assert.equal(Object.values(told).flat().length > 0, hasNews(whole));
        const { named: namedOfParts, ...parts } = addNews(
          addNews(noNews(), newsOfAll(some, NOW, BASELINE)),
          newsOfAll(others, NOW, BASELINE),
        );
        assert.deepEqual(parts, whole);
        assert.deepEqual(namedOfParts, named);
      }),
    );
  });

  it('of 10,000 accounts fit a payload, whatever the accounts are called', () => {
    const long = '\u0000🚀'.repeat(500);
    const texts = { account_name: long, org_unit: long, last_scan_error: long };
    const accounts = Array.from({ length: 10_000 }, (_, index) =>
      account({ ...texts, account_id: String(index).padStart(12, '0'), polo_status: 'no_access' }),
    );
    assert.ok(Buffer.byteLength(JSON.stringify(newsOfAll(accounts, NOW))) < 200 * 1024);
  });

  it('name lost accounts first, then gaps by reason and age, then the rest', () => {
    const { named } = newsOfAll(
      [
        account({ account_id: '1', told: 'stale' }),
        account({ account_id: '2', polo_status: 'pending_setup', since: ago(HOUR) }),
        account({ account_id: '3', polo_status: 'pending_setup', since: ago(DAY) }),
        account({ account_id: '4', polo_status: 'no_access', since: ago(DAY) }),
        account({ account_id: '5', polo_status: 'no_access', since: ago(HOUR), previous_status: 'active' }),
      ],
      NOW,
      BASELINE,
    );
    assert.equal(named.map(({ account_id }) => account_id).join(''), '54321');
  });
});

describe('the account list', () => {
  it('is told as fresh, whatever gaps there are, unless it is old or there is none', () => {
    const states = (['ok', 'gaps', 'discovery_stale', 'never_ran'] as const).map(listStateOf);
    assert.deepEqual(states, ['list_fresh', 'list_fresh', 'discovery_stale', 'never_ran']);
  });
});

describe('losing accounts at once', () => {
  const suspicious = (lost: number, left: number): boolean => lostAtOnce({ ...noNews(), lost }, left);

  it('says more about Polo from half of at least four active accounts on', () => {
    assert.equal(suspicious(2, 2), true);
    assert.equal(suspicious(4, 0), true);
    assert.equal(suspicious(3, 0), false, 'there were but three');
    assert.equal(suspicious(2, 3), false, 'less than half');
    assert.equal(suspicious(0, 0), false);
  });
});
