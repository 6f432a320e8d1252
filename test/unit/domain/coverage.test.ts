import assert from 'node:assert/strict';
import fc from 'fast-check';
import { POLO_STATUSES } from '../../../domain/contract.ts';
import { coverageOf, gapReason, worstFirst, type CoverageFacts, type GapCandidate } from '../../../domain/coverage.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/times.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');

const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const account = (over: Partial<GapCandidate> = {}): GapCandidate => ({
  account_id: '000000000042',
  account_name: 'payments-prod',
  polo_status: 'active',
  last_scan_error: '',
  last_successful_scan: ago(HOUR),
  polo_action_role: 'arn:aws:iam::000000000042:role/polo-action-role',
  since: ago(30 * DAY),
  ...over,
});

/** Facts of a registry that holds exactly these accounts. */
const registryOf = (
  accounts: GapCandidate[],
  lastCompleteDiscoveryAt: string | null = ago(2 * HOUR),
): CoverageFacts => ({
  accountsByStatus: Object.fromEntries(
    POLO_STATUSES.map((status) => [status, accounts.filter(({ polo_status }) => polo_status === status).length]),
  ) as CoverageFacts['accountsByStatus'],
  lastCompleteDiscoveryAt,
  candidates: accounts,
});

const coverage = (accounts: GapCandidate[], lastCompleteDiscoveryAt?: string | null) =>
  coverageOf(registryOf(accounts, lastCompleteDiscoveryAt), NOW, true);

const reasonOf = (over: Partial<GapCandidate>, actionRoleConfigured = true) =>
  gapReason(account(over), NOW, actionRoleConfigured);

const anyAccount: fc.Arbitrary<GapCandidate> = fc.record({
  account_id: fc.constant('000000000042'),
  account_name: fc.string({ unit: 'grapheme' }),
  polo_status: fc.constantFrom(...POLO_STATUSES),
  last_scan_error: fc.string(),
  last_successful_scan: fc.option(fc.integer({ min: 0, max: 3 * DAY }).map(ago)),
  polo_action_role: fc.constantFrom('', 'arn'),
  since: fc.integer({ min: 0, max: 9 * DAY }).map(ago),
});

describe('reason of a gap', () => {
  it('is none for an active account that was scanned 23 h 59 min ago', () => {
    assert.equal(reasonOf({ last_successful_scan: ago(DAY - MINUTE) }), undefined);
  });

  it('is none at 24 hours sharp, and stale a millisecond later', () => {
    assert.equal(reasonOf({ last_successful_scan: ago(DAY) }), undefined);
    assert.equal(reasonOf({ last_successful_scan: ago(DAY + 1) }), 'stale');
    assert.equal(reasonOf({ last_successful_scan: ago(DAY + MINUTE) }), 'stale');
  });

  it('is never_scanned for an active account that no collector finished on', () => {
    assert.equal(reasonOf({ last_successful_scan: null }), 'never_scanned');
  });

  it('is the status of an account without access, however freshly it was scanned', () => {
    assert.equal(reasonOf({ polo_status: 'no_access' }), 'no_access');
    assert.equal(reasonOf({ polo_status: 'pending_setup' }), 'pending_setup');
  });

  it('is the lesser one for a missing action role, unless none is configured', () => {
    assert.equal(reasonOf({ polo_action_role: '' }), 'action_role_refused');
    assert.equal(reasonOf({ polo_action_role: '' }, false), undefined);
  });

  it('is stale rather than the lesser one if both hold', () => {
    assert.equal(reasonOf({ polo_action_role: '', last_successful_scan: ago(2 * DAY) }), 'stale');
  });

  it('is none for an excluded account, whatever else is true of it', () => {
    fc.assert(
      fc.property(anyAccount, fc.boolean(), (any, configured) =>
        assert.equal(gapReason({ ...any, polo_status: 'excluded' }, NOW, configured), undefined),
      ),
    );
  });

  it('never depends on what the error text says', () => {
    fc.assert(
      fc.property(anyAccount, fc.string(), fc.boolean(), (any, last_scan_error, configured) =>
        assert.equal(gapReason({ ...any, last_scan_error }, NOW, configured), gapReason(any, NOW, configured)),
      ),
    );
  });
});

describe('coverage', () => {
  it('is ok when every account that counts is covered', () => {
    assert.deepEqual(coverage([account(), account(), account({ polo_status: 'excluded' })]), {
      generatedAt: '2026-11-22T12:00:00.000Z',
      status: 'ok',
      sentence: 'All 2 accounts are covered. Account list: 2 h old.',
      total: 2,
      covered: 2,
      excluded: 1,
      lastCompleteDiscoveryAt: '2026-11-22T10:00:00.000Z',
      accountsByStatus: { active: 2, pending_setup: 0, no_access: 0, excluded: 1 },
      gapsByReason: { no_access: 0, pending_setup: 0, stale: 0, never_scanned: 0, action_role_refused: 0 },
      gaps: [],
      lesserGaps: [],
    });
  });

  it('has gaps as soon as one account is not covered', () => {
    const { status, total, covered, gaps } = coverage([account(), account({ polo_status: 'no_access' })]);
    assert.deepEqual([status, total, covered, gaps.length], ['gaps', 2, 1, 1]);
  });

  it('says of a gap which account, why, since when and what to do', () => {
    const { gaps } = coverage([
      account({ polo_status: 'no_access', last_scan_error: 'read role refused: AccessDenied', since: ago(6 * DAY) }),
    ]);
    assert.deepEqual(gaps, [
      {
        account_id: '000000000042',
        account_name: 'payments-prod',
        polo_status: 'no_access',
        last_scan_error: 'read role refused: AccessDenied',
        hours_since_scan: 1,
        reason: 'no_access',
        since: ago(6 * DAY),
        nextStep:
          'polo-accounts verify 000000000042 tells what AWS answers; then operations/failures.md#read-role-refused',
      },
    ]);
  });

  it('gives each kind of gap a next step of its own', () => {
    const { gaps, lesserGaps } = coverage([
      account({ polo_status: 'no_access' }),
      account({ polo_status: 'pending_setup' }),
      account({ last_successful_scan: null }),
      account({ last_successful_scan: ago(2 * DAY) }),
      account({ polo_action_role: '' }),
    ]);
    const steps = [...gaps, ...lesserGaps].map(({ nextStep }) => nextStep);
    assert.equal(new Set(steps).size, 5);
    assert.ok(steps.every((step) => step.length > 20));
  });

  it('does not send anybody to onboard the management account, which no StackSet reaches', () => {
    const management = { isManagementAccount: true } as const;
    const [gap] = coverage([account({ polo_status: 'pending_setup', ...management })]).gaps;
    assert.equal(gap?.isManagementAccount, true);
    assert.equal(
      gap.nextStep,
      'deploy the roles by a stack of its own (operations/new-account.md#management-account), then polo-accounts verify 000000000042',
    );
    const [refused] = coverage([account({ polo_status: 'no_access', ...management })]).gaps;
    assert.match(refused?.nextStep ?? '', /^polo-accounts verify 000000000042 tells/);
  });

  it('lets a scan go stale when its 24 hours are over, not when the account became active', () => {
    const [gap] = coverage([account({ last_successful_scan: ago(DAY + 90 * MINUTE) })]).gaps;
    assert.equal(gap?.since, ago(90 * MINUTE));
    assert.equal(gap.hours_since_scan, 25);
  });

  it('counts no hours for an account that was never scanned, and none below zero', () => {
    const [never] = coverage([account({ last_successful_scan: null })]).gaps;
    assert.equal(never?.hours_since_scan, null);
    assert.equal(never.since, ago(30 * DAY));
    const [ahead] = coverage([account({ last_successful_scan: ago(-MINUTE), polo_action_role: '' })]).lesserGaps;
    assert.equal(ahead?.hours_since_scan, 0);
  });

  it('puts a missing action role beside the gaps: the account is covered', () => {
    const { status, covered, gaps, lesserGaps } = coverage([account({ polo_action_role: '' })]);
    assert.deepEqual([status, covered, gaps.length], ['ok', 1, 0]);
    assert.equal(lesserGaps[0]?.reason, 'action_role_refused');
  });

  it('never ran if no discovery completed, whatever gaps there are', () => {
    const { status, sentence, lastCompleteDiscoveryAt } = coverage([account({ polo_status: 'no_access' })], null);
    assert.deepEqual([status, lastCompleteDiscoveryAt], ['never_ran', null]);
    assert.equal(
      sentence,
      'No discovery has ever completed, so nobody knows which accounts exist. Next: polo-accounts discover.',
    );
  });

  it('is stale over 26 hours after the last complete discovery', () => {
    assert.equal(coverage([account()], ago(26 * HOUR)).status, 'ok');
    assert.equal(coverage([account()], ago(26 * HOUR + 1)).status, 'discovery_stale');
    assert.equal(coverage([account({ polo_status: 'no_access' })], ago(27 * HOUR)).status, 'discovery_stale');
  });

  it('has its gaps by account id, and can put the most serious first, then the oldest', () => {
    const { gaps } = coverage([
      account({ account_id: '4', last_successful_scan: ago(3 * DAY) }),
      account({ account_id: '3', polo_status: 'no_access', since: ago(HOUR) }),
      account({ account_id: '2', polo_status: 'pending_setup', since: ago(9 * DAY) }),
      account({ account_id: '1', polo_status: 'no_access', since: ago(2 * HOUR) }),
      account({ account_id: '0', last_successful_scan: null }),
    ]);
    const ids = (list: typeof gaps) => list.map((gap) => gap.account_id).join('');
    assert.equal(ids(gaps), '01234');
    assert.equal(ids(worstFirst(gaps)), '13240');
  });

  it('passes on what Slack refused', () => {
    const slackFailure = { at: ago(HOUR), message: 'HTTP 404: no_service' };
    assert.deepEqual(coverageOf({ ...registryOf([account()]), slackFailure }, NOW, true).slackFailure, slackFailure);
  });

  it('adds up for any accounts: covered and gaps make the total, lesser gaps are covered', () => {
    fc.assert(
      fc.property(fc.array(anyAccount), fc.option(fc.integer({ min: 0, max: 3 * DAY }).map(ago)), (accounts, last) => {
        const { total, covered, excluded, gaps, lesserGaps, status, gapsByReason } = coverage(accounts, last);
        assert.equal(covered + gaps.length, total);
        assert.equal(total + excluded, accounts.length);
        const { action_role_refused: lesser, ...reasons } = gapsByReason;
        assert.equal(lesser, lesserGaps.length);
        assert.equal(
          Object.values(reasons).reduce((a, b) => a + b),
          gaps.length,
        );
        assert.ok(lesserGaps.length <= covered);
        assert.ok([...gaps, ...lesserGaps].every(({ polo_status }) => polo_status !== 'excluded'));
        if (status === 'ok') assert.equal(covered, total);
        if (status === 'gaps') assert.ok(covered < total);
      }),
    );
  });
});

describe('coverage sentence', () => {
  it('has the denominator, the oldest gap by name, id and age, its next step, and the age of the list', () => {
    const { sentence } = coverage([
      account(),
      account({ polo_status: 'no_access', account_name: 'younger', since: ago(5 * HOUR) }),
      account({
        polo_status: 'pending_setup',
        account_name: 'データ',
        account_id: '000000000007',
        since: ago(6 * DAY),
      }),
    ]);
    assert.equal(
      sentence,
      '2 of 3 accounts are not covered (1 new today). Oldest: データ (000000000007), 6 days; next: ' +
        'polo-accounts onboard 000000000007, or by hand: operations/failures.md#roles-not-deployed. ' +
        'Account list: 2 h old.',
    );
  });

  it('leads with the account list itself when that is stale, and still tells the gaps', () => {
    const { sentence } = coverage([account(), account({ polo_status: 'no_access' })], ago(3 * DAY));
    assert.match(sentence, /^The account list itself is 3 days old: .*Next: polo-accounts discover\. 1 of 2 accounts/);
  });

  it('says how many gaps are less than a day old', () => {
    const lost = { polo_status: 'no_access' } as const;
    const { sentence } = coverage([
      account({ ...lost, since: ago(DAY - MINUTE) }),
      account({ ...lost, since: ago(HOUR) }),
      account({ ...lost, since: ago(DAY) }),
    ]);
    assert.match(sentence, /^3 of 3 accounts are not covered \(2 new today\)\. Oldest: /);
  });

  it('does not call it covered where nothing is watched', () => {
    assert.equal(coverage([]).sentence, 'No account is watched: none is known. Account list: 2 h old.');
    assert.match(
      coverage([account({ polo_status: 'excluded' })]).sentence,
      /^No account is watched: all 1 are excluded/,
    );
  });
});
