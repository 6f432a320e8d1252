import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { WORKER_VARIABLES } from '../../variables.ts';

describe('README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const table = readme.slice(readme.indexOf('<!-- configuration -->'), readme.indexOf('The worker exits with'));
  const documented = [...table.matchAll(/^\| ((?:`[A-Z_…]+`(?:, )?)+)/gm)]
    .flatMap(([, names]) => [...(names ?? '').matchAll(/`([A-Z_]+)/g)].map(([, name]) => name ?? ''))
    .filter((name) => !name.startsWith('TEMPORAL_'));

  it('lists just the variables that the worker reads', () => {
    assert.deepEqual(documented.sort(), Object.keys(WORKER_VARIABLES.shape).sort());
  });

  it('states the defaults that the worker has', () => {
    const defaults = WORKER_VARIABLES.parse({ POLO_ENV: 'production' }) as Record<string, unknown>;
    for (const name of [
      'POLO_TASK_QUEUE',
      'AWS_REGION',
      'POLO_ACTION_ROLE_NAME',
      'POLO_STACK_SET_CALL_AS',
      'POLO_STS_RATE',
    ]) {
      assert.match(table, new RegExp(`^\\| \`${name}\`\\s+\\| \`${String(defaults[name])}\``, 'm'));
    }
  });
});
