/** ClickHouse is away for longer than an account waits for it: whoever sent a command waits, and that costs few events. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { alterBuild, type AlteredBuild } from '../support/alteredBuild.ts';
import { collect, COLLECTORS, startCollector } from '../support/collector.ts';
import { startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { histories, textsIn, type History } from '../support/histories.ts';
import { until } from '../support/waiting.ts';

const ACCOUNTS = 30;

/** An account that gives up at once does so often meanwhile: as often as one of real life in many minutes. */
const AWAY_MS = 12_000;

/** A child and a hand-over with a workflow task for each of their events, and what comes once. */
const EVENTS_PER_ACCOUNT = 20;
const EVENTS_BESIDE = 60;

describe('a ClickHouse that is away for longer than an account waits', function () {
  this.timeout(240_000);
  let altered: AlteredBuild;
  let polo: PoloOnServer;
  let stopCollector: () => Promise<void>;
  before(async () => {
    altered = await alterBuild('workflows/activities.js', (source) =>
      source.replace('maximumAttempts: 18', 'maximumAttempts: 2'),
    );
    polo = await startPoloOnServer({ accounts: ACCOUNTS, lib: altered.lib, env: { POLO_ACCOUNT_TAGS: 'off' } });
    stopCollector = await startCollector(polo, COLLECTORS);
  });
  after(async () => {
    await stopCollector();
    await polo.stop();
    await altered.remove();
  });

  const awayFor = async (ms: number): Promise<void> => {
    await polo.clickhouse.kill();
    await sleep(ms);
    await polo.clickhouse.start();
  };
  const historyOf = async (type: string): Promise<History> => {
    for await (const { history } of histories(polo.client, `WorkflowType = '${type}'`)) return history;
    throw new Error(`no ${type} has run`);
  };
  const assertFew = async (type: string): Promise<void> => {
    const history = await historyOf(type);
    assert.ok([...textsIn(history)].includes('RegistryUnavailable'), 'an account has given up meanwhile');
    const most = EVENTS_BESIDE + EVENTS_PER_ACCOUNT * ACCOUNTS;
    assert.ok((history.events?.length ?? 0) <= most, `${String(history.events?.length)} events`);
  };

  it('lets a discovery wait, in few events', async () => {
    await polo.faults({ rules: [{ service: 'sts', effect: 'latency', ms: 1_000 }] });
    const running = polo.discover();
    await until(async () => (await polo.client.workflow.count("WorkflowType = 'account'")).count > 0 || undefined);
    await awayFor(AWAY_MS);
    const { complete, listed, failures } = await running;
    assert.deepEqual([complete, listed, failures], [true, ACCOUNTS, []]);
    await assertFew('discoverBatch');
    await polo.faults({});
  });

  it('lets a collection wait, in few events', async () => {
    const running = collect(polo, { input: { '*': { does: 'sleep', ms: 3_000 } } });
    await until(async () => (await polo.client.workflow.count("WorkflowType = 'collectCosts'")).count > 0 || undefined);
    await awayFor(AWAY_MS);
    const { failed, succeeded } = await running;
    assert.equal(failed, 0);
    const scanned = (await polo.accounts()).filter(({ last_successful_scan: at }) => at !== null);
    assert.ok(succeeded > 0 && scanned.length === succeeded);
    await assertFew('collectAcrossAccounts');
  });
});
