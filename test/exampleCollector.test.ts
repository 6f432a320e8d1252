/** examples/collector: its worker as its own process, and what it keeps of accounts. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ApplicationFailure } from '@temporalio/common';
import type { CollectAcrossAccountsResult, CollectedAccount } from '../domain/contract.ts';
import { readRoleName } from '../domain/names.ts';
import { createAccountClients, type AccountClients } from '../examples/collector/accountClients.ts';
import { createActivities } from '../examples/collector/activities.ts';
import { EXAMPLE } from '../local/collection.ts';
import { isPolled } from '../local/temporal.ts';
import { histories, textsIn } from './support/histories.ts';
import { startPolo, type Polo, type SandboxAccount } from './support/polo.ts';
import { credentialsIn, SECRETS } from './support/secrets.ts';
import { temporalAddress } from './support/temporalServer.ts';
import { until } from './support/waiting.ts';

const WORKER = fileURLToPath(new URL('../lib/examples/collector/worker.js', import.meta.url));

describe('the example collector', function () {
  this.timeout(120_000);
  this.slow(20_000);
  let polo: Polo;
  let worker: ChildProcess;
  let logFile: string;
  let active: SandboxAccount[];

  before(async () => {
    polo = await startPolo();
    assert.equal((await polo.discover()).complete, true);
    active = (await polo.organization()).filter(({ expected }) => expected.polo_status === 'active');
    logFile = join(polo.folder, 'collector.log');
    const log = openSync(logFile, 'a');
    const env = { ...polo.environment(), AWS_REGION: 'us-east-1' };
    worker = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    await until(async () => (await isPolled(await temporalAddress(), EXAMPLE.taskQueue, polo.namespace)) || undefined);
  });
  after(async () => {
    worker.kill('SIGKILL');
    await polo.stop();
  });

  const collect = (): Promise<CollectAcrossAccountsResult> =>
    polo.run('collectAcrossAccounts', { ...EXAMPLE, includeResults: true });

  it('is in each account as the read role, and says so when one refuses it; throttling only takes longer', async () => {
    const [refusing, throttled] = active as [SandboxAccount, SandboxAccount];
    await polo.change(refusing.id, { roles: { read: 'refused' } });
    const rule = { service: 'sts', operation: 'AssumeRole', accountId: throttled.id, effect: 'throttle', times: 5 };
    await polo.faults({ rules: [rule] });
    const { succeeded, failures, results = [] } = await collect();
    assert.deepEqual(
      failures.map(({ accountId, errorType }) => [accountId, errorType]),
      [[refusing.id, 'AccountAccessDenied']],
    );
    assert.match(failures[0]?.message ?? '', /^AccessDenied: User: .* is not authorized to perform: sts:AssumeRole/);
    assert.equal(succeeded, active.length - 1);
    for (const { accountId, result } of results) {
      const arn = `arn:aws:sts::${accountId}:assumed-role/${readRoleName('test')}/example-collector`;
      assert.deepEqual(result, { accountId, arn });
    }
  });

  it('leaves no credentials in Temporal or in its log', async () => {
    const texts = [readFileSync(logFile, 'utf8')];
    for await (const { history } of histories(polo.client)) texts.push(...textsIn(history));
    assert.deepEqual(texts.flatMap(credentialsIn), []);
    assert.ok(
      texts.some((text) => text.includes(`:role/${readRoleName('test')}`)),
      'the roles are there, or nothing is proven',
    );
  });

  it('ends in order on SIGTERM', async () => {
    worker.kill('SIGTERM');
    assert.deepEqual(await once(worker, 'exit'), [0, null]);
  });

  describe('in one process', () => {
    const environment = process.env;
    const account = ({ id }: SandboxAccount): CollectedAccount => ({
      accountId: id,
      accountName: '',
      orgUnit: '/',
      readRoleArn: `arn:aws:iam::${id}:role/${readRoleName('test')}`,
      externalId: SECRETS.externalId,
      partition: 'aws',
    });
    const assumed = async (): Promise<number> => {
      const { operations } = await polo.control<{ operations: Record<string, number> }>('GET', '/calls?recent=0');
      return operations['sts.AssumeRole'] ?? 0;
    };

    before(() => {
      process.env = { ...environment, ...polo.environment(), AWS_REGION: 'us-east-1' };
    });
    after(() => {
      process.env = environment;
    });

    it('keeps the clients of the accounts that were used last, and destroys none in use', async () => {
      const clients = createAccountClients(2);
      const accounts = active.slice(1, 5).map(account);
      const [a, b, c] = accounts as [CollectedAccount, CollectedAccount, CollectedAccount];
      const use = (used: CollectedAccount): Promise<STSClient> =>
        clients.use(used, async (client) => {
          await client.send(new GetCallerIdentityCommand());
          return client;
        });
      await Promise.all([...accounts, ...accounts].map(use));

      const oldest = await use(a);
      const older = await use(b);
      await use(c);
      const start = await assumed();
      assert.equal(await use(b), older);
      assert.equal(await assumed(), start);
      assert.notEqual(await use(a), oldest);
      assert.equal(await assumed(), start + 1);
      clients.destroy();
    });

    it('does not take one account for another', async () => {
      const [asked, answering] = active.slice(1, 3) as [SandboxAccount, SandboxAccount];
      const other = createAccountClients(1);
      const mixedUp: AccountClients = { ...other, use: (_, work) => other.use(account(answering), work) };
      const { readIdentity } = createActivities(mixedUp);
      await assert.rejects(
        new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(readIdentity, account(asked)),
        (error: ApplicationFailure) => {
          assert.equal(error.message, `expected to be in account ${asked.id}, got ${answering.id}`);
          return error.type === 'WrongAccount' && error.nonRetryable === true;
        },
      );
      other.destroy();
    });
  });
});
