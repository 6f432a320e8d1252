/** A cancelled onboarding stops waiting; it takes nothing back, in AWS or in the registry, and is started again at will. */
import assert from 'node:assert/strict';
import {
  onboardWorkflowId,
  TASK_QUEUE,
  type OnboardAccountsInput,
  type OnboardAccountsResult,
} from '../../domain/contract.ts';
import { callCounts } from '../support/discovery.ts';
import { newAccount, onboard, setStackSet, startOnboardingPolo, type Operation } from '../support/onboarding.ts';
import {
  endOperation,
  holdOperations,
  lastEnding,
  operationStatuses,
  startedFor,
  startOnboarding,
  untilOperationRuns,
  untilProgress,
} from '../support/onboardingUnderWay.ts';
import type { Polo } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';
import { until, untilEvent } from '../support/waiting.ts';

type Several = (input: OnboardAccountsInput) => Promise<OnboardAccountsResult>;

describe('an onboarding that is cancelled', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 3 });
  });
  beforeEach(() => holdOperations(polo));
  afterEach(async () => {
    await polo.faults({});
    await setStackSet(polo, { managedExecution: true });
  });
  after(() => polo.stop());

  const statusOf = async (workflowId: string): Promise<string> =>
    (await polo.client.workflow.getHandle(workflowId).describe()).status.name;
  const statusIn = async (accountId: string): Promise<string> => (await polo.account(accountId)).polo_status;

  /** A new account whose onboarding waits for a running operation, after a start under this id. */
  const withOperationRunning = async (workflowId?: string) => {
    const accountId = await newAccount(polo);
    const handle = await startOnboarding(polo, accountId, workflowId);
    return { accountId, handle, operation: await untilOperationRuns(polo, accountId) };
  };

  it('while it waits for an operation leaves that alone, tells where it stood, and is started again at will', async () => {
    const { accountId, handle, operation } = await withOperationRunning();
    await handle.cancel();
    await assert.rejects(handle.result());
    assert.equal(await statusOf(onboardWorkflowId(accountId)), 'CANCELLED');
    const { kind, reason } = await lastEnding(polo, accountId);
    assert.equal(kind, 'onboarding_cancelled');
    assert.match(
      reason,
      /^while .*: waiting for StackSet operation .*, RUNNING\. Nothing was stopped or undone in AWS\.$/,
    );
    assert.ok(reason.includes(operation), reason);
    assert.deepEqual(await operationStatuses(polo, accountId), ['RUNNING']);
    const { polo_status, last_scan_error } = await polo.account(accountId);
    assert.deepEqual([polo_status, last_scan_error], ['pending_setup', 'deploying']);

    await endOperation(polo, operation);
    assert.equal(await statusIn(accountId), 'pending_setup');
    const { outcome, poloStatus } = await onboard(polo, accountId);
    assert.deepEqual([outcome, poloStatus], ['already_active', 'active']);
    assert.deepEqual(await startedFor(polo, accountId), [operation]);
    assert.deepEqual(await operationStatuses(polo, accountId), ['SUCCEEDED']);
  });

  it('is started again while its operation still runs, and joins it', async () => {
    const { accountId, handle, operation } = await withOperationRunning();
    await handle.cancel();
    await assert.rejects(handle.result());
    const next = onboard(polo, accountId);
    assert.equal(await untilOperationRuns(polo, accountId), operation);
    await endOperation(polo, operation);
    const { outcome, operationId } = await next;
    assert.deepEqual([outcome, operationId, await statusIn(accountId)], ['promoted', operation, 'active']);
    assert.deepEqual(await startedFor(polo, accountId), [operation]);
  });

  it('through the run that started it, is cancelled with it', async () => {
    const { accountId, handle } = await withOperationRunning('cancelled-owner');
    await handle.cancel();
    await assert.rejects(handle.result());
    assert.deepEqual(
      [await statusOf('cancelled-owner'), await statusOf(onboardWorkflowId(accountId))],
      ['CANCELLED', 'CANCELLED'],
    );
    assert.equal((await lastEnding(polo, accountId)).kind, 'onboarding_cancelled');
    assert.equal(await statusIn(accountId), 'pending_setup');
  });

  it('as one of several, by itself, is named as cancelled, and the others go on', async () => {
    const [cancelled, other] = [await newAccount(polo), await newAccount(polo)];
    const several = await polo.client.workflow.start<Several>('onboardAccounts', {
      taskQueue: TASK_QUEUE,
      workflowId: 'onboard-several',
      args: [{ accountIds: [cancelled, other], maxConcurrent: 2 }],
    });
    await untilOperationRuns(polo, cancelled);
    await polo.client.workflow.getHandle(onboardWorkflowId(cancelled)).cancel();
    await endOperation(polo, await untilOperationRuns(polo, other));
    const { active, failed, failures } = await several.result();
    assert.deepEqual([active, failed], [1, 1]);
    assert.deepEqual(
      failures.map(({ accountId, code }) => [accountId, code]),
      [[cancelled, 'Cancelled']],
    );
    assert.equal(await statusIn(other), 'active');
  });

  it('as a guest of another one leaves that alone', async () => {
    const { accountId, handle, operation } = await withOperationRunning('cancelled-host');
    const guest = await startOnboarding(polo, accountId, 'cancelled-guest');
    await untilEvent(polo, 'cancelled-guest', 'activityTaskScheduled', 2);
    await guest.cancel();
    await assert.rejects(guest.result());
    assert.equal(await statusOf('cancelled-guest'), 'CANCELLED');
    await endOperation(polo, operation);
    assert.equal((await handle.result()).outcome, 'promoted');
    assert.equal((await lastEnding(polo, accountId)).kind, 'onboarding_succeeded');
    assert.equal(await statusIn(accountId), 'active');
  });

  it('while it tries the roles does not promote the account any more', async () => {
    const { accountId, handle, operation } = await withOperationRunning();
    await polo.faults({ rules: [{ operation: 'AssumeRole', accountId, effect: 'hang' }] });
    await endOperation(polo, operation);
    await untilProgress(polo, accountId, /the roles are deployed/);
    await handle.cancel();
    await assert.rejects(handle.result());
    assert.equal(await statusOf(onboardWorkflowId(accountId)), 'CANCELLED');
    const { kind, reason } = await lastEnding(polo, accountId);
    assert.equal(kind, 'onboarding_cancelled');
    assert.match(reason, /^while .*: the roles are deployed/);
    assert.equal(await statusIn(accountId), 'pending_setup');
    await polo.faults({});
    assert.equal((await onboard(polo, accountId)).poloStatus, 'active');
  });

  it('while another operation is in its way starts none', async () => {
    await setStackSet(polo, { managedExecution: false });
    for (const { operationId, status } of await polo.control<Operation[]>('GET', '/operations')) {
      if (status === 'RUNNING') await endOperation(polo, operationId);
    }
    const [accountId, other] = [await newAccount(polo), await newAccount(polo)];
    const { operationId } = await polo.control<{ operationId: string }>('POST', '/operations', { accountIds: [other] });
    const handle = await startOnboarding(polo, accountId);
    await until(async () => (await startedFor(polo, accountId)).length > 1 || undefined);
    await handle.cancel();
    await assert.rejects(handle.result());
    assert.equal(await statusOf(onboardWorkflowId(accountId)), 'CANCELLED');
    const { kind, reason } = await lastEnding(polo, accountId);
    assert.match(`${kind} ${reason}`, /^onboarding_cancelled while .*: starting StackSet operation /);
    assert.deepEqual(await operationStatuses(polo, accountId), []);
    const { polo_status, last_scan_error } = await polo.account(accountId);
    assert.deepEqual([polo_status, last_scan_error], ['pending_setup', 'roles not deployed']);
    await endOperation(polo, operationId);
  });

  it('never asks AWS to stop, change or delete anything', async () => {
    const asked = Object.keys(await callCounts(polo));
    assert.ok(asked.includes('cloudformation.CreateStackInstances'), asked.join());
    assert.deepEqual(
      asked.filter((name) => /stop|update|delete/i.test(name)),
      [],
    );
  });
});
