/** The map in CONTRIBUTING.md is of the folders that are there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { blocksIn, read } from '../support/documents.ts';

const ROOT = new URL('../../', import.meta.url);

/** Folders that git doesn't hold, and those that tools look for. */
const UNMAPPED = /^(\..*|node_modules|lib|coverage)$/;

describe('the map in CONTRIBUTING.md', () => {
  const [tree] = blocksIn(read('CONTRIBUTING.md'), 'map');
  const lines = (tree?.text ?? '').trimEnd().split('\n');
  const mapped = new Map<string, string[]>();
  for (const line of lines) {
    const [, indent = '', name = ''] = /^( *)(\S+) {2,}\S/.exec(line) ?? [];
    if (indent === '') mapped.set(name, []);
    else [...mapped.values()].at(-1)?.push(name);
  }

  it('says of every line what is there', () => {
    for (const line of lines) assert.match(line, /^(?: {2})?[\w./]+ {2,}\S/);
  });

  it('has every folder of the repository', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(
      folders.map(({ name }) => name).filter((name) => !UNMAPPED.test(name)),
      [...new Set([...mapped.keys()].filter((name) => name.endsWith('/')).map((name) => name.split('/')[0]))].sort(),
    );
  });

  it('has all files of a folder, or none', () => {
    for (const [name, files] of mapped) {
      assert.ok(existsSync(new URL(name, ROOT)), name);
      if (files.length === 0) continue;
      const found = readdirSync(new URL(name, ROOT), { withFileTypes: true });
      const wanted = name === 'test/' ? found.filter((entry) => entry.isDirectory()) : found;
      assert.deepEqual(
        files.map((file) => file.replace('/', '')).sort(),
        wanted
          .map((entry) => entry.name)
          .filter((file) => !file.endsWith('.sql'))
          .sort(),
        name,
      );
    }
  });
});
