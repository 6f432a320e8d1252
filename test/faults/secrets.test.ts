/** No secret may reach a log or a workflow history, whatever fails: both are kept, and read by many. */
import assert from 'node:assert/strict';
import { idsByName, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { histories, textsIn } from '../support/histories.ts';
import { SECRETS } from '../support/polo.ts';

const WRONG_PASSWORD = 'batterystaple';

/** The last three begin every credential that the sandbox hands out. */
const FORBIDDEN = [...Object.values(SECRETS), WRONG_PASSWORD, 'SANDBOXSECRET', 'ASIASANDBOX', 'SANDBOXTOKEN'];

/** AWS repeats the request that it could not check, and values that it does not like. */
const ECHO = `The Canonical String was 'x-amz-security-token:SANDBOXTOKEN0 ${SECRETS.secretKey} ASIASANDBOX0'`;

describe('secrets', function () {
  this.timeout(180_000);
  let polo: PoloOnServer;
  const leaksIn = (text: string): string[] =>
    FORBIDDEN.flatMap((secret) => {
      const at = text.indexOf(secret);
      return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + 50)];
    });

  before(async () => {
    polo = await startPoloOnServer({ accounts: 8, worker: false });
    const { managementAccountId } = await polo.control<{ managementAccountId: string }>('GET', '/settings');
    const role = `arn:aws:iam::${managementAccountId}:role/organization-reader`;
    await polo.control('PATCH', '/settings', { roles: { [role]: 'works' } });
    await polo.startWorker({ POLO_ORGANIZATION_ROLE_ARN: role, LOG_LEVEL: 'debug' });

    assert.equal((await polo.discover()).complete, true);
    const idOf = await idsByName(polo);
    await polo.change(idOf('polo'), {
      assumeRole: { effect: 'error', code: 'SignatureDoesNotMatch', message: ECHO },
    });
    await polo.change(idOf('data-platform-production'), {
      assumeRole: {
        effect: 'error',
        code: 'ValidationError',
        message: `Value '${SECRETS.externalId}' at 'externalId'`,
      },
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
    const refused = await polo.startWorker({ CLICKHOUSE_PASSWORD: WRONG_PASSWORD }, false);
    assert.notEqual(await refused.ended, 0);
    assert.match(await refused.log(), /RegistryRejected|Authentication|CLICKHOUSE_PASSWORD/);
  });
  after(() => polo.stop());

  it('are in no log of a worker', async () => {
    const logs = await polo.logs();
    assert.match(logs, /InvalidSignatureException/, 'the failures are in the logs, or nothing is proven');
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
    ]) {
      assert.ok(seen.has(wanted), wanted);
    }
  });

  it('are in no table', async () => {
    for (const lines of Object.values(await polo.written())) assert.deepEqual(leaksIn(lines.join('\n')), []);
  });
});
