import { DescribeStackSetCommand } from '@aws-sdk/client-cloudformation';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { strict as assert } from 'node:assert';
import { SECRET_MARKER } from '../sandbox/credentials.ts';
import { clientsOf, refuses, withSandbox } from './sandboxClients.ts';

const readRole = (id: string): string => `arn:aws:iam::${id}:role/demo-PoloReadRole`;
const actionRole = (id: string): string => `arn:aws:iam::${id}:role/polo-action-role`;

const assume = (sts: STSClient, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}) =>
  sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'polo-verify', DurationSeconds: 900, ...more }));

describe('sandbox: STS', () => {
  it(
    'lets the hub into exactly the roles that its accounts are said to have',
    withSandbox({}, async ({ sts, accounts }) => {
      for (const { id, state, roles, expected } of await accounts()) {
        for (const [arn, condition] of [[readRole(id), roles.read] as const, [actionRole(id), roles.action] as const]) {
          const usable = ['ACTIVE', 'PENDING_CLOSURE'].includes(state ?? '') && condition === 'works';
          if (usable) await assume(sts, arn);
          else await refuses(assume(sts, arn), 'AccessDenied', 403);
        }
        assert.equal(
          expected?.polo_status === 'active',
          state !== 'SUSPENDED' && state !== 'CLOSED' && roles.read === 'works',
        );
      }
    }),
  );

  it(
    'refuses unknown accounts and roles in one and the same sentence',
    withSandbox({}, async ({ sts, named }) => {
      const other = `arn:aws:iam::${(await named('polo')).id}:role/other`;
      for (const arn of [readRole('999999999999'), other]) {
        await assert.rejects(assume(sts, arn), {
          name: 'AccessDenied',
          message: new RegExp(
            `^User: arn:aws:sts::.* is not authorized to perform: sts:AssumeRole on resource: ${arn}$`,
          ),
        });
      }
    }),
  );

  it(
    'demands the external id of the sandbox, or of the account',
    withSandbox({ externalId: 'right:id' }, async ({ sts, named, patch }) => {
      const { id } = await named('polo');
      await assume(sts, readRole(id), { ExternalId: 'right:id' });
      await refuses(assume(sts, readRole(id), { ExternalId: 'wrong:id' }), 'AccessDenied', 403);
      await refuses(assume(sts, readRole(id)), 'AccessDenied', 403);
      await patch(id, { externalId: 'its-own' });
      await refuses(assume(sts, readRole(id), { ExternalId: 'right:id' }), 'AccessDenied', 403);
      assert.equal((await named('polo')).expected?.polo_status, 'no_access');
      await patch(id, { externalId: null });
      await assume(sts, readRole(id));
    }),
  );

  it(
    'validates as AWS does',
    withSandbox({}, async ({ sts, named }) => {
      const arn = readRole((await named('polo')).id);
      await refuses(assume(sts, 'arn:aws:iam::12:role/too-short-an-id'), 'ValidationError', 400);
      await refuses(assume(sts, 'bogus'), 'ValidationError', 400);
      await refuses(assume(sts, arn, { RoleSessionName: 'x' }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { RoleSessionName: 'account/1' }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { DurationSeconds: 899 }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { DurationSeconds: 43_201 }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { DurationSeconds: 3601 }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { ExternalId: 'with space' }), 'ValidationError', 400);
      await refuses(assume(sts, arn, { Policy: '{' }), 'MalformedPolicyDocumentException', 400);
      await refuses(assume(sts, arn, { Policy: ' '.repeat(2049) }), 'ValidationError', 400);
    }),
  );

  it(
    'hands out credentials that look real, can be searched for and tell who they are',
    withSandbox({}, async ({ url, sts, named }) => {
      const { id } = await named('polo');
      const { Credentials, AssumedRoleUser } = await assume(sts, readRole(id));
      assert.ok(Credentials);
      assert.match(Credentials.AccessKeyId ?? '', /^ASIA[0-9A-Z]{16}$/);
      assert.equal(Credentials.SecretAccessKey?.length, 40);
      assert.ok(Credentials.SecretAccessKey.startsWith(SECRET_MARKER));
      assert.ok(Credentials.Expiration instanceof Date);
      const chained = clientsOf(url, credentialsOf(Credentials));
      const identity = await chained.sts.send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Account, id);
      assert.equal(identity.Arn, AssumedRoleUser?.Arn);
      await refuses(assume(chained.sts, actionRole(id)), 'AccessDenied', 403);
    }),
  );

  it(
    'gives credentials no power beyond their session policy',
    withSandbox({ roles: ['polo-organization'] }, async ({ url, sts, accounts }) => {
      const arn = `arn:aws:iam::${(await accounts())[0]?.id}:role/polo-organization`;
      const Policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
      const { organizations } = clientsOf(url, credentialsOf((await assume(sts, arn, { Policy })).Credentials));
      await refuses(organizations.send(new ListAccountsCommand({})), 'AccessDeniedException', 400);
    }),
  );

  it(
    'lets a hub that is not entitled come in through a configured role',
    withSandbox({ hub: 'member', roles: ['polo-organization'] }, async ({ url, sts, accounts, named }) => {
      const arn = `arn:aws:iam::${(await accounts())[0]?.id}:role/polo-organization`;
      const chained = clientsOf(url, credentialsOf((await assume(sts, arn)).Credentials));
      assert.ok((await chained.organizations.send(new ListAccountsCommand({}))).Accounts?.length);
      await chained.cloudFormation.send(new DescribeStackSetCommand({ StackSetName: 'demo-polo-roles' }));
      await assume(chained.sts, readRole((await named('payments-production')).id));
    }),
  );

  it(
    'knows no credentials that only look like its own',
    withSandbox({}, async ({ url }) => {
      const forged = clientsOf(url, { accessKeyId: 'ASIASANDBOX000000000', sessionToken: 'SANDBOXTOKENe30=' });
      await refuses(forged.sts.send(new GetCallerIdentityCommand({})), 'InvalidClientTokenId', 403);
      await refuses(forged.organizations.send(new ListAccountsCommand({})), 'UnrecognizedClientException', 400);
    }),
  );
});

const credentialsOf = (
  issued: { AccessKeyId?: string | undefined; SessionToken?: string | undefined } | undefined,
) => ({
  accessKeyId: issued?.AccessKeyId,
  sessionToken: issued?.SessionToken,
});
