import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type NativeConnection,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** A worker of the tests' collectors, not running yet. */
export const createCollector = async (
  connection: NativeConnection,
  namespace: string,
  taskQueue: string,
): Promise<Worker> => {
  bundle ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./collectorWorkflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  return Worker.create({ connection, namespace, taskQueue, workflowBundle: await bundle });
};
