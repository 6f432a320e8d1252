/** The worker process of `fanOut.ts`. Prints a line when it polls. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { quietRuntime } from '../test/support/quietRuntime.ts';
import { FAN_OUT_QUEUE } from './fanOutQueue.ts';
import { changeOf, listAccountIds, openBenchRegistry, verifier } from './plainAws.ts';

const createFanOutActivities = async () => {
  const registry = process.env['CLICKHOUSE_URL'] === undefined ? undefined : await openBenchRegistry();
  return {
    listAccountIds,
    verify: verifier(),
    upsert: async (accountId: string, works: boolean): Promise<void> =>
      registry?.writeAccount(changeOf(accountId, works)),
  };
};

export type FanOutActivities = Awaited<ReturnType<typeof createFanOutActivities>>;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  quietRuntime();
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = process.env;
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue: FAN_OUT_QUEUE,
    activities: await createFanOutActivities(),
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./fanOut.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  process.stdout.write('ready\n');
  await worker.run();
  process.exit();
}
