/** Names that worker, sandbox and infrastructure must agree on stand in one file: no other source spells them. */
import assert from 'node:assert/strict';
import ts from 'typescript';
import {
  ACTION_ROLE_NAME,
  organizationRoleName,
  readRoleName,
  roleArn,
  stackSetName,
  workerRoleName,
} from '../../domain/names.ts';
import { filesBelow, read } from '../support/documents.ts';

/** What is in a name beside the environment, and how the ARN of a role goes on after the account. */
const PARTS = [
  ...[readRoleName, stackSetName, workerRoleName, organizationRoleName].map((name) => name('')),
  ACTION_ROLE_NAME,
  roleArn('aws', '', '').split(':').slice(-1).join(),
].map((part) => (part.startsWith('role') ? `:${part}` : part));

/** The texts in a source: those in quotes, and the fixed parts of templates. Comments are none. */
const textsIn = (source: string): string[] => {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
  return found;
};

const spelledIn = (source: string): string[] =>
  textsIn(source).filter((text) => PARTS.some((part) => text.includes(part)));

describe('names of roles and StackSets', () => {
  const sources = filesBelow('', '.ts').filter((file) => !/(^|\/)test\//.test(file));

  it('are spelled in domain/names.ts only', () => {
    assert.deepEqual(PARTS, [
      '-PoloReadRole',
      '-polo-roles',
      '-polo-worker',
      '-polo-organization',
      'polo-action-role',
      ':role/',
    ]);
    assert.equal(spelledIn(read('domain/names.ts')).length, 5);
    const spelled = sources.flatMap((file) =>
      file === 'domain/names.ts' ? [] : spelledIn(read(file)).map((text) => `${file}: ${text}`),
    );
    assert.deepEqual(spelled, []);
  });

  it('are taken from there by worker, sandbox and infrastructure', () => {
    const users = sources.filter((file) => /from '[./]+(domain\/)?names\.ts'/.test(read(file)));
    for (const folder of ['activities/', 'sandbox/', 'infra/polo/lib/']) {
      assert.ok(
        users.some((file) => file.startsWith(folder)),
        folder,
      );
    }
  });

  it('would be found elsewhere', () => {
    assert.equal(spelledIn('const role = `${env}-PoloReadRole`; // -polo-roles').length, 1);
    assert.equal(spelledIn("const arn = 'arn:aws:iam::1:role/x';").length, 1);
  });
});
