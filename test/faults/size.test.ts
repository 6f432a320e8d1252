/** A large organization: everything stays within Temporal's limits. The long form also prints what it has cost. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { costOf } from '../../bench/cost.ts';
import { costText } from '../../bench/report.ts';
import type { DiscoverAccountsResult } from '../../domain/contract.ts';
import { assertAsOrganizationSays, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { histories, payloadSizes, type History } from '../support/histories.ts';
import type { WorkerProcess } from '../support/polo.ts';
import { long } from '../support/scale.ts';

const ACCOUNTS = long ? 5_000 : 600;

/** Temporal warns from here on. */
const EVENTS = 10_240;
const PAYLOAD_BYTES = 256 * 1024;

/** Bytes of a discovery's own history per account: 50,000 accounts stay below the 50 MB at which Temporal ends a run. */
const BYTES_PER_ACCOUNT = 800;

/** Histories of single accounts that are looked at. */
const SAMPLE = 100;

describe(`an organization of ${String(ACCOUNTS)} accounts`, function () {
  this.timeout(1_800_000);
  let polo: PoloOnServer;
  let worker: WorkerProcess;
  const found: { type: string; history: History }[] = [];

  before(async () => {
    polo = await startPoloOnServer({
      accounts: ACCOUNTS,
      worker: false,
      env: { POLO_STS_RATE: '1000', POLO_ACCOUNT_TAGS: 'off' },
    });
    worker = await polo.startWorker();
  });
  after(() => polo.stop());

  it('is discovered completely and right', async () => {
    const result = await (long ? discoverAtCost(polo, worker) : polo.discover());
    assert.deepEqual([result.complete, result.listed, result.new, result.failures], [true, ACCOUNTS, ACCOUNTS, []]);
    await assertAsOrganizationSays(polo);
  });

  it('keeps every history and every payload small', async () => {
    const ofOthers = histories(polo.client, 'WorkflowType != "account"');
    const ofAccounts = histories(polo.client, 'WorkflowType = "account"');
    let accounts = 0;
    for await (const { workflow, history } of ofOthers) found.push({ type: workflow.type, history });
    for await (const { workflow, history } of ofAccounts) {
      found.push({ type: workflow.type, history });
      if (++accounts === SAMPLE) break;
    }
    assert.ok(found.filter(({ type }) => type === 'discoverBatch').length >= ACCOUNTS / 100);
    for (const { type, history } of found) {
      assert.ok((history.events?.length ?? 0) <= EVENTS, type);
      assert.ok(Math.max(0, ...payloadSizes(history)) <= PAYLOAD_BYTES, type);
    }
  });

  it('keeps the discovery itself small for every account', async () => {
    for await (const { historySize = 0 } of polo.client.workflow.list({ query: 'WorkflowType = "discoverAccounts"' })) {
      assert.ok(historySize / ACCOUNTS <= BYTES_PER_ACCOUNT, `${String(Math.round(historySize / ACCOUNTS))} bytes`);
    }
  });

  it('is verified while it is listed', () => {
    const run = found.find(
      ({ type, history }) =>
        type === 'discoverAccounts' &&
        history.events?.some(
          (event) => event.childWorkflowExecutionStartedEventAttributes?.workflowType?.name === 'discoverBatch',
        ),
    );
    const events = run?.history.events ?? [];
    const batchStarts = events.findIndex((event) => event.childWorkflowExecutionStartedEventAttributes);
    const pages = new Set(
      events
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'listAccounts')
        .map((event) => String(event.eventId)),
    );
    const listed = events.findLastIndex((event) =>
      pages.has(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)),
    );
    assert.ok(batchStarts >= 0 && batchStarts < listed, `batch at ${String(batchStarts)}, listed at ${String(listed)}`);
  });
});

/** Discovers, and prints what it cost. */
const discoverAtCost = async (polo: PoloOnServer, worker: WorkerProcess): Promise<DiscoverAccountsResult> => {
  const { client, database } = polo;
  let result: DiscoverAccountsResult | undefined;
  const cost = await costOf(ACCOUNTS, { workers: [worker.pid], client, database }, async () => {
    result = await polo.discover();
  });
  process.stdout.write(`${costText(cost)}\n`);
  assert.ok(result);
  return result;
};

describe('the bundle of the workflows', () => {
  it('has them share the checks of inputs, which would cost each of them more than everything else', async () => {
    const bundle = await readFile(new URL('../../lib/workflow-bundle.js', import.meta.url), 'utf8');
    assert.match(bundle, /preloadModules\(\) \{\s*__webpack_require__\([^)]*domain\/inputs\.js/);
  });
});
