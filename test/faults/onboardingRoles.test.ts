/** What becomes of an onboarding whose deployment went well, and whose roles then don't work, or not at once. */
import assert from 'node:assert/strict';
import { endOperationsSoon, newAccount, onboard, startOnboardingPolo } from '../support/onboarding.ts';
import {
  endOperation,
  failingOnboarding,
  holdOperations,
  startedFor,
  untilOperationRuns,
} from '../support/onboardingUnderWay.ts';
import type { Polo } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';

const ARN = 'arn:aws:iam::';
const LONG_AGO = '2020-01-01T00:00:00Z';

describe('an onboarding whose roles are deployed', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 3 });
  });
  afterEach(async () => {
    await polo.faults({});
    await endOperationsSoon(polo);
  });
  after(() => polo.stop());

  it('waits for IAM, which lets nobody into a new role at once', async () => {
    const accountId = await newAccount(polo);
    // 40 seconds of the three minutes that it waits.
    await polo.faults({ iamLagSeconds: 0.8 });
    const { outcome, poloStatus, readRoleArn, actionRoleArn } = await onboard(polo, accountId);
    assert.deepEqual([outcome, poloStatus], ['promoted', 'active']);
    const row = await polo.account(accountId);
    assert.deepEqual([row.polo_status, row.last_scan_error], ['active', '']);
    assert.deepEqual([row.polo_read_role, row.polo_action_role], [readRoleArn, actionRoleArn]);
    assert.deepEqual(
      [readRoleArn, actionRoleArn],
      [`${ARN}${accountId}:role/test-PoloReadRole`, `${ARN}${accountId}:role/polo-action-role`],
    );
  });

  for (const action of ['missing', 'refused']) {
    it(`fails if only its read role works, the action role being ${action}, and leaves the account active`, async () => {
      const accountId = await newAccount(polo);
      await polo.faults({ instances: [{ accountId, roles: { action } }] });
      const { failure, row } = await failingOnboarding(polo, accountId);
      assert.match(failure, /^ActionRoleRefused: .* is active \(action role refused: .*POLO_ACTION_ROLE_NAME=none$/);
      assert.deepEqual([row.polo_status, row.polo_action_role], ['active', '']);
      assert.notEqual(row.polo_read_role, '');
      assert.match(row.last_scan_error, /^action role refused: /);

      await polo.change(accountId, { roles: { action: 'works' } });
      assert.equal((await onboard(polo, accountId)).outcome, 'already_active');
      assert.equal((await polo.account(accountId)).last_scan_error, '');
    });
  }

  it('starts no operation where they are deployed already and refused, and says what to compare', async () => {
    const accountId = await newAccount(polo, { instance: { status: 'CURRENT', operationEndedAt: LONG_AGO } });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(
      failure,
      /^DeployedButRefused: .*tried for 3 min: read role refused: .* Next: compare the role in the/,
    );
    assert.deepEqual(await startedFor(polo, accountId), []);
    assert.equal(row.polo_status, 'no_access');
    assert.match(row.last_scan_error, /^read role refused although deployed: /);
  });

  it('starts no second operation if they are refused after the first', async () => {
    const accountId = await newAccount(polo);
    await polo.faults({ instances: [{ accountId, roles: { read: 'refused' } }] });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, /^DeployedButRefused: /);
    assert.equal((await startedFor(polo, accountId)).length, 1);
    assert.notEqual(row.polo_status, 'active');
    assert.equal(row.polo_read_role, '');
  });

  it('starts no operation on an active account that cannot be judged now', async () => {
    const accountId = await newAccount(polo, { roles: { read: 'works', action: 'works' } });
    await polo.run('discoverAccounts', { accountIds: [accountId] });
    await polo.faults({ rules: [{ operation: 'AssumeRole', accountId, effect: 'error', code: 'ExpiredToken' }] });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, /^RolesUnverified: .* is active; verification inconclusive: .* Next: start again when STS/);
    assert.deepEqual(await startedFor(polo, accountId), []);
    assert.equal(row.polo_status, 'active');
  });

  it('blames nobody while STS throttles', async () => {
    const accountId = await newAccount(polo);
    await holdOperations(polo);
    const onboarding = failingOnboarding(polo, accountId);
    const operation = await untilOperationRuns(polo, accountId);
    await polo.faults({ rules: [{ operation: 'AssumeRole', accountId, effect: 'throttle' }] });
    await endOperation(polo, operation);
    const { failure, row } = await onboarding;
    assert.match(failure, /^RolesUnverified: .*verification inconclusive: .* Next: start again when STS answers$/);
    assert.equal(row.polo_status, 'pending_setup');
    assert.match(row.last_scan_error, /^verification inconclusive: /);

    await polo.faults({});
    assert.equal((await onboard(polo, accountId)).poloStatus, 'active');
    assert.equal((await startedFor(polo, accountId)).length, 1);
  });
});

describe('an onboarding without an action role', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 3, env: { POLO_ACTION_ROLE_NAME: 'none' } });
  });
  after(() => polo.stop());

  it('succeeds if the read role works', async () => {
    const accountId = await newAccount(polo);
    await polo.faults({ instances: [{ accountId, roles: { action: 'missing' } }] });
    const { outcome, actionRoleArn } = await onboard(polo, accountId);
    assert.deepEqual([outcome, actionRoleArn], ['promoted', '']);
    const row = await polo.account(accountId);
    assert.deepEqual([row.polo_status, row.last_scan_error, row.polo_action_role], ['active', '', '']);
  });
});
