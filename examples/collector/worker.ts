/** The worker of the example collector: reads TEMPORAL_* and AWS_* from its environment, runs until SIGTERM or SIGINT. */
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createAccountClients } from './accountClients.ts';
import { createActivities } from './activities.ts';

/** Activities at a time, and clients that are kept for the accounts that come next. */
const ACTIVITIES = 50;
const CLIENTS = 100;

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
const clients = createAccountClients(CLIENTS);
try {
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: 'example-collector',
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities: createActivities(clients),
    maxConcurrentActivityTaskExecutions: ACTIVITIES,
  });
  await worker.run();
} finally {
  clients.destroy();
  await connection.close();
}
