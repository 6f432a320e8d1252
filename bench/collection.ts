/** A collection with nothing to record: ours beside one empty child per account. */
import type { CollectAcrossAccountsInput, CollectAcrossAccountsResult } from '../domain/contract.ts';
import { startPolo } from '../test/support/polo.ts';
import type { Contestants } from './contest.ts';
import { costOf, type Cost } from './cost.ts';
import { floor } from './discovery.ts';
import { FAN_OUT_QUEUE } from './fanOutQueue.ts';
import { fillRegistry } from './plainAws.ts';
import { SITE, type Stand } from './stand.ts';

/** As many accounts at a time as the floor has. */
const MAX_CONCURRENT = 100;

const ours = async (stand: Stand, accounts: number): Promise<Cost> => {
  const { env, options, database } = await stand.newDatabase();
  await fillRegistry(options, accounts);
  const polo = await startPolo({
    worker: false,
    accounts: 1,
    env: { POLO_ENV: SITE.env, POLO_TIME_SCALE: '1', ...env },
  });
  try {
    const worker = await polo.startWorker();
    const collector = await stand.startScript('fanOutWorker.ts', {
      TEMPORAL_ADDRESS: polo.environment()['TEMPORAL_ADDRESS'] ?? '',
      TEMPORAL_NAMESPACE: polo.namespace,
    });
    const input: CollectAcrossAccountsInput = {
      workflowType: 'empty',
      taskQueue: FAN_OUT_QUEUE,
      maxConcurrent: MAX_CONCURRENT,
      recordScans: false,
    };
    const traces = { workers: [worker.pid, collector.pid], client: polo.client, database };
    return await costOf(accounts, traces, async () => {
      const { succeeded, failures } = await polo.run<CollectAcrossAccountsResult>('collectAcrossAccounts', input);
      if (succeeded !== accounts)
        throw new Error(`expected ${String(accounts)}, got ${String(succeeded)}: ${JSON.stringify(failures)}`);
    }).finally(collector.stop);
  } finally {
    await polo.stop();
  }
};

export const collection: Contestants = { ours, floor };
