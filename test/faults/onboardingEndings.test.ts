/** How an onboarding ends that doesn't go its way: too late, cancelled, or overtaken by what others do to the account. */
import assert from 'node:assert/strict';
import type { AccountRow } from '../../domain/contract.ts';
import { endOperationsSoon, newAccount, onboard, setStackSet, startOnboardingPolo } from '../support/onboarding.ts';
import {
  assertNeverActive,
  endOperation,
  failureOf,
  holdOperations,
  lastEnding,
  startedFor,
  untilOperationRuns,
  untilProgress,
} from '../support/onboardingUnderWay.ts';
import type { Polo } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';

describe('an onboarding that is overtaken', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 3 });
  });
  beforeEach(() => holdOperations(polo));
  afterEach(() => polo.faults({}));
  after(() => polo.stop());

  /** Has something happen to a new account while its operation runs, which then succeeds; how the onboarding failed. */
  const overtakenBy = async (change: (accountId: string) => Promise<unknown>): Promise<[string, AccountRow]> => {
    const accountId = await newAccount(polo);
    const onboarding = failureOf(onboard(polo, accountId));
    const operation = await untilOperationRuns(polo, accountId);
    await change(accountId);
    await endOperation(polo, operation);
    const failure = await onboarding;
    assert.deepEqual(await lastEnding(polo, accountId), { kind: 'onboarding_failed', reason: failure });
    await assertNeverActive(polo, accountId);
    return [failure, await polo.account(accountId)];
  };

  it('by an operator who excludes the account: the exclusion stands', async () => {
    const [failure, row] = await overtakenBy((accountId) =>
      polo.run('excludeAccount', { accountId, reason: 'being closed', by: 'ann' }),
    );
    assert.match(failure, /^Excluded: .* is excluded by ann: being closed\. Next: polo-accounts include /);
    assert.deepEqual([row.polo_status, row.last_scan_error], ['excluded', 'excluded by ann: being closed']);
    assert.deepEqual([row.polo_read_role, row.polo_action_role], ['', '']);
    await polo.run('includeAccount', { accountId: row.account_id, by: 'ann' });
    assert.equal((await onboard(polo, row.account_id)).poloStatus, 'active');
  });

  it('by an account that leaves the organization says so', async () => {
    const [failure] = await overtakenBy((accountId) => polo.change(accountId, { gone: true }));
    assert.match(failure, /^AccountNotFound: /);
  });

  it('by AWS, which suspends the account, says so and excludes it', async () => {
    const [failure, row] = await overtakenBy((accountId) => polo.change(accountId, { state: 'SUSPENDED' }));
    assert.match(failure, /^AccountNotActive: .*AWS says SUSPENDED\. Next: start again when it is ACTIVE$/);
    assert.deepEqual([row.polo_status, row.last_scan_error], ['excluded', 'account is SUSPENDED']);
  });

  it('and failed, is started again with no clean-up', async () => {
    await endOperationsSoon(polo);
    const accountId = await newAccount(polo);
    await polo.faults({ instances: [{ accountId, detailedStatus: 'FAILED', times: 1 }] });
    assert.match(await failureOf(onboard(polo, accountId)), /^OperationFailed: /);
    const { outcome, operationId } = await onboard(polo, accountId);
    const started = await startedFor(polo, accountId);
    assert.deepEqual([outcome, operationId, new Set(started).size], ['promoted', started[1], 2]);
    const { polo_status, last_scan_error } = await polo.account(accountId);
    assert.deepEqual([polo_status, last_scan_error], ['active', '']);
  });
});

describe('a StackSet operation that does not end', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    // An onboarding waits nine seconds for an operation that runs, 36 for one that is queued.
    polo = await startOnboardingPolo({ accounts: 3, env: { POLO_TIME_SCALE: '0.005' } });
  });
  beforeEach(() => holdOperations(polo));
  afterEach(() => setStackSet(polo, { queuedSeconds: 0 }));
  after(() => polo.stop());

  it('is given up with what was last seen of it, and picked up by the next start', async () => {
    const accountId = await newAccount(polo);
    const failure = await failureOf(onboard(polo, accountId));
    const [operation = ''] = await startedFor(polo, accountId);
    assert.match(
      failure,
      /^DeadlinePassed: .* is not over after 30 min; last seen: RUNNING\. It goes on in AWS\. Next: /,
    );
    assert.ok(failure.includes(operation), failure);
    assert.deepEqual(await lastEnding(polo, accountId), { kind: 'onboarding_failed', reason: failure });
    const row = await polo.account(accountId);
    assert.deepEqual([row.polo_status, row.last_scan_error], ['pending_setup', 'deploying']);

    const next = onboard(polo, accountId);
    assert.equal(await untilOperationRuns(polo, accountId), operation);
    await endOperation(polo, operation);
    const { outcome, operationId } = await next;
    assert.deepEqual([outcome, operationId], ['promoted', operation]);
    assert.equal((await polo.account(accountId)).polo_status, 'active');
    assert.deepEqual(await startedFor(polo, accountId), [operation]);
  });

  it('is waited for longer while it is queued, and given up in the end', async () => {
    await setStackSet(polo, { queuedSeconds: 86_400 });
    const queued = await newAccount(polo);
    const waiting = failureOf(onboard(polo, queued));
    await untilProgress(polo, queued, /waiting for StackSet operation .* QUEUED/);
    await setStackSet(polo, { queuedSeconds: 0 });
    // This one begins to wait later, and gives up earlier.
    assert.match(await failureOf(onboard(polo, await newAccount(polo))), /^DeadlinePassed: .*RUNNING/);
    await untilProgress(polo, queued, /waiting for StackSet operation .* QUEUED/);
    assert.match(await waiting, /^DeadlinePassed: .* is not over after 2 h; last seen: QUEUED\. /);
  });
});
