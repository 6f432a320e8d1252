/** The workflow id is the lock (design 1): discoveries at once are one, and cancelling reaches what one started only. */
import assert from 'node:assert/strict';
import type { AccountRow, DiscoverAccountsInput, DiscoverAccountsResult } from '../../domain/contract.ts';
import { DISCOVERY_WORKFLOW_ID, TASK_QUEUE } from '../../domain/contract.ts';
import { startPolo, type Polo, type SandboxAccount } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';
import { untilCalls, untilEvent } from '../support/waiting.ts';

type Discovery = (input?: DiscoverAccountsInput) => Promise<DiscoverAccountsResult>;

describe('discoveries at once', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startPolo();
  });
  // Slow enough for others to come while it runs.
  beforeEach(async () => {
    await polo.faults({ rules: [{ service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: 3_000 }] });
    await polo.control('DELETE', '/calls');
  });
  after(() => polo.stop());

  const start = (workflowId: string, input: DiscoverAccountsInput = {}) =>
    polo.client.workflow.start<Discovery>('discoverAccounts', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  const underWay = (): Promise<void> => untilCalls(polo, 'sts.AssumeRole', 1);
  /** Waits until a run has found the one that holds the lock, and waits for it. */
  const joined = (workflowId: string): Promise<void> => untilEvent(polo, workflowId, 'activityTaskScheduled', 2);
  const runsUnderLock = (): Promise<number> =>
    polo.client.workflow.count(`WorkflowId = '${DISCOVERY_WORKFLOW_ID}'`).then(({ count }) => count);
  const statusOf = async (workflowId: string): Promise<string> =>
    (await polo.client.workflow.getHandle(workflowId).describe()).status.name;

  it('are one run with one result, whatever their ids', async () => {
    const before = await runsUnderLock();
    const [delegating, locked, joining] = await Promise.all([
      start('by-schedule'),
      underWay().then(() => polo.client.workflow.getHandle<Discovery>(DISCOVERY_WORKFLOW_ID)),
      underWay().then(() => start('by-hand')),
    ]);
    const result = await locked.result();
    assert.equal(result.complete, true);
    assert.deepEqual([await delegating.result(), await joining.result()], [result, result]);
    assert.equal(await runsUnderLock(), before + 1);
  });

  it('are one run with one result when all of them start at the same moment', async () => {
    const before = await runsUnderLock();
    const started = await Promise.all(['first', 'second', 'third'].map((who) => start(`at-once/${who}`)));
    const [result, ...others] = await Promise.all(started.map((handle) => handle.result()));
    assert.equal(result?.complete, true);
    assert.deepEqual(others, [result, result]);
    assert.equal(await runsUnderLock(), before + 1);
  });

  it('run one after the other if they want different things', async () => {
    const first = await start('full');
    await underWay();
    const second = await start('dry', { dryRun: true });
    const [full, dry] = await Promise.all([first.result(), second.result()]);
    assert.ok(full.finishedAt <= dry.startedAt, `${full.finishedAt} is not before ${dry.startedAt}`);
    assert.equal(dry.complete, true);
  });

  it('go on when one that only joined is cancelled', async () => {
    const first = await start('first');
    await underWay();
    const guest = await start('guest');
    await joined('guest');
    await guest.cancel();
    await assert.rejects(guest.result());
    assert.equal(await statusOf('guest'), 'CANCELLED');
    assert.equal((await first.result()).complete, true);
  });

  it('end when the one that started the run is cancelled', async () => {
    const first = await start('owner');
    await underWay();
    await first.cancel();
    await assert.rejects(first.result());
    assert.deepEqual([await statusOf('owner'), await statusOf(DISCOVERY_WORKFLOW_ID)], ['CANCELLED', 'CANCELLED']);
    const [latest] = (await polo.history()).sort((a, b) => b.at.localeCompare(a.at));
    assert.deepEqual([latest?.kind, latest?.reason], ['discovery_incomplete', 'cancelled']);
  });
});

describe('commands that wait for an account', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  /** Accounts of which nobody has asked anything yet. */
  const active: SandboxAccount[] = [];
  before(async () => {
    polo = await startPolo({ accounts: 10 });
    await polo.discover();
    active.push(...(await polo.organization()).filter(({ expected }) => expected.polo_status === 'active'));
  });
  after(() => polo.stop());

  /** An account that works and is being verified by a discovery, slowly, with two commands of others behind. */
  const withCommandsBehind = async (
    round: string,
  ): Promise<{ accountId: string; runId: string; rows: Promise<AccountRow[]> }> => {
    const accountId = active.pop()?.id ?? '';
    const roles = { operation: 'AssumeRole', accountId, times: 2 };
    await polo.faults({
      rules: [
        // The first look, of which no history tells before it is over, leaves both roles open; the next one is slow.
        { ...roles, effect: 'error', code: 'ExpiredToken' },
        { ...roles, effect: 'latency', ms: 4_500, after: 2 },
      ],
    });
    const discovery = polo.client.workflow.start<Discovery>('discoverAccounts', {
      taskQueue: TASK_QUEUE,
      workflowId: `${round}/discovery`,
      args: [{ accountIds: [accountId], acceptRefusals: true }],
    });
    const workflowId = `account/${accountId}`;
    await untilEvent(polo, workflowId, 'activityTaskScheduled');
    const { runId } = await polo.client.workflow.getHandle(workflowId).describe();
    const exclude = polo.run<AccountRow>('excludeAccount', { accountId, reason: 'test', by: round });
    await untilEvent(polo, workflowId, 'workflowExecutionUpdateAccepted', 1);
    const include = polo.run<AccountRow>('includeAccount', { accountId, by: round });
    await untilEvent(polo, workflowId, 'workflowExecutionUpdateAccepted', 2);
    await discovery;
    return { accountId, runId, rows: Promise.all([exclude, include]) };
  };

  const assertApplied = async (
    round: string,
    { accountId, runId, rows }: Awaited<ReturnType<typeof withCommandsBehind>>,
  ): Promise<void> => {
    assert.deepEqual(
      (await rows).map(({ polo_status }) => polo_status),
      ['excluded', 'active'],
    );
    const acts = (await polo.history(accountId)).filter(({ actor }) => actor === round).map(({ kind }) => kind);
    assert.deepEqual(acts.sort(), ['excluded', 'included', 'status_changed', 'status_changed']);
    const { status } = await polo.client.workflow.getHandle(`account/${accountId}`, runId).describe();
    assert.equal(status.name, 'COMPLETED', 'nobody had to begin anew');
  };

  for (const end of ['cancel', 'terminate'] as const) {
    it(`are applied although somebody's discovery of it is told to ${end}`, async () => {
      const waiting = await withCommandsBehind(end);
      const discovery = polo.client.workflow.getHandle<Discovery>(`${end}/discovery`);
      await discovery[end]();
      await assert.rejects(discovery.result());
      await assertApplied(end, waiting);
    });
  }

  it("are applied although somebody cancels the account's own workflow", async () => {
    const waiting = await withCommandsBehind('account');
    await polo.client.workflow.getHandle(`account/${waiting.accountId}`).cancel();
    await assertApplied('account', waiting);
  });
});
