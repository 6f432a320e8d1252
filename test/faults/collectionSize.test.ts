/** A collection across a large organization: within Temporal's limits, each account once, whoever dies meanwhile. */
import assert from 'node:assert/strict';
import { TASK_QUEUE, type AccountRow, type CollectAcrossAccountsResult } from '../../domain/contract.ts';
import { alterBuild } from '../support/alteredBuild.ts';
import {
  collect,
  collectionOf,
  collectorRuns,
  spawnCollector,
  startCollector,
  type Collection,
} from '../support/collector.ts';
import type { Behaviour, Behaviours } from '../support/collectorWorkflows.ts';
import { histories, payloadSizes, type History } from '../support/histories.ts';
import { startPolo, type Polo, type WorkerProcess } from '../support/polo.ts';
import { long, TIMEOUT } from '../support/scale.ts';
import { until } from '../support/waiting.ts';

const ACCOUNTS = long ? 5_000 : 400;
const LANES = 25;

/** Temporal warns from 10,240 events on, and ends a workflow at 50 MB. */
const EVENTS = 10_240;
const BYTES = 20_000_000;
const PAYLOAD_BYTES = 256 * 1024;

/** As long as an input may be; so long that even few accounts need a second run. */
const NOTE = 'x'.repeat(60 * 1024);

interface Run {
  history: History;
  bytes: number;
}

describe(`a collection across ${String(ACCOUNTS)} accounts`, function () {
  this.timeout(1_800_000);
  let polo: Polo;
  let worker: WorkerProcess;
  let killCollector: () => Promise<void>;
  let active: AccountRow[];
  let failing: string[];
  let result: CollectAcrossAccountsResult;
  let runs: Run[];

  before(async () => {
    polo = await startPolo({
      accounts: ACCOUNTS,
      worker: false,
      env: { POLO_STS_RATE: '1000', POLO_ACCOUNT_TAGS: 'off' },
    });
    [worker, killCollector] = await Promise.all([polo.startWorker(), spawnCollector(polo)]);
    assert.equal((await polo.discover()).complete, true);
    active = (await polo.accounts()).filter(({ polo_status: status }) => status === 'active');
    failing = active.filter((_, index) => index % 10 === 0).map(({ account_id: id }) => id);
  });
  after(async () => {
    await killCollector();
    await polo.stop();
  });

  const start = (workflowId: string, changes: Collection) =>
    polo.client.workflow.start<(input: unknown) => Promise<CollectAcrossAccountsResult>>('collectAcrossAccounts', {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [collectionOf(changes)],
    });
  const untilStarted = (count: number): Promise<true> =>
    until(async () => (await polo.client.workflow.count("WorkflowType = 'collectCosts'")).count >= count || undefined);
  const runsOf = async (workflowId: string): Promise<Run[]> => {
    const found: Run[] = [];
    for await (const { workflow, history } of histories(polo.client, `WorkflowId = '${workflowId}'`)) {
      const { historySize = 0 } = await polo.client.workflow.getHandle(workflowId, workflow.runId).describe();
      found.push({ history, bytes: historySize });
    }
    return found;
  };
  const assertSmall = (all: Run[]): void => {
    for (const { history, bytes } of all) {
      assert.ok((history.events?.length ?? 0) <= EVENTS, `${String(history.events?.length)} events`);
      assert.ok(bytes > 0 && bytes <= BYTES, `${String(bytes)} bytes`);
      assert.ok(Math.max(0, ...payloadSizes(history)) <= PAYLOAD_BYTES);
    }
  };

  it('is whole, although a worker of the collectors and one of ours are killed meanwhile', async () => {
    const failure: Behaviour = { does: 'throw', message: 'no table' };
    const input: Behaviours = { '*': { does: 'sleep', ms: 100 }, ...(!long && { note: NOTE }) };
    for (const id of failing) input[id] = failure;
    const handle = await start('sized', { maxConcurrent: LANES, input });
    await untilStarted(active.length / 3);
    await killCollector();
    killCollector = await spawnCollector(polo);
    await untilStarted((2 * active.length) / 3);
    await worker.signal('SIGKILL');
    worker = await polo.startWorker();
    result = await handle.result();

    const { matched, succeeded, failed, skipped, failures, failedAccountIds } = result;
    const known = (await polo.accounts()).length;
    assert.deepEqual(
      { matched, succeeded, failed, skipped },
      {
        matched: known,
        succeeded: active.length - failing.length,
        failed: failing.length,
        skipped: known - active.length,
      },
    );
    assert.deepEqual([...failedAccountIds].sort(), failing);
    assert.equal(failures.length, Math.min(100, failing.length));
    for (const { errorType, message } of failures) assert.deepEqual([errorType, message], ['TableMissing', 'no table']);
  });

  it('collects each account once, and leaves what came of it', async () => {
    const wanted = active.map(({ account_id: id }) => `sized/${id}`);
    const collectors = await until(async () => {
      const found = await collectorRuns(polo.client);
      return found.length >= wanted.length ? found : undefined;
    });
    assert.deepEqual(collectors.map(({ workflowId }) => workflowId).sort(), wanted.sort());

    const after = new Map((await polo.accounts()).map((row) => [row.account_id, row]));
    for (const { account_id: id } of active) {
      const scanned = after.get(id)?.last_successful_scan;
      if (failing.includes(id)) assert.equal(scanned, null, id);
      else assert.ok(typeof scanned === 'string' && scanned >= result.startedAt, id);
    }
    for (const id of failing.slice(0, 50)) {
      const events = (await polo.history(id)).filter(({ kind }) => kind === 'scan_failed');
      assert.equal(events.length, 1, id);
    }
  });

  it('goes on in further runs before a history gets too long', async () => {
    runs = await runsOf('sized');
    assert.ok(runs.length > 1);
    assertSmall(runs);
  });

  it(`never has more than ${String(LANES)} collectors running`, () => {
    let started = 0;
    for (const { history } of runs) {
      let running = 0;
      for (const event of history.events ?? []) {
        // A child begins after the first of these, and has ended before any of the others.
        if (event.startChildWorkflowExecutionInitiatedEventAttributes) {
          started++;
          running++;
        } else if (
          event.childWorkflowExecutionCompletedEventAttributes ??
          event.childWorkflowExecutionFailedEventAttributes
        ) {
          running--;
        }
        assert.ok(running <= LANES);
      }
      assert.equal(running, 0, 'a run that ends leaves no collector behind');
    }
    assert.equal(started, active.length);
  });

  it('hands Temporal no more at once than it takes, however many accounts with long inputs are allowed at a time', async () => {
    const ids = active.slice(0, 300).map(({ account_id: id }) => id);
    const handle = await start('wide', {
      include: { accountIds: ids },
      maxConcurrent: 200,
      recordScans: false,
      input: { note: NOTE },
    });
    const { succeeded, complete } = await handle.result();
    assert.deepEqual([succeeded, complete], [300, true]);
    const wide = await runsOf('wide');
    assertSmall(wide);
    // A run ends only when its slowest collector has: few runs, or few collectors run at a time.
    assert.ok(wide.length <= 3, `${String(wide.length)} runs`);
  });
});

describe('a collection whose history is too long from the start', function () {
  this.timeout(TIMEOUT);

  it('gets on by an account a run, and misses none', async () => {
    const altered = await alterBuild('workflows/collectionRun.js', (source) =>
      source.replace('const BYTES = 15_000_000;', 'const BYTES = 0;'),
    );
    const polo = await startPolo({ lib: altered.lib, env: { POLO_ACCOUNT_TAGS: 'off' } });
    const stopCollector = await startCollector(polo);
    try {
      await polo.discover();
      const ids = (await polo.accounts())
        .filter(({ polo_status: status }) => status === 'active')
        .map(({ account_id: id }) => id)
        .slice(0, 3);
      const { matched, succeeded } = await collect(polo, { include: { accountIds: ids } }, 'crowded');
      assert.deepEqual([matched, succeeded], [3, 3]);
      assert.equal((await collectorRuns(polo.client)).length, 3);
    } finally {
      await stopCollector();
      await polo.stop();
      await altered.remove();
    }
  });
});
