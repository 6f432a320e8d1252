/** Onboarding everything that is pending: nothing is doubled, what fails is named, and AWS and Temporal are spared. */
import assert from 'node:assert/strict';
import type { OnboardAccountsResult } from '../../domain/contract.ts';
import { callCounts, forgetCalls } from '../support/discovery.ts';
import { histories, payloadSizes } from '../support/histories.ts';
import { newAccount, startOnboardingPolo, type Operation } from '../support/onboarding.ts';
import type { Polo } from '../support/polo.ts';

const ACCOUNTS = 200;

/** The management account and one that works: nothing is pending but what the test adds. */
const FEW = 2;

/** As in `workflows/onboardAccounts.ts`. */
const ACCOUNTS_PER_RUN = 500;

/**
 * One look at the instance by each verification of a refused account and one before the operation, DescribeStackSet,
 * CreateStackInstances, looks at the operation (at once, and after pauses of 0.2 and 0.3 s, for it takes 0.3 s), and one
 * look at the instance at its end.
 */
const CALLS_AT_MOST = 1 + 1 + 1 + 1 + 3 + 1;

const print = (line: string): unknown => process.stdout.write(`      ${line}\n`);

/** Ids of the accounts with a status. */
const withStatus = async (polo: Polo, status: string): Promise<string[]> =>
  (await polo.accounts()).filter((row) => row.polo_status === status).map((row) => row.account_id);

describe(`onboarding ${String(ACCOUNTS)} pending accounts`, function () {
  this.timeout(1_800_000);
  const DENIED = 'ResourceStatusReason: iam:CreateRole with an explicit deny in a service control policy';
  let polo: Polo;
  let ids: string[];
  /** The accounts that can't be onboarded: code, and AWS's reason. */
  let planted: { accountId: string; code: string; reason: RegExp }[];
  let result: OnboardAccountsResult;

  before(async () => {
    polo = await startOnboardingPolo({
      accounts: FEW,
      env: { POLO_ORGANIZATIONS_RATE: '1000', POLO_STS_RATE: '1000', POLO_ACCOUNT_TAGS: 'off' },
    });
    ids = await Promise.all(Array.from({ length: ACCOUNTS }, () => newAccount(polo)));
    const [taken = '', denied = '', inoperable = '', refused = '', actionRefused = ''] = ids;
    planted = [
      { accountId: taken, code: 'RoleNameTaken', reason: /Role with name test-PoloReadRole already exists/ },
      { accountId: denied, code: 'OperationFailed', reason: new RegExp(DENIED) },
      { accountId: inoperable, code: 'InstanceInoperable', reason: /a stack that nobody could delete/ },
      { accountId: refused, code: 'DeployedButRefused', reason: /AccessDenied.*test-PoloReadRole/ },
      { accountId: actionRefused, code: 'ActionRoleRefused', reason: /AccessDenied.*polo-action-role/ },
    ];
    await polo.change(taken, { roles: { read: 'refused' } });
    await polo.change(inoperable, {
      instance: { status: 'INOPERABLE', statusReason: 'a stack that nobody could delete' },
    });
    await polo.faults({
      instances: [
        { accountId: denied, detailedStatus: 'FAILED', statusReason: DENIED },
        { accountId: refused, roles: { read: 'refused', action: 'refused' } },
        { accountId: actionRefused, roles: { action: 'refused' } },
      ],
      // So that many calls would be under way at a time, were they let.
      rules: [{ service: 'cloudformation', effect: 'latency', ms: 20 }],
    });
    await polo.discover();
    assert.deepEqual((await withStatus(polo, 'pending_setup')).length, ACCOUNTS + 1, 'the management account is one');
    await forgetCalls(polo);
    const began = Date.now();
    result = await polo.run('onboardAccounts', { allPending: true, maxConcurrent: 40 });
    print(`${String(ACCOUNTS)} onboardings in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  });
  after(() => polo.stop());

  it('makes all of them active but those that fail, each named with its code and with what AWS said', async () => {
    const { requested, active, failed, failures } = result;
    assert.deepEqual(
      [requested, active, failed, failures.length],
      [ACCOUNTS, ACCOUNTS - planted.length, planted.length, planted.length],
    );
    const names = new Map((await polo.organization()).map(({ id, name }) => [id, name]));
    for (const { accountId, code, reason } of planted) {
      const failure = failures.find((one) => one.accountId === accountId);
      assert.deepEqual([failure?.code, failure?.accountName], [code, names.get(accountId)], accountId);
      assert.match(failure?.message ?? '', reason);
    }
    const seen = new Set(planted.map(({ accountId }) => accountId));
    // It works but for the action role, which is told.
    seen.delete(planted.find(({ code }) => code === 'ActionRoleRefused')?.accountId ?? '');
    const activeIds = new Set(await withStatus(polo, 'active'));
    assert.deepEqual(
      ids.filter((id) => !seen.has(id) && !activeIds.has(id)),
      [],
    );
    assert.deepEqual(
      ids.filter((id) => seen.has(id) && activeIds.has(id)),
      [],
    );
  });

  it('deploys to each of them once', async () => {
    const deployed = new Map<string, number>();
    for (const { results, by } of await polo.control<Operation[]>('GET', '/operations')) {
      if (by !== 'caller') continue;
      assert.equal(results.length, 1);
      for (const { accountId } of results) deployed.set(accountId, (deployed.get(accountId) ?? 0) + 1);
    }
    const inoperable = planted.find(({ code }) => code === 'InstanceInoperable')?.accountId;
    assert.deepEqual(
      ids.filter((id) => deployed.get(id) !== (id === inoperable ? undefined : 1)),
      [],
    );
    assert.equal(deployed.size, ACCOUNTS - 1);
  });

  it('asks CloudFormation little, and few things at a time', async () => {
    const { maxInFlight } = await polo.control<{ maxInFlight: Record<string, number> }>('GET', '/calls?recent=0');
    const counts = Object.entries(await callCounts(polo))
      .filter(([name]) => name.startsWith('cloudformation.'))
      .map(([name, count]): [string, number] => [name.replace('cloudformation.', ''), count]);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    for (const [name, count] of counts) print(`${name} ${(count / ACCOUNTS).toFixed(2)} an account`);
    print(`at most ${String(maxInFlight['cloudformation'])} calls to CloudFormation at a time`);
    assert.ok(total <= ACCOUNTS * CALLS_AT_MOST, `${String(total)} calls`);
    assert.ok((maxInFlight['cloudformation'] ?? 0) <= 5, `${String(maxInFlight['cloudformation'])} at a time`);
  });

  it('keeps every history and every payload small', async () => {
    let most = { events: 0, bytes: 0 };
    for await (const { workflow, history } of histories(polo.client)) {
      const events = history.events?.length ?? 0;
      const bytes = Math.max(0, ...payloadSizes(history));
      most = { events: Math.max(most.events, events), bytes: Math.max(most.bytes, bytes) };
      assert.ok(events <= 10_240 && bytes <= 256 * 1024, `${workflow.workflowId}: ${String(events)}, ${String(bytes)}`);
      if (workflow.type === 'onboardAccounts') {
        print(`onboardAccounts: ${(events / ACCOUNTS).toFixed(1)} events an account`);
        assert.ok((events / ACCOUNTS) * ACCOUNTS_PER_RUN <= 10_240, 'a full run stays within the limit as well');
      }
    }
    print(`largest history ${String(most.events)} events, largest payload ${String(most.bytes)} bytes`);
  });
});
