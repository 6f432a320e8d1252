/**
 * The templates as they were reviewed: a difference is a change of rights. `npm run snapshots` writes them anew; what it
 * changes belongs into the review.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { deployedBy, PRODUCTION, STAGING, templatesOf } from './environments.ts';

const FOLDER = new URL('snapshots/', import.meta.url);

/** All templates by the name of their file; that of a StackSet stands beside its stack, where it can be read. */
const templates = (): Record<string, string> => {
  const files: Record<string, unknown> = {};
  for (const [stack, template] of Object.entries(templatesOf(PRODUCTION, STAGING))) {
    files[`${stack}.json`] = template;
    if (!stack.endsWith('-stack-set')) continue;
    const readable = structuredClone(template);
    Object.assign(readable.Resources['StackSet']?.Properties ?? {}, { TemplateBody: `see ${stack}.member.json` });
    files[`${stack}.json`] = readable;
    files[`${stack}.member.json`] = deployedBy(template);
  }
  return Object.fromEntries(
    Object.entries(files).map(([file, content]) => [file, `${JSON.stringify(content, undefined, 2)}\n`]),
  );
};

describe('the templates', () => {
  it('are as they were reviewed', () => {
    const made = templates();
    assert.equal(Object.keys(made).length, 10);
    if (process.env['POLO_WRITE_SNAPSHOTS'] === '1') {
      rmSync(FOLDER, { recursive: true, force: true });
      mkdirSync(FOLDER);
      for (const [file, content] of Object.entries(made)) writeFileSync(new URL(file, FOLDER), content);
    }
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(made).sort());
    for (const [file, content] of Object.entries(made)) {
      assert.equal(content, readFileSync(new URL(file, FOLDER), 'utf8'), `${file} differs: npm run snapshots`);
    }
  });
});
