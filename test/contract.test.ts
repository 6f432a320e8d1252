/** `polo-accounts/contract` as another team gets it: from the packed package, installed into an empty project. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { blocksIn, read } from './support/documents.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** A collector of another team, and a workflow of theirs that has Polo run it. */
const COLLECTOR = `
import { ApplicationFailure, executeChild } from '@temporalio/workflow';
import {
  ACCOUNT_ACCESS_DENIED,
  accountWorkflowId,
  onboardWorkflowId,
  POLO_STATUSES,
  TASK_QUEUE,
  type CollectAcrossAccountsInput,
  type CollectAcrossAccountsResult,
  type CollectorInput,
  type PoloStatus,
} from 'polo-accounts/contract';

export async function collectCosts({ account, input }: CollectorInput<{ month: string }>): Promise<string> {
  if (account.readRoleArn === '') throw ApplicationFailure.nonRetryable('no role', ACCOUNT_ACCESS_DENIED);
  const status: PoloStatus = POLO_STATUSES[0];
  return [accountWorkflowId(account.accountId), onboardWorkflowId(account.accountId), input?.month, status].join();
}

export async function collectAll(month: string): Promise<number> {
  const order: CollectAcrossAccountsInput = { workflowType: 'collectCosts', taskQueue: 'costs', input: { month } };
  const result: CollectAcrossAccountsResult = await executeChild('collectAcrossAccounts', {
    taskQueue: TASK_QUEUE,
    args: [order],
  });
  // @ts-expect-error an account id is text
  order.include = { accountIds: [42] };
  return result.failures.length + (result.results?.length ?? 0);
}
`;

/** What docs/collectors.md shows of such a workflow. */
const [{ text: DOCUMENTED } = { text: '' }] = blocksIn(read('docs/collectors.md'), 'in-typescript').filter(
  ({ language }) => language === 'ts',
);

const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

describe('the packed package', function () {
  this.timeout(300_000);
  this.slow(60_000);
  const project = mkdtempSync(join(tmpdir(), 'polo-contract-'));
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const options = { cwd: project, maxBuffer: 50_000_000 };
    try {
      return (await promisify(execFile)(command, args, options)).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return assert.fail(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
    }
  };
  const write = (file: string, content: string | object): void =>
    writeFileSync(join(project, file), typeof content === 'string' ? content : JSON.stringify(content));

  let packed: string[];

  before(async () => {
    mkdirSync(join(project, 'workflows'));
    write('package.json', { name: 'collector', version: '1.0.0', private: true, type: 'module' });
    write('workflows/index.ts', COLLECTOR);
    write('workflows/documented.ts', DOCUMENTED);
    const [tarball] = JSON.parse(await run('npm', 'pack', root, '--json', '--ignore-scripts')) as [
      { filename: string; files: { path: string }[] },
    ];
    packed = tarball.files.map(({ path }) => path);
    const needless = ['--ignore-scripts', '--omit=optional', '--omit=peer', '--no-audit', '--no-fund'];
    await run('npm', 'install', '--prefer-offline', ...needless, `./${tarball.filename}`);
  });
  after(() => rmSync(project, { recursive: true, force: true, maxRetries: 5 }));

  it('has all that runs, the registry, the runbook and the documentation, and nothing else', () => {
    for (const file of [
      'lib/domain/contract.js',
      'lib/domain/contract.d.ts',
      'lib/domain/collectorContract.js',
      'lib/domain/collectorContract.d.ts',
      'lib/domain/reportContract.js',
      'lib/domain/reportContract.d.ts',
      'lib/registry/2-aws-accounts.sql',
      'lib/workflow-bundle.js',
      'lib/worker/main.js',
      'lib/client/main.js',
      'operations/failures.md',
      'docs/collectors.md',
    ]) {
      assert.ok(packed.includes(file), `${file} is missing`);
    }
    const others = packed.filter((file) => !/^(lib|operations|docs)\//.test(file));
    assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json']);
    assert.deepEqual(
      packed.filter((file) => /^lib\/(test|node_modules|infra)\//.test(file)),
      [],
    );
  });

  it('exports a contract that imports nothing but its own files', () => {
    const parts = ['collectorContract', 'doctorContract', 'registryContract', 'reportContract'];
    for (const file of ['contract', ...parts]) {
      const code = readFileSync(join(project, `node_modules/polo-accounts/lib/domain/${file}.js`), 'utf8');
      const imported = [...code.matchAll(/^(?:import|export)\b.* from ["'](.+)["']/gm)].map(([, from]) => from);
      assert.deepEqual(imported, file === 'contract' ? parts.map((part) => `./${part}.js`) : []);
      assert.doesNotMatch(code, /\b(require|import)\(/);
    }
  });

  it('exports nothing else', async () => {
    const attempt = "import('polo-accounts/lib/domain/contract.js').catch((error) => console.log(error.code))";
    assert.equal((await run(process.execPath, '-e', attempt)).trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    const check = (compilerOptions: object, file: string): Promise<string> => {
      const strict = { target: 'es2022', lib: ['es2023'], types: [], strict: true, noEmit: true };
      write('tsconfig.json', { compilerOptions: { ...strict, ...resolution, ...compilerOptions }, files: [file] });
      return run(process.execPath, compiler);
    };

    it(`type-checks a collector, strictly, with module resolution ${name}`, () =>
      check({ skipLibCheck: true }, 'workflows/index.ts'));

    it(`type-checks what the documentation shows, with module resolution ${name}`, () =>
      check({ skipLibCheck: true }, 'workflows/documented.ts'));

    it(`declares what is sound by itself, with module resolution ${name}`, () => {
      write('contract.ts', "export * from 'polo-accounts/contract';");
      return check({}, 'contract.ts');
    });
  }

  it('bundles into the workflows of a collector', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(project, 'workflows/index.ts'),
      logger: new DefaultLogger('WARN'),
    });
    assert.match(code, /AccountAccessDenied/);
    assert.doesNotMatch(code, /node_modules\/(zod|@aws-sdk)/);
  });
});
