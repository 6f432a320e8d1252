/** What becomes of an onboarding when AWS makes something else of it (design 5; statuses and retry classes: facts, AWS, section C). */
import assert from 'node:assert/strict';
import { endOperationsSoon, newAccount, onboard, startOnboardingPolo } from '../support/onboarding.ts';
import {
  assertNeverActive,
  failingOnboarding,
  holdOperations,
  lastEnding,
  operationStatuses,
  startedFor,
  startOnboarding,
  untilOperationRuns,
} from '../support/onboardingUnderWay.ts';
import type { Polo } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';

const READ_ROLE = 'test-PoloReadRole';
const QUOTA = 'Resource handler returned message: "Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam)"';
const NO_EXECUTION_ROLE =
  "Account 111122223333 should have 'stacksets-exec-0123456789abcdef' role with trust relationship to Role " +
  "'aws-service-role/stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgAdmin'.";

describe('an onboarding', function () {
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

  const deploymentsBecome = (accountId: string, fault: object): Promise<unknown> =>
    polo.faults({ instances: [{ accountId, ...fault }] });

  /** What says of an account what really became of it, and how the row begins that tells it. */
  const UNDEPLOYED: [name: string, fault: object, words: string, row: string][] = [
    ['has no stack instance', { none: true }, 'no stack instance', 'roles not deployed'],
    [
      'failed',
      { detailedStatus: 'FAILED', statusReason: QUOTA },
      `FAILED: ${QUOTA}`,
      `deployment failed: FAILED: ${QUOTA}`,
    ],
    [
      'was cancelled',
      { detailedStatus: 'CANCELLED', statusReason: 'Cancelled since failure tolerance has exceeded' },
      'CANCELLED: Cancelled since failure tolerance has exceeded',
      'deployment failed: CANCELLED: Cancelled since failure tolerance has exceeded',
    ],
    [
      'was skipped as suspended',
      { detailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT' },
      'SKIPPED_SUSPENDED_ACCOUNT',
      'deployment failed: SKIPPED_SUSPENDED_ACCOUNT',
    ],
  ];
  for (const [name, fault, words, rowSays] of UNDEPLOYED) {
    it(`fails although its operation SUCCEEDED if the account ${name}`, async () => {
      const accountId = await newAccount(polo);
      await deploymentsBecome(accountId, { ...fault, operationStatus: 'SUCCEEDED' });
      const { failure, row } = await failingOnboarding(polo, accountId);
      assert.match(failure, /^OperationFailed: /);
      assert.ok(failure.includes(`the operation ended SUCCEEDED, this account: ${words}`), failure);
      assert.deepEqual([row.polo_status, row.last_scan_error, row.polo_read_role], ['pending_setup', rowSays, '']);
      assert.equal((await startedFor(polo, accountId)).length, 1);
      await assertNeverActive(polo, accountId);
    });
  }

  it('tries a deployment again that failed for a passing reason, by a new operation', async () => {
    const accountId = await newAccount(polo);
    await deploymentsBecome(accountId, { times: 1, detailedStatus: 'FAILED', statusReason: NO_EXECUTION_ROLE });
    const { outcome, operationId } = await onboard(polo, accountId);
    const started = await startedFor(polo, accountId);
    assert.deepEqual([outcome, operationId, new Set(started).size], ['promoted', started[1], 2]);
    assert.deepEqual(await operationStatuses(polo, accountId), ['FAILED', 'SUCCEEDED']);
    assert.equal((await polo.account(accountId)).polo_status, 'active');
  });

  it('gives up after three operations that failed for a passing reason', async () => {
    const accountId = await newAccount(polo);
    await deploymentsBecome(accountId, { detailedStatus: 'FAILED', statusReason: NO_EXECUTION_ROLE });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, /^OperationFailed: .*should have 'stacksets-exec-.*[^.]\. Next: mend what AWS names/);
    assert.equal(new Set(await startedFor(polo, accountId)).size, 3);
    assert.deepEqual(await operationStatuses(polo, accountId), ['FAILED', 'FAILED', 'FAILED']);
    assert.deepEqual(
      [row.polo_status, row.last_scan_error],
      ['pending_setup', `deployment failed: FAILED: ${NO_EXECUTION_ROLE}`],
    );
  });

  it('does not try again, and names the role, where somebody else has made one of its name', async () => {
    const accountId = await newAccount(polo, { roles: { read: 'refused' } });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, new RegExp(`^RoleNameTaken: .*already exists.* Next: see who made the role ${READ_ROLE} `));
    assert.equal((await startedFor(polo, accountId)).length, 1);
    assert.equal(row.polo_status, 'pending_setup');
    assert.match(row.last_scan_error, new RegExp(`^deployment failed: FAILED: .*Role with name ${READ_ROLE} already`));
    await assertNeverActive(polo, accountId);
  });

  it('leaves an account active whose read role somebody else has made', async () => {
    const accountId = await newAccount(polo, { roles: { read: 'works' } });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, /^RoleNameTaken: /);
    assert.deepEqual([row.polo_status, row.polo_action_role], ['active', '']);
    assert.match(row.last_scan_error, /^action role refused: /);
  });

  it("promotes the account, if both of somebody else's roles work in the end, and still says that the deployment failed", async () => {
    const accountId = await newAccount(polo);
    await holdOperations(polo);
    const { result } = await startOnboarding(polo, accountId).then((handle) => ({ result: handle.result() }));
    await Promise.all([
      assert.rejects(result),
      untilOperationRuns(polo, accountId).then(() =>
        polo.change(accountId, {
          roles: { read: 'works', action: 'works' },
          instance: { detailedStatus: 'FAILED', statusReason: `Role with name ${READ_ROLE} already exists.` },
        }),
      ),
    ]);
    const { kind, reason } = await lastEnding(polo, accountId);
    assert.match(`${kind} ${reason}`, /^onboarding_failed RoleNameTaken: /);
    const { polo_status, last_scan_error } = await polo.account(accountId);
    assert.deepEqual([polo_status, last_scan_error], ['active', '']);
  });

  it('starts no operation on an instance that is INOPERABLE, and says who mends it', async () => {
    const accountId = await newAccount(polo, { instance: { status: 'INOPERABLE' } });
    const { failure } = await failingOnboarding(polo, accountId);
    assert.match(
      failure,
      /^InstanceInoperable: .*no operation was started: .*INOPERABLE.*--retain-stacks.*start again$/,
    );
    assert.doesNotMatch(failure, /forgotten/);
    assert.deepEqual(await startedFor(polo, accountId), []);
    await assertNeverActive(polo, accountId);
  });

  it('starts no second operation when the first left the instance INOPERABLE', async () => {
    const accountId = await newAccount(polo);
    await deploymentsBecome(accountId, { detailedStatus: 'INOPERABLE', statusReason: NO_EXECUTION_ROLE });
    const { failure, row } = await failingOnboarding(polo, accountId);
    assert.match(failure, /^InstanceInoperable: .*should have 'stacksets-exec-.*--retain-stacks/);
    assert.equal((await startedFor(polo, accountId)).length, 1);
    assert.deepEqual(
      [row.polo_status, row.last_scan_error],
      ['pending_setup', `deployment failed: INOPERABLE: ${NO_EXECUTION_ROLE}`],
    );
  });

  it('fails when somebody stops its operation', async () => {
    const accountId = await newAccount(polo);
    await holdOperations(polo);
    const onboarding = failingOnboarding(polo, accountId);
    await polo.control('PATCH', `/operations/${await untilOperationRuns(polo, accountId)}`, { status: 'STOPPED' });
    assert.match(
      (await onboarding).failure,
      /^OperationFailed: .*the operation ended STOPPED, this account: CANCELLED/,
    );
    await assertNeverActive(polo, accountId);
  });
});
