/** A collection that cannot go on, or may not: no collector starts in vain, and none runs on. */
import assert from 'node:assert/strict';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { TASK_QUEUE, type CollectAcrossAccountsResult } from '../domain/contract.ts';
import { collect, collectionOf, COLLECTORS, startCollector, startedOn } from './support/collector.ts';
import { startPolo, type Polo } from './support/polo.ts';
import { long } from './support/scale.ts';
import { until, untilEvent } from './support/waiting.ts';

describe('a collection', function () {
  this.timeout(300_000);
  let polo: Polo;
  let stopCollector: () => Promise<void>;
  let active: string[];
  before(async () => {
    polo = await startPolo({ env: { POLO_ACCOUNT_TAGS: 'off' } });
    stopCollector = await startCollector(polo);
    await polo.discover();
    active = (await polo.accounts())
      .filter(({ polo_status: status }) => status === 'active')
      .map(({ account_id }) => account_id);
    assert.ok(active.length >= 10);
  });
  after(async () => {
    await stopCollector();
    await polo.stop();
  });

  /** Starts a collection of some active accounts, and waits until so many collectors run. */
  const start = async (
    workflowId: string,
    accountIds: string[],
    input: object,
    running: number,
    taskQueue = COLLECTORS,
  ) => {
    const handle = await polo.client.workflow.start('collectAcrossAccounts', {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [collectionOf({ taskQueue, include: { accountIds }, input: input as never, maxConcurrent: 3 })],
    });
    await untilEvent(polo, workflowId, 'childWorkflowExecutionStarted', running);
    return handle;
  };
  const reasonsOf = ({ skippedAccounts }: CollectAcrossAccountsResult): string[] => [
    ...new Set(skippedAccounts.map(({ reason }) => reason)),
  ];

  it('starts no collector where nobody polls the task queue, and says so', async () => {
    const accountIds = active.slice(0, 4);
    const result = await collect(polo, { taskQueue: 'nobody', include: { accountIds } }, 'unpolled');
    const { matched, skipped, succeeded, failed, complete } = result;
    assert.deepEqual(
      { matched, skipped, succeeded, failed, complete },
      { matched: 4, skipped: 4, succeeded: 0, failed: 0, complete: false },
    );
    assert.deepEqual(reasonsOf(result), ['no worker polls nobody']);
    assert.deepEqual(await startedOn(polo, 'unpolled'), []);
    assert.equal((await polo.account(active[0] ?? '')).last_scan_error, '');
  });

  it('gives up a workflow type that nobody knows when the first ones have all timed out', async () => {
    const result = await collect(polo, {
      workflowType: 'collectNothing',
      include: { accountIds: active.slice(0, 6) },
      maxConcurrent: 2,
      accountTimeoutSeconds: 1,
      recordScans: false,
    });
    const { matched, succeeded, complete, failures } = result;
    assert.deepEqual({ matched, succeeded, complete }, { matched: 6, succeeded: 0, complete: false });
    // Others may have taken the place of the first one to time out before the second one did.
    assert.ok(failures.length >= 2 && failures.length < 6, String(failures.length));
    for (const { errorType, message } of failures) {
      assert.deepEqual([errorType, message], ['TimedOut', `collectNothing on ${COLLECTORS} did not end within 1 s`]);
    }
    assert.equal(result.skipped, 6 - failures.length);
    assert.deepEqual(reasonsOf(result), [`the first 2 timed out: does a worker on ${COLLECTORS} know collectNothing?`]);
  });

  it('goes on when some of the first ones time out, but not all', async () => {
    const accountIds = active.slice(0, 4).sort();
    const [hanging = ''] = accountIds;
    const result = await collect(polo, {
      include: { accountIds },
      maxConcurrent: 2,
      accountTimeoutSeconds: 20,
      input: { [hanging]: { does: 'hang' } },
    });
    assert.deepEqual([result.succeeded, result.failed, result.skipped], [3, 1, 0]);
  });

  it('counts a collector that somebody else has ended as a failure of its account alone', async () => {
    const [cancelled = '', terminated = '', well = ''] = active.slice(0, 3).sort();
    const hangs = { does: 'hang' };
    const handle = await start(
      'meddled',
      [cancelled, terminated, well],
      { [cancelled]: hangs, [terminated]: hangs },
      3,
    );
    await polo.client.workflow.getHandle(`meddled/${cancelled}`).cancel();
    await polo.client.workflow.getHandle(`meddled/${terminated}`).terminate('no longer needed');
    const { succeeded, failures } = (await handle.result()) as CollectAcrossAccountsResult;
    assert.equal(succeeded, 1);
    assert.deepEqual(
      failures.map(({ accountId, errorType }) => [accountId, errorType]).sort(),
      [
        [cancelled, 'Cancelled'],
        [terminated, 'Terminated'],
      ].sort(),
    );
    for (const { accountId, message } of failures) {
      assert.notEqual(message, '');
      assert.equal((await polo.account(accountId)).last_scan_error, `scan collectCosts: ${message}`);
    }
  });

  it('that is cancelled asks its collectors to stop and waits for them, and what they have collected counts', async () => {
    const accountIds = active.slice(4, 10).sort();
    const [first = '', second = '', third = ''] = accountIds;
    const stops = { does: 'linger', ms: 500, succeeds: false };
    const handle = await start('cancelled', accountIds, { '*': stops, [second]: { ...stops, succeeds: true } }, 3);
    await handle.cancel();
    await assert.rejects(
      handle.result(),
      (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
    );
    const { status, closeTime } = await handle.describe();
    assert.equal(status.name, 'CANCELLED');
    const ends = await Promise.all(
      [first, second, third].map((id) => polo.client.workflow.getHandle(`cancelled/${id}`).describe()),
    );
    assert.deepEqual(
      ends.map((end) => end.status.name),
      ['CANCELLED', 'COMPLETED', 'CANCELLED'],
    );
    for (const end of ends) assert.ok(end.closeTime && closeTime && end.closeTime <= closeTime);
    assert.deepEqual(await startedOn(polo, 'cancelled'), [first, second, third], 'no further one was started');
    const scans = await Promise.all(accountIds.map((id) => polo.account(id)));
    for (const { account_id: id, last_successful_scan: scan, last_scan_error: error } of scans) {
      assert.equal(scan !== null, id === second);
      assert.doesNotMatch(error, /^scan /);
    }
  });

  it('that is terminated asks its collectors to stop as well, and gives them the time that they need', async () => {
    const accountIds = active.slice(0, 2).sort();
    const handle = await start('terminated', accountIds, { '*': { does: 'linger', ms: 200, succeeds: true } }, 2);
    await handle.terminate('test');
    for (const id of accountIds) {
      const collector = polo.client.workflow.getHandle(`terminated/${id}`);
      assert.equal(await collector.result(), id);
    }
  });

  // Takes as long as Temporal remembers the last poll.
  if (long) {
    it('starts no further collector once the worker of the collectors is gone', async () => {
      const accountIds = active.slice(0, 8);
      const stopOther = await startCollector(polo, 'leaving');
      const handle = await start('left', accountIds, { '*': { does: 'hang' } }, 3, 'leaving');
      await stopOther();
      await until(async () => ((await handle.query<string>('progress')).includes('Stopped') ? true : undefined));
      // Those that began would hang until their time limit; whoever runs the collection ends them.
      const begun = await startedOn(polo, 'left');
      for (const id of begun) await polo.client.workflow.getHandle(`left/${id}`).terminate();
      const result = (await handle.result()) as CollectAcrossAccountsResult;
      assert.deepEqual([result.matched, result.failed, result.skipped, result.complete], [8, 3, 5, false]);
      assert.deepEqual(reasonsOf(result), ['no worker polls leaving']);
    });
  }
});
