/** Onboarding as people start it: one account gets its roles by one operation, and everybody is told what became of it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { onboardWorkflowId, TASK_QUEUE, type OnboardAccountResult } from '../domain/contract.ts';
import { findTemporal } from '../local/findTemporal.ts';
import { callCounts, forgetCalls, idsByName } from './support/discovery.ts';
import {
  endOperationsSoon,
  newAccount,
  onboard,
  onboardingEvents,
  operationsOn,
  setStackSet,
  startOnboardingPolo,
} from './support/onboarding.ts';
import type { Polo } from './support/polo.ts';
import { TIMEOUT } from './support/scale.ts';
import { until } from './support/waiting.ts';

type Onboarding = (input?: { accountId: string }) => Promise<OnboardAccountResult>;

/** An operation that only a test ends, in seconds. */
const ENDLESS = 3_600;

describe('onboarding', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  let idOf: (name: string) => string;
  before(async () => {
    // An onboarding waits for an operation for 90 s of ours.
    polo = await startOnboardingPolo({ env: { POLO_TIME_SCALE: '0.05' } });
    await polo.discover();
    idOf = await idsByName(polo);
  });
  beforeEach(() => forgetCalls(polo));
  afterEach(async () => {
    await setStackSet(polo, { exists: true });
    await endOperationsSoon(polo);
  });
  after(() => polo.stop());

  const deployments = async (): Promise<number> => (await callCounts(polo))['cloudformation.CreateStackInstances'] ?? 0;
  const start = (workflowId: string, accountId: string): Promise<WorkflowHandle<Onboarding>> =>
    polo.client.workflow.start<Onboarding>('onboardAccount', {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [{ accountId }],
    });
  /** What the Temporal UI shows of a workflow as its current details. */
  const detailsOf = async (workflowId: string): Promise<string> =>
    (await polo.client.workflow.getHandle(workflowId).query<{ currentDetails: string }>('__temporal_workflow_metadata'))
      .currentDetails;
  /** Waits until one of these workflows says so in its details. */
  const untilDetails = (words: RegExp, ...workflowIds: string[]): Promise<string> =>
    until(async () => (await Promise.all(workflowIds.map(detailsOf))).find((details) => words.test(details)));
  /** Ends the one operation on the account, as soon as it is there. */
  const endOperation = async (accountId: string): Promise<void> => {
    const operation = await until(async () => (await operationsOn(polo, accountId))[0]);
    await polo.control('PATCH', `/operations/${operation.operationId}`, { status: 'SUCCEEDED' });
  };

  it('makes a pending account active by one operation that is for this account alone', async () => {
    const accountId = idOf('payments-development');
    const others = async (): Promise<unknown[]> => [
      (await polo.accounts()).filter((row) => row.account_id !== accountId),
      (await polo.organization()).filter(({ id }) => id !== accountId),
    ];
    const before = await others();
    const { operationId = '', startedAt, finishedAt, ...result } = await onboard(polo, accountId);

    const roles = {
      readRoleArn: `arn:aws:iam::${accountId}:role/test-PoloReadRole`,
      actionRoleArn: `arn:aws:iam::${accountId}:role/polo-action-role`,
    };
    assert.deepEqual(result, { accountId, outcome: 'promoted', poloStatus: 'active', ...roles });
    assert.ok(startedAt <= finishedAt);
    const row = await polo.account(accountId);
    assert.deepEqual(
      [row.polo_status, row.last_scan_error, row.polo_read_role, row.polo_action_role],
      ['active', '', roles.readRoleArn, roles.actionRoleArn],
    );
    assert.equal(await deployments(), 1);
    assert.deepEqual(
      (await operationsOn(polo, accountId)).map((operation) => [
        operation.operationId,
        operation.by,
        operation.status,
        operation.results.map(({ accountId: id, status }) => `${id} ${status}`),
      ]),
      [[operationId, 'caller', 'SUCCEEDED', [`${accountId} SUCCEEDED`]]],
    );
    assert.deepEqual(await others(), before);
  });

  it('tells in the history, and in the Temporal UI, what was done', async () => {
    const accountId = idOf('payments-development');
    const told = (await polo.history(accountId)).filter(({ actor }) => actor === 'onboardAccount');
    assert.deepEqual(
      told.map((event) => [event.kind, event.from_status, event.to_status]),
      [
        ['onboarding_started', '', ''],
        ['status_changed', 'pending_setup', 'active'],
        ['onboarding_succeeded', '', ''],
      ],
    );
    const [operation] = await operationsOn(polo, accountId);
    const words = `active, roles deployed by StackSet operation ${operation?.operationId ?? ''}`;
    assert.equal(told.at(-1)?.reason, words);
    assert.equal(await detailsOf(onboardWorkflowId(accountId)), `payments-development (${accountId}): ${words}`);
  });

  it('registers an account that no discovery has seen, and makes it active', async () => {
    const accountId = await newAccount(polo, { name: 'made-just-now', ou: '/Workloads/Development' });
    const { outcome } = await onboard(polo, accountId);
    assert.equal(outcome, 'promoted');
    const row = await polo.account(accountId);
    assert.deepEqual(
      [row.account_name, row.org_unit, row.polo_status, row.last_scan_error],
      ['made-just-now', '/Workloads/Development', 'active', ''],
    );
    const steps = (await polo.history(accountId)).filter(({ from_status, to_status }) => from_status !== to_status);
    assert.deepEqual(
      steps.map(({ kind, to_status, actor }) => [kind, to_status, actor]),
      [
        ['discovered', 'pending_setup', 'onboardAccount'],
        ['status_changed', 'active', 'onboardAccount'],
      ],
    );
  });

  it('does nothing on an account that is active already, and says so', async () => {
    const accountId = idOf('payments-production');
    const before = await polo.account(accountId);
    const { outcome, poloStatus, operationId } = await onboard(polo, accountId);
    assert.deepEqual([outcome, poloStatus, operationId], ['already_active', 'active', undefined]);
    assert.deepEqual(await polo.account(accountId), before);
    assert.equal(await deployments(), 0);
    assert.deepEqual((await onboardingEvents(polo, accountId)).at(-1), {
      kind: 'onboarding_succeeded',
      reason: 'the roles worked already, nothing was done',
    });
  });

  it('is one operation with one result when two people start it at once', async () => {
    const accountId = await newAccount(polo);
    await setStackSet(polo, { operationSeconds: ENDLESS });
    const ids = [`ui-${randomUUID()}`, `ui-${randomUUID()}`];
    const both = await Promise.all(ids.map((id) => start(id, accountId)));
    await untilDetails(/is running .* waiting for its result/, ...ids);
    await endOperation(accountId);
    const [result, same] = await Promise.all(both.map((handle) => handle.result()));
    assert.deepEqual(same, result);
    assert.equal(result?.outcome, 'promoted');
    const operations = await operationsOn(polo, accountId);
    assert.deepEqual(
      operations.map(({ operationId }) => operationId),
      [result.operationId],
    );
    assert.equal(await deployments(), 1);
  });

  it('is joined by a start under an id of its own while onboard/<id> runs', async () => {
    const accountId = await newAccount(polo);
    await setStackSet(polo, { operationSeconds: ENDLESS });
    const locked = await start(onboardWorkflowId(accountId), accountId);
    await until(async () => (await operationsOn(polo, accountId))[0]);
    const guest = await start('guest', accountId);
    await untilDetails(new RegExp(`^onboard/${accountId} is running .* waiting for its result`), 'guest');
    await endOperation(accountId);
    const result = await locked.result();
    assert.equal(result.outcome, 'promoted');
    assert.deepEqual(await guest.result(), result);
    assert.equal((await operationsOn(polo, accountId)).length, 1);
    assert.equal(await deployments(), 1);
  });

  it('tells while it waits, whoever asks, for what it waits and for how long', async () => {
    const accountId = await newAccount(polo, { name: 'patient' });
    await setStackSet(polo, { operationSeconds: ENDLESS });
    const handle = await start(onboardWorkflowId(accountId), accountId);
    const details = await untilDetails(/waiting/, handle.workflowId);
    const words = new RegExp(
      `^patient \\(${accountId}\\): waiting for StackSet operation onboard-${accountId}-\\S+, \\d+ s, RUNNING$`,
    );
    assert.match(details, words);
    assert.match(await handle.query<string>('progress'), words);
    await endOperation(accountId);
    const { operationId = '' } = await handle.result();
    assert.match(details, new RegExp(`${operationId},`));
  });

  it('needs no input under the id onboard/<id>', async () => {
    const accountId = await newAccount(polo);
    const result = await polo.run<OnboardAccountResult>('onboardAccount', undefined, onboardWorkflowId(accountId));
    assert.deepEqual([result.accountId, result.outcome], [accountId, 'promoted']);
    assert.equal((await polo.account(accountId)).polo_status, 'active');
  });

  for (const way of ['under the id onboard/<id> without input', 'with input under any id'] as const) {
    it(`can be started by Temporal's own command line, ${way}`, async () => {
      const accountId = await newAccount(polo);
      const free = way === 'with input under any id';
      const workflowId = free ? `by-hand-${accountId}` : onboardWorkflowId(accountId);
      const temporal = await findTemporal((line) => process.stderr.write(`${line}\n`));
      const named = ['--type', 'onboardAccount', '--task-queue', 'polo-accounts', '--workflow-id', workflowId];
      const input = free ? ['--input', JSON.stringify({ accountId })] : [];
      await promisify(execFile)(temporal, ['workflow', 'start', ...named, ...input], { env: polo.environment() });
      const result = await polo.client.workflow.getHandle<Onboarding>(workflowId).result();
      assert.deepEqual([result.accountId, result.outcome], [accountId, 'promoted']);
    });
  }

  /** Starts an onboarding that is refused; checks that it is told with this code, and that nothing was deployed. */
  const assertRefused = async (accountId: string, code: string, words: RegExp): Promise<void> => {
    let failure = '';
    await assert.rejects(onboard(polo, accountId), (error: Error) => {
      failure = error.message;
      return true;
    });
    assert.match(failure, new RegExp(`^${code}: `));
    assert.match(failure, words);
    assert.deepEqual((await onboardingEvents(polo, accountId)).slice(-2), [
      { kind: 'onboarding_started', reason: (await onboardingEvents(polo, accountId)).at(-2)?.reason },
      { kind: 'onboarding_failed', reason: failure },
    ]);
    assert.equal(await deployments(), 0);
  };

  const REFUSED: [what: string, name: string, code: string, words: RegExp][] = [
    ["the organization's management account", 'Example Organization', 'ManagementAccount', /no StackSet reaches/],
    ['a suspended account', 'abandoned-experiment', 'AccountNotActive', /AWS says SUSPENDED/],
    ['an account that is being closed', 'old-website', 'AccountNotActive', /AWS says PENDING_CLOSURE/],
  ];
  for (const [what, name, code, words] of REFUSED) {
    it(`is refused at once for ${what}, whose row stays`, async () => {
      const before = await polo.account(idOf(name));
      await assertRefused(before.account_id, code, words);
      assert.deepEqual(await polo.account(before.account_id), before);
    });
  }

  it('is refused at once for an account that the organization does not have', async () => {
    await assertRefused('999999999999', 'AccountNotFound', /no account 999999999999/);
    assert.ok((await polo.accounts()).every((row) => row.account_id !== '999999999999'));
  });

  it('is refused at once for an account that an operator has excluded, whose row stays', async () => {
    const accountId = idOf('mobile-development');
    await polo.run('excludeAccount', { accountId, reason: 'merger', by: 'kim' });
    const before = await polo.account(accountId);
    await assertRefused(accountId, 'Excluded', /excluded by kim: merger.* polo-accounts include/);
    assert.match(
      await detailsOf(onboardWorkflowId(accountId)),
      new RegExp(`^mobile-development \\(${accountId}\\): Excluded: is excluded by kim: merger\\.`),
    );
    assert.deepEqual(await polo.account(accountId), before);
    await polo.run('includeAccount', { accountId, by: 'kim' });
    assert.equal((await onboard(polo, accountId)).outcome, 'promoted');
  });

  it('is refused at once where the StackSet is missing', async () => {
    const accountId = await newAccount(polo);
    await setStackSet(polo, { exists: false });
    await assertRefused(accountId, 'StackSetMissing', /StackSet test-polo-roles in us-east-1/);
    assert.equal((await polo.account(accountId)).polo_status, 'pending_setup');
  });

  it('says what to do next, however much AWS has to say of a failure', async () => {
    const accountId = await newAccount(polo, { name: 'a'.repeat(50) });
    await polo.faults({ instances: [{ accountId, detailedStatus: 'FAILED', statusReason: 'so much '.repeat(100) }] });
    const next = /so much so much .* Next: mend what AWS names, then start again$/;
    await assert.rejects(onboard(polo, accountId), { message: next });
    assert.match((await onboardingEvents(polo, accountId)).at(-1)?.reason ?? '', next);
  });
});
