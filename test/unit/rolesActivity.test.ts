/** What STS is asked when roles are tried, and how little of its answer is kept (design 4). */
import assert from 'node:assert/strict';
import type { AssumeRoleCommand, AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { MockActivityEnvironment } from '@temporalio/testing';
import PQueue from 'p-queue';
import { createRoleActivities, type VerifyRolesInput } from '../../activities/roles.ts';
import type { Verification } from '../../domain/status.ts';

const ACCOUNT = { accountId: '012345678901', partition: 'aws-us-gov', attempts: 1 };
const SECRETS = { AccessKeyId: 'ASIAKEY', SecretAccessKey: 'hush', SessionToken: 'hush', Expiration: new Date(0) };

describe('an attempt at the roles of an account', () => {
  const asked: AssumeRoleCommandInput[] = [];
  const sts = {
    send: ({ input }: AssumeRoleCommand) => {
      asked.push(input);
      return Promise.resolve({ Credentials: SECRETS });
    },
  } as unknown as STSClient;
  const names = { read: 'test-PoloReadRole', action: 'polo-action-role', externalId: 'external-id' };
  const { verifyRoles } = createRoleActivities(sts, new PQueue(), names);
  let answer: unknown;
  before(async () => {
    answer = await new MockActivityEnvironment().run(verifyRoles, ACCOUNT);
  });

  it('is at both of them, with the external id', () => {
    assert.deepEqual(asked.map(({ RoleArn, ExternalId }) => [RoleArn, ExternalId]).sort(), [
      ['arn:aws-us-gov:iam::012345678901:role/polo-action-role', 'external-id'],
      ['arn:aws-us-gov:iam::012345678901:role/test-PoloReadRole', 'external-id'],
    ]);
  });

  it('asks for the shortest credentials that there are, and for such that may do nothing', () => {
    for (const { DurationSeconds, Policy = '' } of asked) {
      assert.equal(DurationSeconds, 900);
      const { Statement } = JSON.parse(Policy) as { Statement: unknown };
      assert.deepEqual(Statement, [{ Effect: 'Deny', Action: '*', Resource: '*' }]);
    }
  });

  it('keeps nothing of them', () => {
    assert.deepEqual(answer, { read: { outcome: 'works' }, action: { outcome: 'works' } });
  });

  it('counts no answer within the time that it has as inconclusive, also while it waits for its turn', async () => {
    const line = new PQueue({ autoStart: false });
    const waiting = createRoleActivities(sts, line, names);
    const { read, action } = await new MockActivityEnvironment().run<
      [VerifyRolesInput],
      Verification,
      typeof waiting.verifyRoles
    >(waiting.verifyRoles, { ...ACCOUNT, within: 20 });
    assert.deepEqual([read.outcome, action?.outcome], ['inconclusive', 'inconclusive']);
  });
});
