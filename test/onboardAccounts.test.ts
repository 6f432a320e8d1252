/** Onboarding many accounts by one workflow, and from an account that isn't the organization's management account. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { OnboardAccountsResult } from '../domain/contract.ts';
import { alterBuild, type AlteredBuild } from './support/alteredBuild.ts';
import { cloudFormationCalls } from './support/cloudFormationCalls.ts';
import { newAccount, onboard, onboardingEvents, operationsOn, startOnboardingPolo } from './support/onboarding.ts';
import type { Polo } from './support/polo.ts';

const onboardAccounts = (polo: Polo, input: object, workflowId?: string): Promise<OnboardAccountsResult> =>
  polo.run<OnboardAccountsResult>('onboardAccounts', input, workflowId);

describe('onboarding as a delegated administrator', function () {
  this.timeout(120_000);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 6, worker: false });
    await polo.control('PATCH', '/settings', { hub: 'delegated' });
  });
  after(() => polo.stop());

  it('says so on every call to CloudFormation', async () => {
    const worker = await polo.startWorker({ POLO_STACK_SET_CALL_AS: 'DELEGATED_ADMIN' });
    const accountId = await newAccount(polo);
    await polo.discover();
    const result = await onboard(polo, accountId);
    assert.deepEqual([result.outcome, result.poloStatus], ['promoted', 'active']);
    const calls = await cloudFormationCalls(polo);
    const wanted = ['CreateStackInstances', 'DescribeStackInstance', 'DescribeStackSet', 'DescribeStackSetOperation'];
    assert.deepEqual([...new Set(calls.map(({ operation }) => operation))].sort(), wanted);
    assert.deepEqual([...new Set(calls.map(({ callAs }) => callAs))], ['DELEGATED_ADMIN']);

    // Only a failed deployment has its results read.
    const failing = await newAccount(polo);
    await polo.faults({ instances: [{ accountId: failing, detailedStatus: 'FAILED' }] });
    await assert.rejects(onboard(polo, failing), /^Error: OperationFailed/);
    const results = (await cloudFormationCalls(polo)).filter(({ operation }) => operation.startsWith('List'));
    assert.deepEqual([...new Set(results.map(({ callAs }) => callAs))], ['DELEGATED_ADMIN']);
    await polo.faults({});
    assert.equal(await worker.signal('SIGTERM'), 0);
  });

  it('is told that there is no StackSet where the setting is missing', async () => {
    await polo.startWorker();
    const accountId = await newAccount(polo);
    await assert.rejects(onboard(polo, accountId), /^Error: StackSetMissing: .*call as SELF/);
    assert.equal((await polo.account(accountId)).polo_status, 'pending_setup');
    assert.deepEqual(await operationsOn(polo, accountId), []);
    assert.deepEqual(
      (await onboardingEvents(polo, accountId)).map(({ kind }) => kind),
      ['onboarding_started', 'onboarding_failed'],
    );
  });
});

describe('onboarding an organizational unit', function () {
  this.timeout(120_000);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: 2 });
  });
  after(() => polo.stop());

  it('takes the accounts of its whole sub-tree that Polo has no access to, and no others', async () => {
    const here = await newAccount(polo, { ou: '/Teams/A' });
    const below = await newAccount(polo, { ou: '/Teams/A/Deep/Deeper' });
    const lost = await newAccount(polo, {
      ou: '/Teams/A',
      instance: { status: 'CURRENT', operationEndedAt: '2026-01-15T09:14:00Z' },
    });
    await newAccount(polo, { ou: '/Teams/A', roles: { read: 'works', action: 'works' } });
    const excluded = await newAccount(polo, { ou: '/Teams/A' });
    const outside = await Promise.all(['/Teams/AB', '/Teams', '/Teams/B/A', '/'].map((ou) => newAccount(polo, { ou })));
    await polo.discover();
    await polo.run('excludeAccount', { accountId: excluded, reason: 'test', by: 'ann' });
    assert.equal((await polo.account(lost)).polo_status, 'no_access');
    await polo.change(lost, { roles: { read: 'works', action: 'works' } });

    const result = await onboardAccounts(polo, { orgUnit: '/Teams/A' });
    assert.deepEqual(result, { requested: 3, active: 3, failed: 0, failures: [] });
    const rows = new Map((await polo.accounts()).map((row) => [row.account_id, row.polo_status]));
    assert.deepEqual(
      [here, below, lost].map((id) => rows.get(id)),
      ['active', 'active', 'active'],
    );
    assert.deepEqual(
      [excluded, ...outside].map((id) => rows.get(id)),
      ['excluded', ...outside.map(() => 'pending_setup')],
    );
    for (const id of outside) assert.deepEqual(await onboardingEvents(polo, id), []);
  });

  it('takes nothing where there is no such unit', async () => {
    const result = await onboardAccounts(polo, { orgUnit: '/Nowhere' });
    assert.deepEqual(result, { requested: 0, active: 0, failed: 0, failures: [] });
  });
});

describe('onboarding more accounts than one run handles', function () {
  this.timeout(180_000);
  let altered: AlteredBuild;
  let polo: Polo;
  before(async () => {
    // Runs of 3 instead of 500.
    altered = await alterBuild('workflows/onboardAccounts.js', (source) =>
      source.replace(/(ACCOUNTS_PER_RUN) = \d+/, '$1 = 3'),
    );
    polo = await startOnboardingPolo({ accounts: 2, lib: altered.lib });
  });
  after(async () => {
    await polo.stop();
    await altered.remove();
  });

  /** Seven new accounts by id; the first and the last of them can't be onboarded. */
  const newcomers = async (): Promise<string[]> => {
    const ids = (await Promise.all(Array.from({ length: 7 }, () => newAccount(polo)))).sort();
    for (const id of [ids[0] ?? '', ids[6] ?? '']) await polo.change(id, { instance: { status: 'INOPERABLE' } });
    return ids;
  };

  const onboardAndCountRuns = async (input: object): Promise<{ result: OnboardAccountsResult; runs: number }> => {
    const workflowId = `onboard-accounts/${randomUUID()}`;
    const result = await onboardAccounts(polo, input, workflowId);
    const { runId } = await polo.client.workflow.getHandle(workflowId).describe();
    let runs = 1;
    for (let before: string | null | undefined = runId; ; runs++) {
      const { events } = await polo.client.workflow.getHandle(workflowId, before).fetchHistory();
      before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
      if (!before) return { result, runs };
    }
  };

  const assertAllHandled = (ids: string[], { requested, active, failed, failures }: OnboardAccountsResult): void => {
    assert.deepEqual([requested, active, failed], [7, 5, 2]);
    assert.deepEqual(
      failures.map(({ accountId, code }) => [accountId, code]),
      [
        [ids[0], 'InstanceInoperable'],
        [ids[6], 'InstanceInoperable'],
      ],
    );
  };

  it('handles each of those that are pending once, by several runs', async () => {
    const ids = await newcomers();
    await polo.discover();
    const { result, runs } = await onboardAndCountRuns({ allPending: true });
    assertAllHandled(ids, result);
    assert.equal(runs, 3, 'seven accounts, and the management account that is left out');
    for (const id of ids) {
      assert.equal(
        (await onboardingEvents(polo, id)).filter(({ kind }) => kind === 'onboarding_started').length,
        1,
        id,
      );
    }
  });

  it('handles each of those that are named once, by several runs', async () => {
    const ids = await newcomers();
    const { result, runs } = await onboardAndCountRuns({ accountIds: [...ids].reverse().concat(ids) });
    assertAllHandled(ids, result);
    assert.equal(runs, 3);
    for (const id of ids) {
      assert.equal(
        (await onboardingEvents(polo, id)).filter(({ kind }) => kind === 'onboarding_started').length,
        1,
        id,
      );
    }
  });
});
