/** Another team's worker, whose workflows `collectAcrossAccounts` runs on the accounts; within this process or in one of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { CollectAcrossAccountsInput, CollectAcrossAccountsResult } from '../../domain/contract.ts';
import { createCollector } from './collectorWorker.ts';
import type { Behaviours } from './collectorWorkflows.ts';
import type { Polo } from './polo.ts';
import { quietRuntime } from './quietRuntime.ts';
import { temporalAddress } from './temporalServer.ts';
import { until } from './waiting.ts';

/** The queue of the collectors unless a test says otherwise. */
export const COLLECTORS = 'collectors';

/** Starts one within this process, and waits until it polls; what is returned stops it. */
export const startCollector = async (polo: Polo, taskQueue = COLLECTORS): Promise<() => Promise<void>> => {
  quietRuntime();
  const connection = await NativeConnection.connect({ address: await temporalAddress() });
  const worker = await createCollector(connection, polo.namespace, taskQueue);
  const running = worker.run();
  await untilPolled(polo, taskQueue);
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
};

const PROCESS = fileURLToPath(new URL('./collectorProcess.ts', import.meta.url));

/** Starts one in a process of its own, and waits until it is about to poll; what is returned kills it. */
export const spawnCollector = async (polo: Polo, taskQueue = COLLECTORS): Promise<() => Promise<void>> => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', PROCESS, await temporalAddress(), polo.namespace, taskQueue],
    // The pipe to its standard input closes when this process ends, however it ends; then the collector ends too.
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const begun = once(child.stdout, 'data');
  await Promise.race([
    begun,
    ended.then(() => {
      throw new Error('the collector ended before it began');
    }),
  ]);
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
};

const untilPolled = async ({ client, namespace }: Polo, name: string): Promise<void> => {
  await until(async () => {
    const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name } });
    return pollers.length > 0 || undefined;
  });
};

/** The input of a collection by `collectCosts`, with what a test wants to be different. */
export interface Collection extends Omit<Partial<CollectAcrossAccountsInput>, 'input'> {
  input?: Behaviours;
}

export const collectionOf = (changes: Collection): CollectAcrossAccountsInput => ({
  workflowType: 'collectCosts',
  taskQueue: COLLECTORS,
  ...changes,
});

/** Runs a collection; a failure is thrown as `code: message`. */
export const collect = (polo: Polo, changes: Collection = {}, id?: string): Promise<CollectAcrossAccountsResult> =>
  polo.run<CollectAcrossAccountsResult>('collectAcrossAccounts', collectionOf(changes), id);

/** Ids of the accounts on which the present run of a collection has started a collector, in that order. */
export const startedOn = async (polo: Polo, collection: string): Promise<string[]> => {
  const { events } = await polo.client.workflow.getHandle(collection).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? '';
    return child.startsWith(`${collection}/`) ? [child.slice(collection.length + 1)] : [];
  });
};

/** All runs of collectors, with those of earlier collections, as far as the server's index knows them. */
export const collectorRuns = async (client: Client): Promise<WorkflowExecutionInfo[]> => {
  const found: WorkflowExecutionInfo[] = [];
  const query = "WorkflowType = 'collectCosts' OR WorkflowType = 'collectAssets'";
  for await (const workflow of client.workflow.list({ query })) found.push(workflow);
  return found;
};
