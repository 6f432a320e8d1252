/** The CDK app: `cdk synth` and `cdk deploy` run it, cdk.json says how. */
import { App } from 'aws-cdk-lib';
import { ContextError, readSettings } from '../lib/settings.ts';
import { addStacks } from '../lib/stacks.ts';

const app = new App({ analyticsReporting: false });
try {
  addStacks(app, readSettings(app.node.getAllContext() as Record<string, unknown>));
} catch (error) {
  if (!(error instanceof ContextError)) throw error;
  process.stderr.write(`The context can't be used:\n${error.problems.map((line) => `  ${line}\n`).join('')}`);
  process.exit(2);
}
