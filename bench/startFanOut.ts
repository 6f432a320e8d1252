/** Starts the process of `fanOutWorker.ts` in a namespace of its own. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { registerNamespace } from '../test/support/polo.ts';
import { temporalAddress } from '../test/support/temporalServer.ts';
import { FAN_OUT_QUEUE } from './fanOutQueue.ts';
import { awsEnvironment, type Stand } from './stand.ts';

/** A worker of the fan-outs, and the way to run one of its workflows. */
export interface FanOut {
  workers: number[];
  client: Client;
  run: (workflowType: string, ...args: unknown[]) => Promise<void>;
  stop: () => Promise<void>;
}

/** `env` names the registry, where one is needed. */
export const startFanOut = async (stand: Stand, env: Record<string, string>): Promise<FanOut> => {
  const address = await temporalAddress();
  const namespace = `fan-out-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await registerNamespace(connection, namespace);
  const client = new Client({ connection, namespace });
  const worker = await stand.startScript('fanOutWorker.ts', {
    ...awsEnvironment(stand),
    ...env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  });
  return {
    workers: [worker.pid],
    client,
    run: async (workflowType, ...args) => {
      await client.workflow.execute(workflowType, { workflowId: workflowType, taskQueue: FAN_OUT_QUEUE, args });
    },
    stop: async () => {
      await worker.stop();
      await connection.close();
    },
  };
};
