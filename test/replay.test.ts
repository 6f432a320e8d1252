/** Workflows that were started before an update go on after it: the recorded histories fit the workflows of the build. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { alterBuild } from './support/alteredBuild.ts';
import { pathsNotTaken } from './support/hardPaths.ts';
import { textsIn } from './support/histories.ts';
import { quietRuntime } from './support/quietRuntime.ts';
import { HISTORIES, readHistories, type History } from './support/recordedHistories.ts';
import { credentialsIn } from './support/secrets.ts';

const BUNDLE = fileURLToPath(new URL('../lib/workflow-bundle.js', import.meta.url));

const startedAs = (history: History) => history.events?.[0]?.workflowExecutionStartedEventAttributes;

/** Replays them with a bundle; the names of those that do not fit it, and why. */
const replay = async (codePath: string, recorded: Map<string, History>): Promise<Record<string, string>> => {
  const broken: Record<string, string> = {};
  const names = [...recorded.keys()];
  const input = [...recorded.values()].map((history) => ({
    workflowId: startedAs(history)?.workflowId ?? '',
    history,
  }));
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, input)) {
    const name = names.shift() ?? '';
    if (error) broken[name] = error.message;
  }
  assert.deepEqual(names, []);
  return broken;
};

describe('recorded histories', function () {
  this.timeout(120_000);
  let recorded: Map<string, History>;
  before(async () => {
    // A history that doesn't fit is told by the test; the SDK's own words about it are noise.
    quietRuntime();
    recorded = await readHistories();
  });

  it('are there for every type of workflow', async () => {
    const bundled = Object.keys(await import('../workflows/index.ts'));
    const types = [...recorded.values()].map((history) => startedAs(history)?.workflowType?.name);
    assert.deepEqual([...new Set(types)].sort(), bundled.sort());
  });

  it('are there for every hard path of a discovery', () => {
    assert.deepEqual(pathsNotTaken([...recorded.values()]), []);
  });

  it('hold no credential, payloads included', () => {
    for (const [name, history] of recorded)
      for (const text of textsIn(history)) assert.deepEqual(credentialsIn(text), [], name);
  });

  it('tell nothing of the machine that recorded them', async () => {
    for (const name of recorded.keys()) {
      const text = await readFile(`${HISTORIES}${name}.json`, 'utf8');
      assert.doesNotMatch(text, /\d@|\/(?:home|tmp|work|Users)\//, name);
    }
  });

  it('fit the workflows of the build', async () => {
    assert.deepEqual(await replay(BUNDLE, recorded), {});
  });

  it('do not fit workflows that do things in another order', async () => {
    // The command is handed over one step later: after the settings were read.
    const altered = await alterBuild('workflows/excludeAccount.js', (source) =>
      source
        .replace('await submitToAccount(', '(await readSettings(), submitToAccount)(')
        .replace('const { row, from } = ', 'const { row, from } = await ')
        .replace(/^import /m, "import { readSettings } from './activities.js';\nimport "),
    );
    try {
      const broken = await replay(`${altered.lib}/workflow-bundle.js`, recorded);
      assert.deepEqual(Object.keys(broken), ['exclude']);
      assert.match(broken['exclude'] ?? '', /nondeterminism/i);
    } finally {
      await altered.remove();
    }
  });
});
