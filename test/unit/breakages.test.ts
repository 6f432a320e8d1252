/** The list of breakages is of what there is; whether their tests notice them is for `npm run test:breakages` to find out. */
import assert from 'node:assert/strict';
import ts from 'typescript';
import { BREAKAGES, occurrences, rowsOf } from '../breakages/list.ts';
import { read } from '../support/documents.ts';

/** Titles of the tests of a file, as its source has them. */
const titlesIn = (file: string): string[] => {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'it') {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (title && ts.isTemplateExpression(title)) titles.push(title.getText().slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
};

/** Whether a test runs workers of the build with a Temporal server. */
const runsWorkers = (file: string): boolean => /support\/(polo|discovery|onboarding|reports)\.ts'/.test(read(file));

describe('the list of breakages', () => {
  it('has at least twenty, each under a name of its own, and six that need a worker and a Temporal server', () => {
    assert.ok(BREAKAGES.length >= 20);
    assert.equal(new Set(BREAKAGES.map(({ name }) => name)).size, BREAKAGES.length);
    assert.deepEqual(
      BREAKAGES.filter(({ text, becomes }) => text === becomes),
      [],
    );
    assert.ok(BREAKAGES.filter(({ caughtBy }) => runsWorkers(caughtBy.file)).length >= 6);
  });

  it('names texts that stand in their files once', () => {
    const lost = BREAKAGES.filter(({ file, text }) => occurrences(read(file), text) !== 1);
    assert.deepEqual(
      lost.map(({ name, file, text }) => `${name}: ${file}: ${text}`),
      [],
    );
  });

  it('names tests that are there, once in their files', () => {
    const lost = BREAKAGES.filter(
      ({ caughtBy: { file, test } }) => titlesIn(file).filter((title) => title === test).length !== 1,
    );
    assert.deepEqual(
      lost.map(({ name, caughtBy: { file, test } }) => `${name}: ${file}: ${test}`),
      [],
    );
  });

  it('is told in docs/breakages.md, row by row (npm run test:breakages -- --table)', () => {
    const lines = read('docs/breakages.md').split('\n');
    const rows = lines.filter((line) => line.startsWith('| `')).map((line) => line.slice(2, -2).split(/ +\| +/));
    assert.deepEqual(
      rows.map((row) => row.map((cell) => cell.trim())),
      rowsOf(BREAKAGES),
    );
  });
});
