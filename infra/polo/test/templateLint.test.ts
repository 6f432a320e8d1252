/** cfn-lint on every template. It doesn't look into a StackSet's template, so that is a file of its own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonWith } from '../../../test/support/python.ts';
import { deployedBy, PRODUCTION, STAGING, templatesOf } from './environments.ts';

/** What its command does; that has the path of another folder in it. */
const LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())';

interface Finding {
  Filename: string;
  Level: string;
  Message: string;
  Rule: { Id: string };
}

describe('cfn-lint', function () {
  this.timeout(300_000);
  let folder: string;
  let lint: (...files: string[]) => Promise<Finding[]>;
  before(async () => {
    const python = await pythonWith(['cfn-lint==1.58.0']);
    folder = mkdtempSync(join(tmpdir(), 'polo-templates-'));
    lint = (...files) =>
      new Promise((resolve, reject) => {
        execFile(
          python,
          ['-c', LINT, '--format', 'json', '--regions', 'us-east-1', '--', ...files],
          (error, stdout) => {
            // It ends with a number of its own for findings, and prints [] where there are none.
            if (stdout.startsWith('[')) resolve(JSON.parse(stdout) as Finding[]);
            else reject(error ?? new Error('cfn-lint said nothing'));
          },
        );
      });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, template: unknown): string => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(template));
    return file;
  };

  it('finds nothing in any template, those of the StackSets included', async () => {
    const files = Object.entries(templatesOf(PRODUCTION, STAGING)).flatMap(([stack, template]) => [
      write(stack, template),
      ...(stack.endsWith('-stack-set') ? [write(`${stack}.member`, deployedBy(template))] : []),
    ]);
    assert.equal(files.length, 10);
    assert.deepEqual(await lint(...files), []);
  });

  it('would find a misspelt action', async () => {
    const template = deployedBy(templatesOf(PRODUCTION)['production-polo-stack-set']);
    const broken = JSON.stringify(template).replace('ec2:StopInstances', 'ec2:StopInstance');
    const findings = await lint(write('broken', JSON.parse(broken)));
    assert.deepEqual([...new Set(findings.map(({ Rule }) => Rule.Id))], ['W3037']);
  });
});
