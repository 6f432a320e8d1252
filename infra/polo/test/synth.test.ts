/** The app as it is run: by the CDK command line, without an account, credentials or a way out. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRODUCTION, STAGING, templatesOf } from './environments.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

describe('cdk synth', function () {
  this.timeout(180_000);
  this.slow(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'polo-synth-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const synth = (context: Record<string, string>): Promise<{ code: number; stderr: string }> =>
    new Promise((resolve) => {
      const given = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
      const command = join(PACKAGE, 'node_modules/.bin/cdk');
      const env = {
        PATH: process.env['PATH'],
        HOME: folder,
        HTTP_PROXY: NOWHERE,
        HTTPS_PROXY: NOWHERE,
        AWS_EC2_METADATA_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      };
      const output = ['--quiet', '--output', join(folder, 'out')];
      execFile(command, ['synth', ...output, ...given], { cwd: PACKAGE, env }, (error, _stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stderr }),
      );
    });

  for (const context of [PRODUCTION, STAGING]) {
    it(`writes the templates of ${context.env}`, async () => {
      const { code, stderr } = await synth(context);
      assert.equal(code, 0, stderr);
      const out = join(folder, 'out');
      const written = readdirSync(out)
        .filter((file) => file.endsWith('.template.json'))
        .map((file) => [
          file.replace('.template.json', ''),
          JSON.parse(readFileSync(join(out, file), 'utf8')) as unknown,
        ]);
      assert.deepEqual(Object.fromEntries(written), templatesOf(context));
    });
  }

  it('says what is wrong with the context, and writes nothing', async () => {
    const { env, ...context } = PRODUCTION;
    const { code, stderr } = await synth({
      ...context,
      collectorRoleArns: 'arn:aws:iam::1:role/x',
      ownActionRole: 'true',
    });
    assert.ok(env && code !== 0);
    assert.match(stderr, /^ {2}env: expected .*, got nothing$/m);
    assert.match(stderr, /^ {2}collectorRoleArns: expected ARNs of IAM roles, .*, got "arn:aws:iam::1:role\/x"$/m);
    assert.match(stderr, /^ {2}ownActionRole: expected one of the keys /m);
    assert.doesNotMatch(stderr, /^ {4}at /m);
    assert.ok(
      !readdirSync(folder).includes('out') || !readdirSync(join(folder, 'out')).some((f) => f.includes('template')),
    );
  });
});
