/** A large organization: everything stays within Temporal's limits. The long form also prints what it has cost. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { costOf } from '../../bench/cost.ts';
import { costText } from '../../bench/report.ts';
import type { DiscoverAccountsResult } from '../../domain/contract.ts';
import { assertAsOrganizationSays, callCounts, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { histories, payloadSizes, type History } from '../support/histories.ts';
import type { WorkerProcess } from '../support/polo.ts';
import { long } from '../support/scale.ts';
import { until, untilCalls } from '../support/waiting.ts';

const ACCOUNTS = long ? 5_000 : 600;

/** Temporal warns from here on. */
const EVENTS = 10_240;
const PAYLOAD_BYTES = 256 * 1024;

/** Bytes of a discovery's own history per account: 50,000 accounts stay below the 50 MB at which Temporal ends a run. */
const BYTES_PER_ACCOUNT = 800;

/** Histories of single accounts whose payloads are looked at. */
const SAMPLE = 100;

/** Pages near the end of the listing that take their time, so that whoever verifies meanwhile has begun before it ends. */
const SLOW_PAGES = { operation: 'ListAccounts', effect: 'latency', ms: 2_000, after: ACCOUNTS / 20 - 5, times: 5 };

describe(`an organization of ${String(ACCOUNTS)} accounts`, function () {
  this.timeout(1_800_000);
  let polo: PoloOnServer;
  let worker: WorkerProcess;
  const found: { type: string; history: History }[] = [];
  /** What the sandbox had been asked when the first account was being verified. */
  let firstVerified: Record<string, number>;

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
    await polo.faults({ rules: [SLOW_PAGES] });
    const [result, asked] = await Promise.all([
      long ? discoverAtCost(polo, worker) : polo.discover(),
      untilCalls(polo, 'sts.AssumeRole', 1).then(() => callCounts(polo)),
    ]);
    firstVerified = asked;
    assert.deepEqual([result.complete, result.listed, result.new, result.failures], [true, ACCOUNTS, ACCOUNTS, []]);
    await assertAsOrganizationSays(polo);
  });

  it('keeps every history and every payload small', async () => {
    const ofOthers = histories(polo.client, 'WorkflowType != "account"');
    const ofAccounts = histories(polo.client, 'WorkflowType = "account"');
    let accounts = 0;
    // How long a run became is listed once it is known to have ended.
    await until(async () => (await polo.client.workflow.count(`ExecutionStatus = 'Running'`)).count === 0 || undefined);
    for await (const { type, historyLength } of polo.client.workflow.list()) {
      assert.ok(historyLength > 0 && historyLength <= EVENTS, `${type}: ${String(historyLength)} events`);
    }
    for await (const { workflow, history } of ofOthers) found.push({ type: workflow.type, history });
    for await (const { workflow, history } of ofAccounts) {
      found.push({ type: workflow.type, history });
      if (++accounts === SAMPLE) break;
    }
    assert.equal(accounts, SAMPLE);
    assert.ok(found.filter(({ type }) => type === 'discoverBatch').length >= ACCOUNTS / 100);
    for (const { type, history } of found) {
      assert.ok(Math.max(0, ...payloadSizes(history)) <= PAYLOAD_BYTES, type);
    }
  });

  it('keeps the discovery itself small for every account', async () => {
    const sizes: number[] = [];
    for await (const { historySize } of polo.client.workflow.list({ query: 'WorkflowType = "discoverAccounts"' })) {
      assert.ok(historySize !== undefined);
      sizes.push(historySize / ACCOUNTS);
    }
    assert.ok(sizes.length > 0);
    assert.ok(Math.max(...sizes) <= BYTES_PER_ACCOUNT, `${String(Math.max(...sizes))} bytes`);
  });

  it('is verified while it is listed', async () => {
    const [pages, ofAll] = [firstVerified, await callCounts(polo)].map((asked) => asked['organizations.ListAccounts']);
    assert.ok(pages !== undefined && ofAll !== undefined && pages < ofAll, `page ${String(pages)} of ${String(ofAll)}`);
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
