/** Part of the build: bundles the compiled workflows into lib/workflow-bundle.js, so that a worker starts without webpack. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/**
 * The checks of inputs, and zod with them. The workflows of a worker share them; otherwise each evaluates its own, which
 * is 95 % of what it loads (0.9 MB, 6 ms), and a worker's memory peaks 1.3 to 1.5 times as high (BENCHMARKS.md).
 */
const INPUTS = path('../domain/inputs.js');

const { code } = await bundleWorkflowCode({
  workflowsPath: path('../workflows/index.js'),
  payloadConverterPath: path('payloadConverter.js'),
  preloadModules: [INPUTS],
  // Package.json says that modules have no side effects, so webpack would drop one that is loaded and not used.
  webpackConfigHook: (config) => {
    config.module?.rules?.push({ test: INPUTS, sideEffects: true });
    return config;
  },
  logger: new DefaultLogger('WARN'),
});
await writeFile(path('../workflow-bundle.js'), code);
