/** The Python collector of docs/collectors.md, run as it stands there. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CollectAcrossAccountsResult } from '../domain/contract.ts';
import { isPolled } from '../local/temporal.ts';
import { startPolo, type Polo, type SandboxAccount } from './support/polo.ts';
import { pythonWith } from './support/python.ts';
import { temporalAddress } from './support/temporalServer.ts';
import { until } from './support/waiting.ts';

const DOCUMENT = readFileSync(new URL('../docs/collectors.md', import.meta.url), 'utf8');

/** The packages that the document says it was tested with. */
const packages = (): string[] => {
  const [, temporalio = '', boto3 = ''] = /tested with temporalio (\S+) and boto3 (\d+\.\d+\.\d+)/.exec(DOCUMENT) ?? [];
  return [`temporalio==${temporalio}`, `boto3==${boto3}`];
};

/** A thread of temporalio's core may outlive the interpreter, which then aborts after the script has said everything. */
const unlessAtItsEnd = (error: unknown): { stdout: string } => {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  if (/^Python runtime state: finalizing/m.test(stderr)) return { stdout };
  throw error;
};

describe('the Python collector of docs/collectors.md', function () {
  this.timeout(300_000);
  this.slow(30_000);
  let polo: Polo;
  let worker: ChildProcess;
  let logFile: string;
  let collect: () => Promise<CollectAcrossAccountsResult>;
  let organization: SandboxAccount[];
  let refusing: SandboxAccount;
  /** Active accounts that the collector does not leave out. */
  let meant: string[];

  before(async () => {
    const python = await pythonWith(packages());
    polo = await startPolo();
    const [, snippet = ''] = /^```python\n(.*?)^```$/ms.exec(DOCUMENT) ?? [];
    const script = join(polo.folder, 'collector.py');
    writeFileSync(script, snippet);
    const env = { ...polo.environment(), AWS_DEFAULT_REGION: 'us-east-1' };
    logFile = join(polo.folder, 'python.log');
    const log = openSync(logFile, 'a');
    worker = spawn(python, [script, 'worker'], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    collect = async () => {
      const { stdout } = await promisify(execFile)(python, [script, 'collect'], { env }).catch(unlessAtItsEnd);
      return JSON.parse(stdout) as CollectAcrossAccountsResult;
    };

    assert.equal((await polo.discover()).complete, true);
    organization = await polo.organization();
    const active = organization.filter(
      ({ expected, ou }) => expected.polo_status === 'active' && !ou.startsWith('/Sandbox'),
    );
    meant = active.map(({ id }) => id).sort();
    [refusing] = active as [SandboxAccount];
    await until(async () => (await isPolled(await temporalAddress(), 'cost-collector', polo.namespace)) || undefined);
  });
  after(async () => {
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    await polo.stop();
  });

  it('collects from every active account, and keeps the zeros that ids begin with', async () => {
    const { succeeded, failed, skippedAccounts, results = [] } = await collect();
    assert.deepEqual([succeeded, failed], [meant.length, 0], readFileSync(logFile, 'utf8'));
    assert.deepEqual(
      results.sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
      meant.map((accountId) => ({ accountId, result: { accountId, month: '2026-11' } })),
    );
    assert.ok(meant.some((id) => id.startsWith('00')));
    const names = skippedAccounts.map(({ accountName }) => accountName);
    assert.ok(names.includes('legacy-billing') && !names.includes('<script>alert("polo")</script>'));
    const rows = await polo.accounts();
    const scanned = rows.filter(({ last_successful_scan }) => last_successful_scan !== null);
    assert.deepEqual(scanned.map(({ account_id }) => account_id).sort(), meant);
  });

  it('reports that an account refuses it, whereupon Polo verifies the account', async () => {
    await polo.change(refusing.id, { roles: { read: 'refused' } });
    const { succeeded, failed, complete, failures, failedAccountIds } = await polo.run<CollectAcrossAccountsResult>(
      'CollectAllCosts',
      '2026-11',
      'all-costs',
      'cost-collector',
    );
    assert.deepEqual([succeeded, failed, complete, failedAccountIds], [meant.length - 1, 1, false, [refusing.id]]);
    const [failure] = failures;
    assert.deepEqual(
      [failure?.accountId, failure?.accountName, failure?.errorType],
      [refusing.id, refusing.name, 'AccountAccessDenied'],
    );
    assert.match(failure?.message ?? '', /An error occurred \(AccessDenied\) when calling the AssumeRole operation: /);
    await until(async () => (await polo.account(refusing.id)).polo_status === 'no_access' || undefined);
    const kinds = (await polo.history(refusing.id)).map(({ kind, actor }) => `${kind} by ${actor}`);
    assert.ok(kinds.includes('scan_failed by CollectCosts'), kinds.join());
  });
});
