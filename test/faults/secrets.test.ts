/** No secret may reach a log or a workflow history, whatever fails: both are kept, and read by many. */
import assert from 'node:assert/strict';
import type { OnboardAccountsResult } from '../../domain/contract.ts';
import { idsByName, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { histories, textsIn } from '../support/histories.ts';
import { endOperationsSoon, newAccount, onboard } from '../support/onboarding.ts';
import { leaksIn, SECRETS, WRONG_PASSWORD } from '../support/secrets.ts';
import { until, untilCalls } from '../support/waiting.ts';

/** AWS repeats the request that it could not check, and values that it does not like. */
const ECHO = `The Canonical String was 'x-amz-security-token:SANDBOXTOKEN0 ${SECRETS.secretKey} ${SECRETS.accessKey}/ASIASANDBOX0'`;

const DISLIKED = { code: 'ValidationError', message: `Value '${SECRETS.externalId}' at 'externalId'` };

describe('secrets', function () {
  this.timeout(600_000);
  let polo: PoloOnServer;

  before(async () => {
    polo = await startPoloOnServer({ accounts: 8, worker: false });
    const { managementAccountId } = await polo.control<{ managementAccountId: string }>('GET', '/settings');
    const role = `arn:aws:iam::${managementAccountId}:role/organization-reader`;
    await polo.control('PATCH', '/settings', { roles: { [role]: 'works' } });
    const environment = { POLO_ORGANIZATION_ROLE_ARN: role, LOG_LEVEL: 'debug' };
    const worker = await polo.startWorker(environment);

    assert.equal((await polo.discover()).complete, true);
    const idOf = await idsByName(polo);
    await polo.change(idOf('polo'), {
      assumeRole: { effect: 'error', code: 'SignatureDoesNotMatch', message: ECHO },
    });
    await polo.change(idOf('data-platform-production'), {
      assumeRole: { effect: 'error', ...DISLIKED },
    });
    const failed = await polo.discover();
    assert.deepEqual(
      failed.failures.map(({ code }) => code),
      ['VerificationInvalid'],
    );
    for (const effect of [
      { effect: 'error', code: 'InvalidSignatureException', message: ECHO },
      { effect: 'expire_token' },
    ]) {
      await polo.faults({ rules: [{ service: 'organizations', ...effect }] });
      await assert.rejects(polo.discover(), /^Error: HubCredentials/);
    }
    await polo.faults({});
    await onboardWell();
    await onboardBadly();
    await discoverWithoutClickHouse();
    await worker.signal('SIGTERM');
    // A worker without credentials yet has to assume the organization's role first.
    await polo.faults({ rules: [{ roleName: 'organization-reader', effect: 'error', ...DISLIKED }] });
    await polo.startWorker({ ...environment, POLO_TIME_SCALE: '0.005' });
    await assert.rejects(polo.discover(), /^Error: OrganizationsUnavailable: .*\(external id\)/);
    await polo.faults({});
    const refused = await polo.startWorker({ CLICKHOUSE_PASSWORD: WRONG_PASSWORD }, false);
    assert.notEqual(await refused.ended, 0);
    assert.match(await refused.log(), /RegistryRejected|Authentication|CLICKHOUSE_PASSWORD/);
  });
  after(() => polo.stop());

  /** What the client says of a connection that broke, and of a server that does not answer. */
  const discoverWithoutClickHouse = async (): Promise<void> => {
    await polo.faults({ rules: [{ service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: 500 }] });
    await polo.control('DELETE', '/calls');
    const discovery = polo.discover();
    await untilCalls(polo, 'sts.AssumeRole', 1);
    await polo.clickhouse.kill();
    await until(async () => (await polo.logs()).includes('no answer from ClickHouse') || undefined);
    await polo.clickhouse.start();
    await discovery;
    await polo.faults({});
  };

  /** CloudFormation is called by the assumed role as well. */
  const onboardWell = async (): Promise<void> => {
    await endOperationsSoon(polo);
    const accountId = await newAccount(polo);
    assert.equal((await onboard(polo, accountId)).outcome, 'promoted');
    assert.equal((await onboard(polo, accountId)).outcome, 'already_active');
    const { requested, active } = await polo.run<OnboardAccountsResult>('onboardAccounts', {
      accountIds: [accountId, await newAccount(polo)],
    });
    assert.deepEqual([requested, active], [2, 2]);
  };

  /** AWS repeats what it was asked, also where it refuses to deploy. The external id is a parameter of the StackSet. */
  const onboardBadly = async (): Promise<void> => {
    const said = `Value '${SECRETS.externalId}' of parameter ExternalId`;
    const operation = 'CreateStackInstances';
    for (const [code, rule] of [
      ['HubCredentials', { operation, effect: 'error', code: 'InvalidSignatureException', message: ECHO }],
      ['HubCredentials', { service: 'cloudformation', effect: 'expire_token' }],
      ['StackSetRejected', { operation, effect: 'error', code: 'ValidationError', message: said }],
    ] as const) {
      await polo.faults({ rules: [rule] });
      await assert.rejects(onboard(polo, await newAccount(polo)), new RegExp(`^Error: ${code}`));
    }
    await polo.faults({ instances: [{ detailedStatus: 'FAILED', statusReason: said }] });
    await assert.rejects(onboard(polo, await newAccount(polo)), /^Error: OperationFailed: .*of parameter ExternalId/);
    await polo.faults({});
  };

  it('are in no log of a worker', async () => {
    const logs = await polo.logs();
    assert.match(logs, /InvalidSignatureException/, 'the failures are in the logs, or nothing is proven');
    assert.match(logs, /no answer from ClickHouse/, 'what the client of ClickHouse says as well');
    assert.deepEqual(leaksIn(logs), []);
  });

  it('are in no history of a workflow, failed ones included', async () => {
    const seen = new Set<string>();
    for await (const { workflow, history } of histories(polo.client)) {
      seen.add(`${workflow.type} ${workflow.status.name}`);
      for (const text of textsIn(history)) {
        if (text.includes('payments-production')) seen.add('names of accounts');
        assert.deepEqual(leaksIn(text), [], workflow.workflowId);
      }
    }
    for (const wanted of [
      'names of accounts',
      'discoverAccounts COMPLETED',
      'discoverAccounts FAILED',
      'account FAILED',
      'discoverBatch COMPLETED',
      'onboardAccount COMPLETED',
      'onboardAccount FAILED',
      'onboardAccounts COMPLETED',
    ]) {
      assert.ok(seen.has(wanted), wanted);
    }
  });

  it('are in no table', async () => {
    for (const lines of Object.values(await polo.written())) assert.deepEqual(leaksIn(lines.join('\n')), []);
  });
});
