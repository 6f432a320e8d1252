/** Part of the build: bundles the compiled workflows into lib/workflow-bundle.js, so that a worker starts without webpack. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: path('../workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
await writeFile(path('../workflow-bundle.js'), code);
