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
    for (const [name, value] of Object.entries(defaults)) {
      if (name === 'POLO_ENV' || !['string', 'number'].includes(typeof value) || value === '') continue;
      const [, stated = ''] = new RegExp(`^\\|.*\`${name}\`[^|]*\\|([^|]*)`, 'm').exec(table) ?? [];
      assert.ok(stated.includes(`\`${String(value)}\``), `${name}: expected ${String(value)}, got ${stated}`);
    }
  });
});
